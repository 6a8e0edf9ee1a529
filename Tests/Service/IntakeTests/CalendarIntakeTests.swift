import Foundation
import Glibc
import Language
import Ledger
import TestSupport
import Testing
import Transcript

@testable import Intake

/// Calendars in the spool, before, after and without their transcripts.
@Suite("Calendars in the spool")
struct CalendarIntakeTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    private static let start = "2026-11-30T09:00:00Z"

    private static func calendar(_ more: String = "") -> String {
        """
        BEGIN:VCALENDAR
        BEGIN:VEVENT
        UID:a
        SUMMARY:Weekly
        LOCATION:Room 5
        DTSTART:20261130T090000Z
        DTEND:20261130T100000Z
        ATTENDEE;CN="Holm, Ada":mailto:ada@example.org
        ATTENDEE;CN=Ben Reyes;PARTSTAT=DECLINED:mailto:ben@example.org
        \(more)END:VEVENT
        END:VCALENDAR
        """.replacingOccurrences(of: "\n", with: "\r\n")
    }

    private func withWatcher(
        gapWait: Duration = never, log: LogCount = LogCount(), _ body: () async throws -> Void
    ) async throws {
        let watcher = SpoolWatcher(
            folder: home.spool, ledger: home.ledger,
            settings: .init(settle: never, gapWait: gapWait, scanInterval: .milliseconds(100)),
            logger: log.logger)
        try await withService(watcher) {
            #expect(await eventually { log.text.contains("watching the spool") })
            try await body()
        }
    }

    private var done: [String] { home.names(in: home.spool.done) }
    private var failed: [String] { home.names(in: home.spool.failed) }
    private var waiting: [String] { home.names(in: home.spool.incoming) }

    private func expectTaken(_ name: String = "standup") throws {
        let meeting = try #require(try home.meeting(name))
        #expect(meeting.title == "Weekly")
        #expect(meeting.startedAt == (try Date(Self.start, strategy: .iso8601)))
        let invitation = try home.ledger.invitation(of: meeting.id)
        #expect(invitation.place == "Room 5")
        #expect(invitation.people.map(\.name) == ["Holm, Ada", "Ben Reyes"])
        #expect(invitation.people.map(\.hasDeclined) == [false, true])
    }

    @Test(arguments: ["standup.ics", "standup.ICS", "standup.vtt.ics"])
    func itMayComeBefore(name: String) async throws {
        let log = LogCount()
        try await withWatcher(log: log) {
            try home.drop(name, Self.calendar())
            #expect(await eventually { log.text.contains("a calendar waits") })
            #expect(waiting == [name])
            try home.drop("standup.txt", "Ada: good morning")
            #expect(await eventually { done == [name, "standup.txt"].sorted() })
            try expectTaken()
            #expect(log.text.components(separatedBy: "a calendar waits").count == 2, "it is said once")
        }
    }

    @Test func itMayComeAfter() async throws {
        try await withWatcher {
            try home.drop("standup.txt", "Ada: good morning")
            #expect(await eventually { done == ["standup.txt"] })
            try home.drop("standup.ics", Self.calendar())
            #expect(await eventually { done == ["standup.ics", "standup.txt"] })
            try expectTaken()
        }
    }

    /// Of a chunked meeting, while it goes on; the end marker does not wait for a calendar.
    @Test func itIsTheCalendarOfAllChunks() async throws {
        try await withWatcher {
            try home.drop("standup.0001.txt", "Ada: good morning")
            try home.drop("standup.ics", Self.calendar())
            #expect(await eventually { done == ["standup.0001.txt", "standup.ics"] })
            try expectTaken()
            try home.drop("standup.0002.txt", "Ada: good bye")
            try home.drop("standup.end", "")
            #expect(await eventually { done.contains("standup.end") })
            #expect(try home.texts("standup") == ["good morning", "good bye"])
        }
    }

    /// What the transcript says of its start is not contradicted; hints come first, and the calendar adds to them.
    @Test func whatIsKnownStays() async throws {
        try await withWatcher {
            try home.drop(
                "pier.meta.json", #"{"place": "Pier 2", "invited": ["Cara Lund", "Ada <ada@example.org>"]}"#)
            try home.drop(
                "pier.jsonl",
                #"{"started": "2026-11-30T09:04:00Z", "title": "Pier"}"# + "\n"
                    + #"{"speaker": "Ada", "text": "Hi."}"#)
            try home.drop("pier.ics", Self.calendar())
            #expect(await eventually { done == ["pier.ics", "pier.jsonl", "pier.meta.json"] })
            let meeting = try #require(try home.meeting("pier"))
            #expect(meeting.title == "Pier")
            #expect(meeting.startedAt == (try Date("2026-11-30T09:04:00Z", strategy: .iso8601)))
            let invitation = try home.ledger.invitation(of: meeting.id)
            #expect(invitation.place == "Pier 2")
            #expect(invitation.people.map(\.name) == ["Cara Lund", "Ada", "Ben Reyes"])
        }
    }

    /// Hints that wait for a transcript do not go away with the calendar.
    @Test func hintsStayWithTheTranscript() async throws {
        try await withWatcher {
            try home.drop("pier.0001.txt", "Ada: good morning")
            #expect(await eventually { done == ["pier.0001.txt"] })
            try home.drop("pier.meta.json", #"{"title": "Pier"}"#)
            try home.drop("pier.ics", Self.calendar())
            #expect(await eventually { done == ["pier.0001.txt", "pier.ics"] })
            #expect(waiting == ["pier.meta.json"])
        }
    }

    @Test(arguments: [
        ("BEGIN:VCALENDAR\nEND:VCALENDAR\n", "has no event"), ("junk", "is no calendar file"),
        (String(repeating: "x", count: 10 << 20), "larger than"),
    ])
    func oneThatCannotBeReadCostsNothing(text: String, reason: String) async throws {
        try await withWatcher {
            try home.drop("standup.ics", text)
            try home.drop("standup.txt", "Ada: good morning")
            #expect(await eventually { failed == ["standup.ics", "standup.ics.reason"] })
            #expect(done == ["standup.txt"])
            #expect(try home.texts("standup") == ["good morning"])
            #expect(try home.notes("standup").contains { $0.contains("standup.ics") && $0.contains(reason) })
            #expect(home.text(of: home.spool.failed + "/standup.ics.reason")?.contains(reason) == true)
        }
    }

    /// An old one is refused; the same content that was taken for a meeting of the name is no trouble.
    @Test func itDoesNotWaitForEver() throws {
        let intake = SpoolIntake(folder: home.spool, ledger: home.ledger, byteLimit: 1 << 20)
        func take(_ name: String) throws -> SpoolIntake.Outcome {
            try intake.take(.init(name: name, chunk: ChunkName(name), kind: .file))
        }
        try home.drop("standup.ics", Self.calendar())
        guard case .waiting(let reason) = try take("standup.ics") else { throw Unexpected() }
        #expect(reason.contains("'standup'"))
        // The time of the last change of an inode cannot be set, so the clock of the file system is what is asked.
        #expect(SpoolIntake.hasWaitedLong(since: Date.now - 6 * 86_400, at: .now) == false)
        #expect(SpoolIntake.hasWaitedLong(since: Date.now - 8 * 86_400, at: .now))
        guard case .refused(let refusal) = try intake.expired("standup.ics", called: MeetingID("standup"))
        else {
            throw Unexpected()
        }
        #expect(refusal.contains("standup.vtt"))
        try home.drop("standup.txt", "Ada: good morning")
        _ = try take("standup.txt")
        #expect(try take("standup.ics") == .described(MeetingID("standup")))
        try home.drop("standup.ics", Self.calendar())
        guard case .waiting = try take("standup.ics") else { throw Unexpected() }
        #expect(
            try intake.expired("standup.ics", called: MeetingID("standup"))
                == .duplicate(MeetingID("standup")))
    }

    private struct Unexpected: Error {}

    /// The next meeting of the name gets the next calendar, and not the one before.
    @Test func aCalendarThatComesEarlyIsForTheNextMeeting() async throws {
        try await withWatcher {
            try home.drop("standup.ics", Self.calendar())
            try home.drop("standup.txt", "Ada: good morning")
            #expect(await eventually { done.count == 2 })
            try home.drop(
                "standup.ics", Self.calendar("X-NEXT:1\n").replacingOccurrences(of: "Weekly", with: "Next"))
            try await Task.sleep(for: .milliseconds(400))
            #expect(waiting == ["standup.ics"])
            try home.drop("standup.txt", "Ada: another day")
            #expect(await eventually { done.count == 4 })
            #expect(try home.meeting("standup")?.title == "Weekly")
            #expect(try home.meeting("standup-2")?.title == "Next")
        }
    }

    /// Forgotten with its meeting, wherever it is; the same bytes of another meeting stay.
    @Test func itIsErasedWithItsMeeting() async throws {
        try await withWatcher {
            for name in ["standup", "pier"] {
                try home.drop("\(name).ics", Self.calendar())
                try home.drop("\(name).txt", "Ada: good morning from \(name)")
            }
            #expect(await eventually { done.count == 4 })
        }
        try home.drop("standup.ics", "junk")
        let files = try #require(try home.ledger.files(of: MeetingID("standup")))
        #expect(files.received.map(\.name) == ["standup.txt", "standup.ics"])
        try #require(rename(home.spool.incoming + "/standup.ics", home.spool.failed + "/standup.ics") == 0)
        let count = try home.spool.erase(files, asked: .now)
        #expect(count == 1, "a calendar has nothing that was said")
        #expect(done == ["pier.ics", "pier.txt"])
        #expect(failed.isEmpty)
        #expect(try home.ledger.receivedFiles().count == 4, "the rows go with the meeting")
        #expect(try SpoolCheck(path: home.spool.path, ledger: home.ledger).problems().all.isEmpty)
    }

    /// A meeting that comes over the socket, while it goes on.
    @Test func aConnectionsMeetingGetsItToo() async throws {
        _ = try home.ledger.begin(
            Delivery(
                meeting: MeetingID("standup"), name: "socket:1", kind: .socket, byteCount: 1, format: "text",
                receivedAt: .now,
                utterances: [Utterance(speaker: "Ada", text: "hi", source: .init(name: "socket:1", line: 1))],
                endsMeeting: true))
        try await withWatcher {
            try home.drop("standup.ics", Self.calendar())
            #expect(await eventually { done == ["standup.ics"] })
            try expectTaken()
        }
    }

    @Test func aConnectionTellsTheSame() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(
                #"{"meeting": "standup", "start": "2026-11-30T09:00:00Z", "place": "Room 5", "title": "Weekly", "#
                    + #""invited": ["Holm, Ada <ada@example.org>", {"name": "Ben Reyes", "declined": true}]}"#
                    + "\nAda: good morning\n")
            client.finishSending()
            #expect(await eventually { (try? home.texts("standup")) == ["good morning"] })
            try expectTaken()
        }
    }
}
