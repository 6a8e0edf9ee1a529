import Foundation
import GRDB
import Language
import TestSupport
import Testing
import Transcript

@testable import Ledger

/// When and where meetings were to be, and who was invited.
@Suite final class InvitationTests {
    private let temporary: TemporaryLedger
    private var ledger: Ledger { temporary.ledger }
    private let standup: MeetingID

    init() throws {
        temporary = try TemporaryLedger()
        standup = try MeetingID("standup")
    }

    private func invitation(_ people: [String], place: String? = "Room 5", start: Date? = epoch) -> Invitation
    {
        var invitation = Invitation()
        (invitation.title, invitation.place) = ("Weekly", place)
        (invitation.start, invitation.end) = (start, start.map { $0 + 3600 })
        invitation.people = people.compactMap(Invitation.Person.init(mailbox:))
        return invitation
    }

    private func calendar(_ content: String, _ name: String = "standup.ics") -> ReceivedFile {
        ReceivedFile(name: name, sha256: content, byteCount: content.utf8.count)
    }

    private func accept(_ name: String, start: Date? = nil, ends: Bool = true, at time: Date = .now) throws {
        var delivery = try file(name, utterances(3), ends: ends)
        (delivery.meetingStart, delivery.receivedAt) = (start, time)
        _ = try ledger.accept(delivery)
    }

    @Test func whatIsKnownStaysAndPeopleAreAdded() throws {
        try accept("standup")
        try ledger.record(
            invitation(["Ada Holm <ada@example.org>"]), from: calendar("a"), called: standup, of: standup)
        var more = invitation(
            ["Holm, Ada <ada@example.org>", "Ben Reyes"], place: "Room 6", start: epoch + 60)
        more.people[0].hasDeclined = true
        try ledger.record(more, from: calendar("b"), called: standup, of: standup)
        let known = try ledger.invitation(of: standup)
        #expect(known.place == "Room 5" && known.start == epoch && known.end == epoch + 3600)
        #expect(known.people.map(\.name) == ["Ada Holm", "Ben Reyes"])
        #expect(known.people.map(\.hasDeclined) == [true, false])
        #expect(try ledger.meeting(standup)?.startedAt == epoch)
        #expect(try ledger.meeting(standup)?.title == "Weekly")
    }

    /// What a transcript says of its start counts more, whether it comes before or after the calendar.
    @Test(arguments: [true, false]) func aTranscriptsOwnStartCountsMore(comesFirst: Bool) throws {
        try accept("standup", start: comesFirst ? epoch + 120 : nil, ends: false)
        try ledger.record(invitation([]), from: calendar("a"), called: standup, of: standup)
        if !comesFirst {
            #expect(try ledger.meeting(standup)?.startedAt == epoch)
            let (id, _) = try ledger.begin(
                Delivery(
                    meeting: standup, name: "socket:1", kind: .socket, byteCount: 1, format: "text",
                    receivedAt: .now, utterances: utterances(1), endsMeeting: false))
            var part = DeliveryPart()
            part.meetingStart = epoch + 120
            _ = try ledger.record(part, of: id)
        }
        #expect(try ledger.meeting(standup)?.startedAt == epoch + 120)
        #expect(try ledger.invitation(of: standup).start == epoch)
    }

    /// Which meeting a calendar is about, and when that was.
    @Test func aCalendarIsAboutTheLatestMeetingOfItsName() throws {
        #expect(try ledger.calendarTarget(called: standup, at: epoch) == nil)
        try accept("standup", ends: false, at: epoch)
        #expect(try ledger.calendarTarget(called: standup, at: epoch + 1e7)?.meeting == standup, "it is open")
        _ = try ledger.end(standup)
        #expect(
            try ledger.calendarTarget(called: standup, at: epoch + 3600)?.moment
                == MeetingMoment(about: epoch))
        #expect(try ledger.calendarTarget(called: standup, at: epoch + 90_000) == nil, "too long ago")
        try ledger.record(invitation([]), from: calendar("a"), called: standup, of: standup)
        #expect(try ledger.calendarTarget(called: standup, at: epoch + 3600) == nil, "it has one")
        #expect(try ledger.meeting(ofCalendar: "a", called: standup) == standup)
        #expect(try ledger.meeting(ofCalendar: "b", called: standup) == nil)

