import Errors
import Foundation
import Glibc
import Ledger
import Logging
import Minutes
import Pipeline
import ServiceTestSupport
import Settings
import Summaries
import TestSupport
import Testing
import Transcript

@testable import StateFolder

/// What people put right in minutes, in real folders.
@Suite struct StateEditingTests {
    private let scratch: Scratch
    private let ledger: Ledger
    private let settings: Settings
    private let output: OutputFolder

    init() throws {
        scratch = try Scratch()
        settings = Settings(state: scratch.path + "/state", runtime: scratch.path + "/run")
        try FileManager.default.createDirectory(
            atPath: settings.folders.state, withIntermediateDirectories: true)
        ledger = try Ledger(path: settings.folders.ledger)
        output = try OutputFolder(path: settings.folders.output)
    }

    private static let said = [
        "We should really come to a good end with the house today.",
        "I will send the report to the city by Friday.",
        "It should be today that they come to a good end with the bridge.",
        "Speaker 2 is what they call me in this thing.",
    ]

    private func utterances(_ numbers: Range<Int>) -> [Utterance] {
        numbers.map {
            Utterance(
                speaker: "Speaker \($0 % 2 + 1)", start: Double($0) * 6, end: Double($0) * 6 + 5,
                text: Self.said[$0 % Self.said.count], source: SourcePosition(name: "w.txt", line: $0 + 1))
        }
    }

    private func deliver(_ numbers: Range<Int>, ends: Bool, to name: String = "weekly") throws -> MeetingID {
        let meeting = try MeetingID(name)
        _ = try ledger.accept(
            Delivery(
                meeting: meeting, name: "\(name).\(numbers.lowerBound).txt", kind: .file,
                chunkNumber: numbers.lowerBound, sha256: "\(name)\(numbers)", byteCount: 1,
                format: "plainText",
                receivedAt: .now, utterances: utterances(numbers), endsMeeting: ends))
        return meeting
    }

