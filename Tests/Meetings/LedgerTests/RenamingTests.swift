import Foundation
import Summaries
import Testing
import Transcript

@testable import Ledger

/// Names that people put right lie over the transcript.
@Suite final class RenamingTests {
    private let temporary: TemporaryLedger
    private var ledger: Ledger { temporary.ledger }
    private let meeting: MeetingID

    init() throws {
        temporary = try TemporaryLedger()
        meeting = try MeetingID("standup")
        let said = ["Speaker 1", "Speaker 2", nil, "Speaker 1", "Speaker 3"].enumerated().map {
            Utterance(
                speaker: $1, start: Double($0) * 10 + 0.5, end: Double($0) * 10 + 9, text: "two words",
                source: SourcePosition(name: "standup.txt", line: $0 + 1))
        }
        _ = try temporary.ledger.accept(file("standup", chunk: 1, said))
    }

    private func shown() throws -> [String?] {
        let names = try ledger.shownNames(of: meeting)
        return try ledger.utterances(of: meeting, in: 0..<100).enumerated().map {
            names.name(of: $1.speaker, turn: $0)
        }
    }

    private func speakers() throws -> [String] {
        try ledger.speakers(of: meeting).map { "\($0.name) \($0.utterances) \($0.words)" }
    }

    @Test func aNameIsPutRightAndBack() throws {
        let before = try #require(try ledger.meeting(meeting))
        #expect(try ledger.renameSpeakers("Speaker 1", to: "Ada Okafor", in: meeting) == 2)
        #expect(try shown() == ["Ada Okafor", "Speaker 2", nil, "Ada Okafor", "Speaker 3"])
        #expect(try speakers() == ["Ada Okafor 2 4", "Speaker 2 1 2", "Speaker 3 1 2"])
        // What was received is as it was, and the minutes are to be written again.
        #expect(try ledger.utterances(of: meeting, in: 0..<1).first?.speaker == "Speaker 1")
        #expect(try #require(try ledger.meeting(meeting)).changedAt > before.changedAt)
        // What is said later belongs to the same person.
        _ = try ledger.accept(file("standup", chunk: 2, utterances(1, speaker: "Speaker 1", from: 60)))
        #expect(try shown().last == "Ada Okafor")
        try temporary.reopen()
        #expect(try ledger.renameSpeakers("Ada Okafor", to: "Ada", in: meeting) == 3)
        #expect(try ledger.renameSpeakers("Ada", to: "Speaker 1", in: meeting) == 3)
        #expect(try ledger.shownNames(of: meeting).isEmpty)
        #expect(try ledger.findings() == [])
    }

    @Test func twoWithOneNameAreOnePersonAndCanBeToldApartAgain() throws {
        _ = try ledger.renameSpeakers("Speaker 1", to: "Ada", in: meeting)
        #expect(try ledger.renameSpeakers("Speaker 3", to: "Ada", in: meeting) == 1)
        #expect(try speakers() == ["Ada 3 6", "Speaker 2 1 2"])
        #expect(try ledger.renameSpeakers("Ada", to: "Ada Okafor", in: meeting) == 3)
        #expect(try ledger.renameSpeakers("Speaker 3", to: "Speaker 3", in: meeting) == 1)
        #expect(try speakers() == ["Ada Okafor 2 4", "Speaker 2 1 2", "Speaker 3 1 2"])
    }

    @Test func twoChangePlaces() throws {
        _ = try ledger.renameSpeakers("Speaker 1", to: "x", in: meeting)
        _ = try ledger.renameSpeakers("Speaker 2", to: "Speaker 1", in: meeting)
        // Who is shown under a name is meant before whom the transcript calls so.
        #expect(try ledger.renameSpeakers("Speaker 1", to: "Ben", in: meeting) == 1)
        #expect(try shown() == ["x", "Ben", nil, "x", "Speaker 3"])
    }

    @Test func singleTurns() throws {
        #expect(try ledger.renameSpeakers("Speaker 1", to: "Marta", in: meeting, turns: [3]) == 1)
        #expect(try ledger.renameSpeakers("Speaker 3", to: "Marta", in: meeting, times: [40]) == 1)
        #expect(try ledger.renameSpeakers("", to: "Marta", in: meeting, times: [27]) == 1)
        #expect(try shown() == ["Speaker 1", "Speaker 2", "Marta", "Marta", "Marta"])
        #expect(try speakers() == ["Speaker 1 1 2", "Speaker 2 1 2", "Marta 3 6"])
        // They go with their name, and back to their label.
        #expect(try ledger.renameSpeakers("Marta", to: "Marta Lind", in: meeting) == 3)
        #expect(try ledger.renameSpeakers("Speaker 1", to: "Ada", in: meeting) == 1)
        #expect(try ledger.renameSpeakers("Marta Lind", to: "Ada", in: meeting, turns: [3, 3]) == 1)
        #expect(try shown() == ["Ada", "Speaker 2", "Marta Lind", "Ada", "Marta Lind"])
        #expect(try ledger.renameSpeakers("Marta Lind", to: "", in: meeting, turns: [2]) == 1)
        #expect(try shown()[2] == nil)
    }