        var dated = try file("weekly-2026-11-30", utterances(1))
        (dated.modifiedAt, dated.receivedAt) = (epoch - 500, epoch)
        _ = try ledger.accept(dated)
        let moment = try ledger.calendarTarget(called: MeetingID("weekly-2026-11-30"), at: epoch)?.moment
        #expect(moment == MeetingMoment(day: "2026-11-30", about: epoch - 500))
    }

    @Test func allOfItGoesWithItsMeeting() throws {
        try accept("standup")
        try ledger.record(
            invitation(["Zebedee Quillfeather <zq@example.org>"], place: "Quagmire Hall"),
            from: calendar("a"), called: standup,
            of: standup)
        #expect(
            try ledger.files(of: standup)?.received.map(\.name).sorted() == ["standup.ics", "standup.vtt"])
        #expect(try ledger.receivedFiles().map(\.file.name).contains("standup.ics"))
        #expect(try ledger.recordedDigests().contains("a"))
        let id = try ledger.askErasure(of: standup, .meeting, by: "x", reason: "x")
        try ledger.eraseMeeting(id, files: 2)
        try ledger.rewrite()
        for table in ["appointment", "invited", "calendar"] {
            #expect(try ledger.read { try Int.fetchOne($0, sql: "SELECT COUNT(*) FROM \(table)") } == 0)
        }
        #expect(
            Traces(of: ["Zebedee Quillfeather and the Quagmire Hall"]).found(below: temporary.folder.path)
                == [])
        #expect(try ledger.findings() == [])
    }

    /// By their name in any spelling, by their address, and in the place; the address goes with the name.
    @Test func aPersonIsForgottenAmongTheInvited() throws {
        for name in ["standup", "pier", "other"] { try accept(name) }
        try ledger.record(
            invitation(
                ["Quillfeather, Zoë <boss@example.org>", "Ben Reyes <ben@example.org>"],
                place: "Zoë Quillfeather's office"),
            from: calendar("a"), called: standup, of: standup)
        let pier = try MeetingID("pier")
        try ledger.record(
            invitation(["zoe.quillfeather@example.org"]), from: calendar("b"), called: pier, of: pier)
        let other = try MeetingID("other")
        try ledger.record(invitation(["Ben Reyes"]), from: calendar("c"), called: other, of: other)
        let names = ["Zoë Quillfeather"]
        #expect(try ledger.meetingsNaming(names).map(\.name) == ["standup", "pier"])
        let id = try ledger.askErasure(ofPerson: names, by: "x", reason: "x")
        for meeting in [standup, pier] {
            _ = try ledger.replacePerson(names, in: meeting, of: id) { _, _ in "Person 1" }
        }
        let known = try ledger.invitation(of: standup)
        #expect(known.people.map(\.name) == ["Person 1", "Ben Reyes"])
        #expect(known.people.map(\.address) == [nil, "ben@example.org"])
        #expect(known.place == "Person 1's office")
        #expect(try ledger.invitation(of: pier).people.map(\.name) == ["Person 1"])
        #expect(try ledger.invitation(of: pier).people.first?.address == nil)
        #expect(try ledger.meetingsNaming(names).isEmpty)
    }

    @Test func olderLedgersGetTheTables() throws {
        let path = try temporary.older(
            "14",
            "INSERT INTO meeting (name, calledName, createdAt, changedAt) VALUES ('standup', 'standup', 1, 1)"
        )
        let ledger = try Ledger(path: path)
        #expect(try ledger.invitation(of: standup).isEmpty)
        try ledger.record(invitation(["Ada"]), from: calendar("a"), called: standup, of: standup)
        #expect(try ledger.invitation(of: standup).people.map(\.name) == ["Ada"])
        #expect(try ledger.findings() == [])
    }
}