    private func pipeline() -> Pipeline {
        Pipeline(
            ledger: ledger, model: ScriptedModel(), writer: MinutesWriter(ledger: ledger, folder: output),
            policy: MeetingFixture.policy,
            logger: .init(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func keeper(_ pipeline: Pipeline? = nil) throws -> StateKeeper {
        try StateKeeper(settings: settings, ledger: ledger, pipeline: pipeline)
    }

    private func rename(
        _ name: String, _ newName: String, turns: [Int] = [], _ pipeline: Pipeline? = nil
    ) async throws -> Int? {
        try await keeper(pipeline).edit(
            MeetingID("weekly"), .rename(name: name, newName: newName, turns: turns, times: [])
        ).utteranceCount
    }

    /// All that people can see of a meeting.
    private func texts(_ meeting: MeetingID) throws -> [String] {
        try [output.markdownPath(of: meeting), output.jsonPath(of: meeting), output.htmlPath(of: meeting)].map
        {
            try String(contentsOfFile: $0, encoding: .utf8)
        }
    }

    private func expectSound() async throws {
        let report = try await StateCheck(settings: settings, repairing: false).run()
        #expect(report.isSound, "\(report.findings)")
    }

    @Test func minutesGetAnotherNameAtOnce() async throws {
        let meeting = try deliver(0..<12, ends: true)
        try await pipeline().drain()
        #expect(try texts(meeting).allSatisfy { $0.contains("Speaker 1") })
        #expect(try await rename("Speaker 1", "  Ada\n Okafor ") == 6)
        for text in try texts(meeting) {
            #expect(text.contains("Ada Okafor") && !text.contains("Speaker 1"))
            // Who says so says it.
            #expect(text.contains("Speaker 2"))
        }
        try await expectSound()
        let document = try JSONRenderer.read(try texts(meeting)[1])
        #expect(document.participants.map(\.name).sorted() == ["Ada Okafor", "Speaker 2"])

        #expect(try await rename("Speaker 2", "Ada Okafor") == 6)
        let merged = try JSONRenderer.read(try texts(meeting)[1])
        #expect(merged.participants.map(\.name) == ["Ada Okafor"])
        #expect(merged.participants.first?.utterances == 12 && merged.windows[0].speakers == ["Ada Okafor"])
        #expect(merged.items?.first { $0.kind == .action }?.owner == "Ada Okafor")
        try await expectSound()

        // Back again: to the byte, but for the time.
        #expect(try await rename("Speaker 2", "Speaker 2") == 6)
        #expect(try await rename("Ada Okafor", "Speaker 1") == 6)
        let back = try JSONRenderer.read(try texts(meeting)[1])
        #expect(back.participants.map(\.name).sorted() == ["Speaker 1", "Speaker 2"])
        await #expect(throws: ApplicationError.self) { _ = try await rename("nobody", "x") }
    }

    @Test func aSingleTurnGetsAnotherName() async throws {
        let meeting = try deliver(0..<12, ends: true)
        try await pipeline().drain()
        let owner = try JSONRenderer.read(try texts(meeting)[1]).items?.first { $0.kind == .action }
        let item = try #require(owner)
        #expect(item.owner == "Speaker 2")
        #expect(try await rename("Speaker 2", "Marta", turns: [item.citation.utterance]) == 1)
        let document = try JSONRenderer.read(try texts(meeting)[1])
        let shown = document.items?.first { $0.citation.utterance == item.citation.utterance }
        #expect(shown?.owner == "Marta" && shown?.citation.speaker == "Marta" && shown?.text == item.text)
        #expect(document.participants.first { $0.name == "Marta" }?.utterances == 1)
        try await expectSound()
    }

    /// While it runs, what is known of closed windows is shown in another way too.
    @Test func aMeetingThatRunsIsRenamed() async throws {
        let meeting = try deliver(0..<8, ends: false)
        let pipeline = pipeline()
        try await pipeline.drain()
        #expect(try await rename("Speaker 1", "Ada Okafor", pipeline) == 4)
        #expect(try texts(meeting).allSatisfy { $0.contains("Ada Okafor") && !$0.contains("Speaker 1") })
        _ = try deliver(8..<14, ends: true)
        try await pipeline.drain()
        #expect(try texts(meeting).allSatisfy { $0.contains("Ada Okafor") && !$0.contains("Speaker 1") })
        // A new process shows the same.
        try await expectSound()
    }

    @Test func aGivenNameIsErasedWithItsMeeting() async throws {
        let meeting = try deliver(0..<12, ends: true)
        try await pipeline().drain()
        _ = try await rename("Speaker 1", "Ada Okafor Secret")
        _ = try await rename("Speaker 2", "Marta Lind Secret", turns: [1])
        let traces = Traces(of: ["Ada Okafor Secret", "Marta Lind Secret"])
        #expect(!traces.found(below: settings.folders.state).isEmpty)
        _ = try await keeper().forget([meeting], by: "x", reason: "x")
        #expect(traces.found(below: settings.folders.state) == [])
    }

    @Test func aGivenNameIsReplacedWithItsPerson() async throws {
        let meeting = try deliver(0..<12, ends: true)
        try await pipeline().drain()
        _ = try await rename("Speaker 1", "Ada Okafor Secret")
        let outcome = try await keeper().forget(person: ["Ada Okafor Secret"], by: "x", reason: "x")
        #expect(
            outcome.left.count == 1 && outcome.left[0].contains("'Speaker 1' by the transcript of weekly"))
        #expect(Traces(of: ["Ada Okafor Secret"]).found(below: settings.folders.state) == [])
        #expect(try texts(meeting).allSatisfy { $0.contains("Person 1") && !$0.contains("Speaker 1") })
        try await expectSound()
    }

    @Test func namesComeBackWithABackup() async throws {
        let meeting = try deliver(0..<12, ends: true)
        try await pipeline().drain()
        _ = try await rename("Speaker 1", "Ada Okafor")
        let file = scratch.path + "/backup.db"
        _ = try StateBackup(settings: settings).write(to: file)
        let other = Settings(state: scratch.path + "/other", runtime: scratch.path + "/run")
        _ = try await StateBackup(settings: other).restore(from: file, replacing: false)
        #expect(
            try Ledger(path: other.folders.ledger).speakers(of: meeting).map(\.name) == [
                "Ada Okafor", "Speaker 2",
            ])
    }

    // MARK: - Items and titles

    private func action(_ meeting: MeetingID) throws -> MinutesItem? {
        try JSONRenderer.read(try texts(meeting)[1]).items?.first { $0.kind == .action }
    }

    @Test func anItemIsTickedOffAndATitleChanged() async throws {
        let meeting = try deliver(0..<8, ends: false)
        let pipeline = pipeline()
        try await pipeline.drain()
        let item = try #require(try action(meeting))
        let id = try #require(item.id)
        let keeper = try keeper(pipeline)
        #expect(try await keeper.edit(meeting, .tick(item: id, isDone: true)).item?.isDone == true)
        #expect(try action(meeting)?.isDone == true)
        #expect(try texts(meeting)[0].contains("- [x] **"))
        #expect(try texts(meeting)[2].contains("<li id=\"item-1\" class=\"done\">"))
        let edited = try await keeper.edit(meeting, .retitle(title: " The\nbridge "))
        #expect(edited.title == "The bridge")
        #expect(try texts(meeting)[0].hasPrefix("# The bridge\n"))
        // The meeting goes on, and ends; another process writes the same.
        _ = try deliver(8..<14, ends: true)
        try await pipeline.drain()
        #expect(try action(meeting)?.isDone == true && texts(meeting)[0].hasPrefix("# The bridge\n"))
        try await expectSound()
        let words = String(item.text.prefix(12))
        let taken = try await self.keeper().edit(meeting, .tick(item: id, isDone: false)).item
        #expect(taken?.text == item.text && taken?.isDone == nil)
        #expect(try action(meeting)?.isDone == nil && !texts(meeting)[0].contains("[x]"))
        await #expect(throws: ApplicationError.self) {
            _ = try await self.keeper().edit(meeting, .tick(item: words + "?", isDone: true))
        }
        try await expectSound()
    }

