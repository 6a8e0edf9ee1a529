import Foundation
import Ledger
import Minutes
import ServiceTestSupport
import Settings
import Testing
import Transcript

@testable import Pipeline

/// What a calendar tells, in the minutes that are written.
@Suite struct InvitationOutputTests {
    private let fixture: MeetingFixture
    private let start = Date(timeIntervalSince1970: 1_796_029_200)

    init() throws { fixture = try MeetingFixture() }

    /// A finished meeting with a calendar; it was received a day after it was held.
    private func meeting(start own: Date? = nil, times: Bool = true) async throws -> MeetingID {
        let meeting = try MeetingID("standup")
        let said = ["Ada", "Ben"].enumerated().map { number, speaker in
            Utterance(
                speaker: speaker, start: times ? Double(number) * 60 : nil,
                end: times ? Double(number) * 60 + 30 : nil,
                text: "we should now really come to a good end with this matter",
                source: .init(name: "s", line: number + 1))
        }
        _ = try fixture.ledger.accept(
            Delivery(
                meeting: meeting, name: "standup.txt", kind: .file, sha256: "s", byteCount: 1,
                format: "plainText",
                receivedAt: start + 86_400, meetingStart: own, utterances: said, endsMeeting: true))
        try await fixture.pipeline(ScriptedModel()).drain()
        var invitation = Invitation()
        (invitation.start, invitation.end, invitation.place) = (start, start + 3600, "Room 5")
        invitation.people = ["Holm, Ada", "Cara Lund"].compactMap {
            Invitation.Person(name: $0, address: nil)
        }
        try fixture.ledger.record(
            invitation, from: ReceivedFile(name: "standup.ics", sha256: "c", byteCount: 1), called: meeting,
            of: meeting)
        return meeting
    }

    private func document(_ meeting: MeetingID) async throws -> MinutesDocument {
        let writer = MinutesWriter(ledger: fixture.ledger, folder: fixture.folder)
        #expect(try await writer.write(meeting), "a calendar changes the minutes")
        return try #require(try await writer.document(of: meeting))
    }

    /// When its file came says nothing about when the meeting ended.
    @Test func itEndsAsLongAfterItsStartAsWasSpoken() async throws {
        let document = try await document(meeting())
        #expect(document.startedAt == start && document.endedAt == start + 90)
        #expect(document.place == "Room 5")
        #expect(document.invited?.map(\.name) == ["Holm, Ada", "Cara Lund"])
        #expect(document.invited?.map(\.spoke) == [true, false])
    }

    @Test func withoutTimesItEndsAsWasPlanned() async throws {
        let document = try await document(meeting(times: false))
        #expect(document.startedAt == start && document.endedAt == start + 3600)
    }

    @Test func aTranscriptsOwnStartStays() async throws {
        let document = try await document(meeting(start: start + 240))
        #expect(document.startedAt == start + 240)
    }

    /// A name that is put right is compared as it is shown.
    @Test func aRenamedSpeakerHasSpoken() async throws {
        let meeting = try await meeting()
        #expect(try fixture.ledger.renameSpeakers("Ben", to: "Cara Lund", in: meeting) == 1)
        #expect(try await document(meeting).invited?.map(\.spoke) == [true, true])
    }
}