    @Test func turnsThatNameNobodyGetAName() throws {
        #expect(try ledger.renameSpeakers("", to: "Marta", in: meeting) == 1)
        #expect(try speakers() == ["Speaker 1 2 4", "Speaker 2 1 2", "Marta 1 2", "Speaker 3 1 2"])
        #expect(try ledger.renameSpeakers("Marta", to: "", in: meeting) == 1)
        #expect(try ledger.shownNames(of: meeting).isEmpty)
    }

    @Test func whatIsNotThereIsRefused() throws {
        func message(_ body: () throws -> Void) -> String {
            let error = #expect(throws: LedgerError.self) { try body() }
            #expect(error?.code == .badEdit)
            return error?.message ?? ""
        }
        let nobody = message { _ = try ledger.renameSpeakers("Speaker 9", to: "x", in: meeting) }
        #expect(nobody.contains("its speakers are 'Speaker 1', 'Speaker 2', 'Speaker 3'"))
        let other = message { _ = try ledger.renameSpeakers("Speaker 1", to: "x", in: meeting, turns: [1]) }
        #expect(other.contains("turn 2 of meeting 'standup' is of 'Speaker 2', not of 'Speaker 1'"))
        #expect(
            message { _ = try ledger.renameSpeakers("Speaker 1", to: "x", in: meeting, turns: [5]) }
                .contains("has no turn 6: it has 5 so far"))
        #expect(
            message { _ = try ledger.renameSpeakers("Speaker 1", to: "x", in: meeting, times: [10]) }
                .contains("at 10 seconds of meeting 'standup': no turn of 'Speaker 1' is there"))
        #expect(
            message { _ = try ledger.renameSpeakers("Speaker 1", to: "", in: meeting) }.contains(
                "cannot lose"))
        // One of several that does not fit leaves all as they were.
        _ = message { _ = try ledger.renameSpeakers("Speaker 1", to: "x", in: meeting, turns: [0, 1]) }
        #expect(try ledger.shownNames(of: meeting).isEmpty)
        #expect(
            refusal { _ = try ledger.renameSpeakers("a", to: "b", in: MeetingID("nobody")) }
                == .unknownMeeting)
    }

    @Test func twoTurnsAtOneTimeAreAmbiguous() throws {
        _ = try ledger.accept(
            file("pair", [utterances(1, from: 5.2)[0], utterances(1, from: 5.7)[0]]))
        let error = #expect(throws: LedgerError.self) {
            _ = try ledger.renameSpeakers("Ada", to: "x", in: MeetingID("pair"), times: [5])
        }
        #expect(
            error?.message.contains("2 turns of 'Ada' are there: name them by their numbers, 1, 2") == true)
    }

    /// The name of a person who is forgotten may be one that was given by hand.
    @Test func aPersonIsReplacedInGivenNames() throws {
        _ = try ledger.renameSpeakers("Speaker 1", to: "Ada Okafor", in: meeting)
        _ = try ledger.renameSpeakers("Speaker 2", to: "Ada Okafor", in: meeting, turns: [1])
        #expect(try ledger.labels(shownAs: ["ada okafor"]).map(\.label) == ["Speaker 1"])
        let id = try ledger.askErasure(ofPerson: ["ada okafor"], by: "root (0)", reason: "asked for")
        #expect(try ledger.meetingsNaming(["ada okafor"]) == [meeting])
        _ = try ledger.replacePerson(["ada okafor"], in: meeting, of: id) { _, _ in "Person 1" }
        try ledger.finishReplacing(id)
        try ledger.rewrite()
        #expect(try shown() == ["Person 1", "Person 1", nil, "Person 1", "Speaker 3"])
        let data = try Data(contentsOf: URL(filePath: temporary.path))
        #expect(data.range(of: Data("Ada Okafor".utf8)) == nil)
    }

    @Test func namesGoWithTheirMeeting() throws {
        _ = try ledger.renameSpeakers("Speaker 1", to: "Ada Okafor Secret", in: meeting)
        _ = try ledger.renameSpeakers("Speaker 2", to: "Marta Lind Secret", in: meeting, turns: [1])
        let id = try ledger.askErasure(of: meeting, .meeting, by: "x", reason: "x")
        try ledger.eraseMeeting(id, files: 0)
        try ledger.rewrite()
        let data = try Data(contentsOf: URL(filePath: temporary.path))
        for name in ["Okafor Secret", "Lind Secret"] { #expect(data.range(of: Data(name.utf8)) == nil) }
        #expect(try ledger.findings() == [])
    }

    @Test func olderLedgersGetTheTables() throws {
        let path = try temporary.older(
            "11",
            """
            INSERT INTO meeting (name, calledName, createdAt, changedAt) VALUES ('m', 'm', 1, 1);
            INSERT INTO delivery (meeting, calledName, name, kind, byteCount, format, receivedAt, endsMeeting, state)
                VALUES (1, 'm', 's', 'socket', 1, 'text', 1, 0, 'closed');
            INSERT INTO utterance (meeting, sequence, delivery, speaker, text, sourceName, sourceLine, wordCount,
                wordsBefore) VALUES (1, 0, 1, 'Speaker 1', 'hello', 's', 1, 1, 0);
            """)
        let ledger = try Ledger(path: path)
        #expect(try ledger.renameSpeakers("Speaker 1", to: "Ada", in: MeetingID("m")) == 1)
        #expect(try ledger.speakers(of: MeetingID("m")).map(\.name) == ["Ada"])
    }
}