    // MARK: - Series

    @Test func whatIsOpenIsShownLaterAndGoesWhenItIsDone() async throws {
        let first = try deliver(0..<8, ends: true, to: "weekly-2026-11-21")
        let second = try deliver(0..<1, ends: true, to: "weekly-2026-11-28")
        try await pipeline().drain()
        let item = try #require(try action(first))
        let heading = "Still open from last time"
        #expect(try texts(second).filter { $0.contains(heading) }.count == 2)
        #expect(
            try texts(second)[0].contains("(../weekly-2026-11-21/minutes.html#u\(item.citation.utterance))"))
        #expect(try JSONRenderer.read(try texts(second)[1]).stillOpen?.map(\.meeting) == [first])
        #expect(try !texts(first)[0].contains(heading))
        try await expectSound()
        // Names that are put right in the earlier one are right in the later one.
        _ = try await keeper().edit(
            first, .rename(name: "Speaker 2", newName: "Ada Okafor", turns: [], times: []))
        #expect(try texts(second).allSatisfy { $0.contains("Ada Okafor") })
        try await expectSound()
        for open in try JSONRenderer.read(try texts(second)[1]).stillOpen ?? [] {
            _ = try await keeper().edit(first, .tick(item: try #require(open.item.id), isDone: true))
        }
        #expect(try texts(second).allSatisfy { !$0.contains(heading) && !$0.contains("Ada Okafor") })
        try await expectSound()
    }

    /// What is forgotten is not left in the minutes of a later meeting.
    @Test(arguments: [true, false])
    func whatIsForgottenIsNotCarriedOn(isRunning: Bool) async throws {
        let first = try deliver(0..<8, ends: true, to: "weekly-2026-11-21")
        let second = try deliver(0..<1, ends: !isRunning, to: "weekly-2026-11-28")
        let pipeline = pipeline()
        try await pipeline.drain()
        // Both had their turns at the same time, and nobody listens to hints here.
        await pipeline.writeEdited(second)
        let traces = Traces(of: [Self.said[1]])
        #expect(traces.found(below: output.path).contains { $0.hasPrefix("weekly-2026-11-28/") })
        let keeper = try keeper(isRunning ? pipeline : nil)
        _ = try await keeper.edit(
            first, .rename(name: "Speaker 2", newName: "Ada Okafor Secret", turns: [], times: []))
        let person = try await keeper.forget(person: ["Ada Okafor Secret"], by: "x", reason: "x")
        #expect(person.trouble == nil)
        #expect(Traces(of: ["Ada Okafor Secret"]).found(below: settings.folders.state) == [])
        #expect(try texts(second).allSatisfy { $0.contains("Person 1") })
        _ = try await keeper.forget([first], by: "x", reason: "x")
        #expect(traces.found(below: settings.folders.state) == [])
        #expect(try texts(second).allSatisfy { !$0.contains("Still open") })
        try await expectSound()
    }

    /// Also if the process died when the rows were gone, and the later minutes were not written again yet.
    @Test func whatWasInterruptedIsNotCarriedOn() async throws {
        let first = try deliver(0..<8, ends: true, to: "weekly-2026-11-21")
        let second = try deliver(0..<1, ends: true, to: "weekly-2026-11-28")
        try await pipeline().drain()
        let id = try ledger.askErasure(of: first, .meeting, by: "x", reason: "x")
        try ledger.eraseMeeting(id, files: 0)
        let traces = Traces(of: [Self.said[1]])
        #expect(traces.found(below: output.path).contains { $0.hasPrefix("weekly-2026-11-28/") })
        #expect(try await keeper().resume()?.erasures.map(\.state) == [.done])
        #expect(traces.found(below: settings.folders.state) == [])
        #expect(try texts(second).allSatisfy { !$0.contains("Still open") })
    }
    /// Nor in those of one that showed it until another meeting came between, of which nothing is recorded yet.
    @Test func whatWasShownBeforeAMeetingCameBetweenIsForgotten() async throws {
        let first = try deliver(0..<8, ends: true, to: "weekly-2026-11-01")
        for day in 10..<22 { _ = try deliver(0..<1, ends: true, to: "weekly-2026-11-\(day)") }
        try await pipeline().drain()
        // All had their turns at the same time, and nobody listens to hints here.
        let last = try MeetingID("weekly-2026-11-21")
        await pipeline().writeEdited(last)
        let traces = Traces(of: [Self.said[1]])
        #expect(traces.found(below: output.path).contains { $0.hasPrefix("weekly-2026-11-21/") })
        _ = try deliver(0..<1, ends: false, to: "weekly-2026-11-05")
        let outcome = try await keeper().forget([first], by: "x", reason: "x")
        #expect(outcome.trouble == nil)
        #expect(traces.found(below: settings.folders.state) == [])
        #expect(try !texts(last)[0].contains("../weekly-2026-11-01/"))
    }
    /// Minutes of a later meeting that cannot be written keep nothing else from being erased.
    @Test func laterMinutesThatCannotBeWrittenHoldNothingUp() async throws {
        let first = try deliver(0..<8, ends: true, to: "weekly-2026-11-14")
        let second = try deliver(0..<1, ends: true, to: "weekly-2026-11-21")
        let third = try deliver(0..<1, ends: true, to: "weekly-2026-11-28")
        try await pipeline().drain()
        // All had their turns at the same time, and nobody listens to hints here.
        for later in [second, third] { await pipeline().writeEdited(later) }
        let traces = Traces(of: [Self.said[1]])
        #expect(traces.found(below: output.path).contains { $0.hasPrefix("weekly-2026-11-28/") })
        let cache = try scratch.write("x", to: "state/cache/kv/weekly-2026-11-14.kv")
        let path = output.markdownPath(of: second)
        try FileManager.default.removeItem(atPath: path)
        try FileManager.default.createDirectory(atPath: path + "/x", withIntermediateDirectories: true)
        let outcome = try await keeper().forget([first], by: "x", reason: "x")
        #expect(outcome.trouble?.contains(second.name) == true && outcome.erasures.map(\.state) == [.erased])
        #expect(!FileManager.default.fileExists(atPath: output.path + "/" + first.name))
        #expect(!FileManager.default.fileExists(atPath: cache))
        #expect(try texts(third).allSatisfy { !$0.contains("Still open") })
        try FileManager.default.removeItem(atPath: path)
        #expect(try await keeper().resume()?.erasures.map(\.state) == [.done])
        #expect(traces.found(below: settings.folders.state) == [])
    }
    /// What one group may read is not carried into what another one reads.
    @Test func whatIsOpenStaysWithItsReaders() async throws {
        let group = geteuid() == 0 ? gid_t(65_534) : getegid()
        var settings = settings
        settings.output.group = try #require(
            ChoiceByKind("weekly-2026-11-21=\(group)", isValue: { !$0.contains("=") }))
        let first = try deliver(0..<8, ends: true, to: "weekly-2026-11-14")
        let board = try deliver(0..<8, ends: true, to: "weekly-2026-11-21")
        let last = try deliver(0..<1, ends: true, to: "weekly-2026-11-28")
        try await pipeline().drain()
        // As all of it is carried on where everybody reads the same.
        _ = try await keeper().edit(last, .retitle(title: "The bridge"))
        func carried(_ meeting: MeetingID) throws -> Set<MeetingID> {
            Set(try JSONRenderer.read(try texts(meeting)[1]).stillOpen?.map(\.meeting) ?? [])
        }
        #expect(try carried(last) == [first, board])
        let keeper = try StateKeeper(settings: settings, ledger: ledger)
        for meeting in [board, last] {
            _ = try await keeper.edit(meeting, .retitle(title: "The river"))
        }
        #expect(try carried(last) == [first] && carried(board) == [])
        #expect(try !texts(last).contains { $0.contains("weekly-2026-11-21") })
        let report = try await StateCheck(settings: settings, repairing: false).run()
        #expect(!report.findings.contains { $0.area == .minutes }, "\(report.findings)")
    }
}
