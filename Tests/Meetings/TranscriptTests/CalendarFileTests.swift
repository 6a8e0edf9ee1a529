import Foundation
import Language
import TestSupport
import Testing

@testable import Transcript

/// Invitations as calendars of many kinds write them.
@Suite("Calendars")
struct CalendarFileTests {
    private static let berlin = TimeZone(identifier: "Europe/Berlin")!

    private static func date(_ text: String) -> Date { ISODate.parse(text) ?? .distantPast }

    private func read(
        _ lines: String, near moment: String = "2026-11-30T09:30:00Z", day: String? = nil,
        start: String? = nil,
        zone: TimeZone = CalendarFileTests.berlin
    ) throws -> (invitation: Invitation, notes: [Note]) {
        try CalendarFile.invitation(
            in: Array(Self.calendar(lines).utf8), name: "standup.ics",
            near: MeetingMoment(start: start.map(Self.date), day: day, about: Self.date(moment)), zone: zone)
    }

    private static func calendar(_ lines: String) -> String {
        let text =
            lines.contains("BEGIN:VCALENDAR")
            ? lines : "BEGIN:VCALENDAR\nVERSION:2.0\nBEGIN:VEVENT\n\(lines)\nEND:VEVENT\nEND:VCALENDAR\n"
        return text.replacingOccurrences(of: "\n", with: "\r\n")
    }

    static let outlook = """
        BEGIN:VCALENDAR
        METHOD:REQUEST
        PRODID:Microsoft Exchange Server 2010
        VERSION:2.0
        BEGIN:VTIMEZONE
        TZID:W. Europe Standard Time
        BEGIN:STANDARD
        DTSTART:16010101T030000
        TZOFFSETFROM:+0200
        TZOFFSETTO:+0100
        RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10
        END:STANDARD
        BEGIN:DAYLIGHT
        DTSTART:16010101T020000
        TZOFFSETFROM:+0100
        TZOFFSETTO:+0200
        RRULE:FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=3
        END:DAYLIGHT
        END:VTIMEZONE
        BEGIN:VEVENT
        ORGANIZER;CN="Holm, Ada":mailto:Ada.Holm@example.org
        ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=NEEDS-ACTION;RSVP=TRUE;CN='okafor@exa
         mple.org':mailto:okafor@example.org
        ATTENDEE;ROLE=REQ-PARTICIPANT;PARTSTAT=DECLINED;RSVP=TRUE;CN="Reyes, Ben":mailto:ben@example.org
        ATTENDEE;ROLE=NON-PARTICIPANT;CUTYPE=RESOURCE;CN="Room 5":mailto:room5@example.org
        ATTENDEE;CUTYPE=GROUP;CN="Everybody":mailto:all@example.org
        DESCRIPTION;LANGUAGE=de-DE:Bring\\, please\\; a pen.\\n
        UID:040000008200E00074C5B7101A82E008
        SUMMARY;LANGUAGE=de-DE:Stand-up\\, wöchentlich
        DTSTART;TZID=W. Europe Standard Time:20261130T100000
        DTEND;TZID=W. Europe Standard Time:20261130T110000
        CLASS:PUBLIC
        SEQUENCE:0
        STATUS:CONFIRMED
        LOCATION;LANGUAGE=de-DE:Microsoft Teams-Besprechung\\; Room 5
        BEGIN:VALARM
        DESCRIPTION:REMINDER
        TRIGGER;RELATED=START:-PT15M
        ACTION:DISPLAY
        END:VALARM
        END:VEVENT
        END:VCALENDAR
        """

    @Test func outlookIsUnderstood() throws {
        let (found, notes) = try read(Self.outlook)
        #expect(found.title == "Stand-up, wöchentlich")
        #expect(found.start == Self.date("2026-11-30T09:00:00Z"))
        #expect(found.end == Self.date("2026-11-30T10:00:00Z"))
        #expect(found.place == "Microsoft Teams-Besprechung; Room 5")
        #expect(found.people.map(\.name) == ["Holm, Ada", "okafor@example.org", "Reyes, Ben"])
        #expect(
            found.people.map(\.address) == ["ada.holm@example.org", "okafor@example.org", "ben@example.org"])
        #expect(found.people.map(\.hasDeclined) == [false, false, true])
        #expect(notes.isEmpty)
    }

    /// Google's shape: UTC, rooms by their addresses, the calendar itself as the organizer.
    @Test func googleIsUnderstood() throws {
        let (found, _) = try read(
            """
            DTSTART:20261130T090000Z
            DTEND:20261130T093000Z
            DTSTAMP:20261120T101010Z
            ORGANIZER;CN=Team:mailto:c_1a2b@group.calendar.google.com
            UID:5vq@google.com
            ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED;CN=Ada Holm;X-NUM-GUESTS=0:mailto:ada@example.org
            ATTENDEE;CUTYPE=INDIVIDUAL;PARTSTAT=NEEDS-ACTION;CN=ada@example.org;X-NUM-GUESTS=0:mailto:ada@example.org
            ATTENDEE;CUTYPE=RESOURCE;PARTSTAT=ACCEPTED;CN=Berlin-2-Atrium (8):mailto:c_9@resource.calendar.google.com
            SUMMARY:Stand-up
            TRANSP:OPAQUE
            """)
        #expect(found.start == Self.date("2026-11-30T09:00:00Z"))
        #expect(found.people.map(\.name) == ["Ada Holm"])
        #expect(found.place == "Berlin-2-Atrium (8)", "the room, where no location is given")
    }

    /// Apple's shape: TZID of the system, an organizer who is also an attendee, a duration.
    @Test func appleIsUnderstood() throws {
        let (found, _) = try read(
            """
            UID:8E1E3C6A
            DTSTART;TZID=Europe/London:20260701T100000
            DURATION:PT1H30M
            SUMMARY:Planning
            LOCATION:12 Harbour Street\\nBristol\\nEngland
            X-APPLE-STRUCTURED-LOCATION;VALUE=URI;X-TITLE=12 Harbour Street:geo:51.4,-2.6
            ORGANIZER;CN=Ada Holm;EMAIL=ada@example.org:mailto:ada@example.org
            ATTENDEE;CN=Ada Holm;CUTYPE=INDIVIDUAL;PARTSTAT=ACCEPTED:mailto:ada@example.org
            ATTENDEE;CN=Ben Reyes:urn:uuid:1234
            """, near: "2026-07-01T10:00:00Z")
        #expect(found.start == Self.date("2026-07-01T09:00:00Z"), "summer time")
        #expect(found.end == Self.date("2026-07-01T10:30:00Z"))
        #expect(found.place == "12 Harbour Street Bristol England")
        #expect(found.people.map(\.name) == ["Ada Holm", "Ben Reyes"])
        #expect(found.people.map(\.address) == ["ada@example.org", nil])
    }

    @Test(arguments: [
        ("Europe/Berlin", "2026-11-30T09:00:00Z"), ("America/New_York", "2026-11-30T15:00:00Z"),
        ("W. Europe Standard Time", "2026-11-30T09:00:00Z"), ("Tokyo Standard Time", "2026-11-30T01:00:00Z"),
        ("/citadel.org/20210210_1/America/New_York", "2026-11-30T15:00:00Z"),
        ("tzone://Microsoft/Utc", "2026-11-30T10:00:00Z"), ("UTC", "2026-11-30T10:00:00Z"),
    ])
    func zonesAreKnownByManyNames(zone: String, start: String) throws {
        let (found, notes) = try read("DTSTART;TZID=\(zone):20261130T100000")
        #expect(found.start == Self.date(start))
        #expect(notes.isEmpty)
    }

    @Test func aZoneOfTheFileIsUsedWhereItsNameIsNotKnown() throws {
        let text = Self.outlook.replacingOccurrences(of: "W. Europe Standard Time", with: "Harbour")
            .replacingOccurrences(of: "TZOFFSETTO:+0100", with: "TZOFFSETTO:+0130")
        let (found, notes) = try read(text)
        #expect(found.start == Self.date("2026-11-30T08:30:00Z"))
        #expect(notes.isEmpty)
    }

    @Test func aZoneThatNobodyKnowsIsSaid() throws {
        let (found, notes) = try read("DTSTART;TZID=Harbour:20261130T100000")
        #expect(found.start == Self.date("2026-11-30T09:00:00Z"), "as a local time")
        #expect(notes == [Note(.calendarZoneUnknown, .text("standup.ics"), .text("Harbour"))])
    }

    /// A zone whose changes would take hours to work out is not worked out.
    @Test(.timeLimit(.minutes(1))) func aZoneThatNeverEndsIsNotFollowed() throws {
        for rule in ["FREQ=SECONDLY", "FREQ=YEARLY;BYHOUR=1,2;BYMINUTE=1,2", "FREQ=DAILY"] {
            let text = Self.outlook.replacingOccurrences(of: "W. Europe Standard Time", with: "Harbour")
                .replacingOccurrences(of: "FREQ=YEARLY;INTERVAL=1;BYDAY=-1SU;BYMONTH=10", with: rule)
            let (found, notes) = try read(text)
            #expect(found.start == Self.date("2026-11-30T09:00:00Z"))
            #expect(notes.map(\.kind) == [.calendarZoneUnknown])
        }
    }

    @Test func floatingTimesAreLocal() throws {
        let (found, _) = try read("DTSTART:20261130T100000", zone: TimeZone(identifier: "Asia/Tokyo")!)
        #expect(found.start == Self.date("2026-11-30T01:00:00Z"))
    }

    @Test func aDayHasNoTime() throws {
        for lines in [
            "DTSTART;VALUE=DATE:20261130\nSUMMARY:Offsite",
            "DTSTART;VALUE=DATE:20261130\nDTEND;VALUE=DATE:20261201\nSUMMARY:Offsite",
            "DTSTART;TZID=Europe/Berlin:20261130T000000\nDTEND;TZID=Europe/Berlin:20261201T000000\nSUMMARY:Offsite",
        ] {
            let (found, _) = try read(lines)
            #expect(found.day == "2026-11-30")
            #expect(found.start == nil && found.end == nil)
            #expect(found.title == "Offsite")
        }
    }

    static let weekly = """
        BEGIN:VCALENDAR
        BEGIN:VEVENT
        UID:w
        SUMMARY:Weekly
        DTSTART;TZID=Europe/Berlin:20260105T100000
        DTEND;TZID=Europe/Berlin:20260105T110000
        RRULE:FREQ=WEEKLY;BYDAY=MO;UNTIL=20261231T225959Z
        EXDATE;TZID=Europe/Berlin:20260907T100000,20260914T100000
        RDATE;TZID=Europe/Berlin:20260910T140000
        END:VEVENT
        BEGIN:VEVENT
        UID:w
        RECURRENCE-ID;TZID=Europe/Berlin:20261130T100000
        SUMMARY:Weekly\\, moved
        DTSTART;TZID=Europe/Berlin:20261201T150000
        DTEND;TZID=Europe/Berlin:20261201T160000
        END:VEVENT
        BEGIN:VEVENT
        UID:w
        RECURRENCE-ID;TZID=Europe/Berlin:20261207T100000
        STATUS:CANCELLED
        SUMMARY:Weekly
        DTSTART;TZID=Europe/Berlin:20261207T100000
        DTEND;TZID=Europe/Berlin:20261207T110000
        END:VEVENT
        END:VCALENDAR
        """

    @Test(arguments: [
        // In winter and in summer, at the same time of clocks.
        ("2026-02-02T09:30:00Z", "2026-02-02T09:00:00Z"), ("2026-08-03T08:20:00Z", "2026-08-03T08:00:00Z"),
        // A day between two, nearer to one.
        ("2026-08-05T20:00:00Z", "2026-08-03T08:00:00Z"),
        // What was taken out and put in.
        ("2026-09-07T08:30:00Z", "2026-09-10T12:00:00Z"), ("2026-09-15T08:30:00Z", "2026-09-10T12:00:00Z"),
        // What was moved.
        ("2026-11-30T09:30:00Z", "2026-12-01T14:00:00Z"), ("2026-12-01T14:30:00Z", "2026-12-01T14:00:00Z"),
        // Behind the last, and before the first.
        ("2027-03-01T09:00:00Z", "2026-12-28T09:00:00Z"), ("2025-03-01T09:00:00Z", "2026-01-05T09:00:00Z"),
    ])
    func theNearestDateOfASeriesCounts(moment: String, start: String) throws {
        #expect(try read(Self.weekly, near: moment).invitation.start == Self.date(start))
    }

    @Test func aCancelledDateIsSaid() throws {
        let (found, notes) = try read(Self.weekly, near: "2026-12-07T09:30:00Z")
        #expect(found.start == Self.date("2026-12-07T09:00:00Z"))
        #expect(notes == [Note(.calendarCancelled, .text("standup.ics"))])
        let all = try read(Self.outlook.replacingOccurrences(of: "METHOD:REQUEST", with: "METHOD:CANCEL"))
        #expect(all.notes == [Note(.calendarCancelled, .text("standup.ics"))])
    }

    /// The day in the meeting's name counts more than the time of its file, and less than what the transcript says.
    @Test func whatIsKnownForCertainCountsMore() throws {
        let byDay = try read(Self.weekly, near: "2026-08-20T09:30:00Z", day: "2026-06-01")
        #expect(byDay.invitation.start == Self.date("2026-06-01T08:00:00Z"))
        let byStart = try read(Self.weekly, day: "2026-06-01", start: "2026-05-04T08:01:00Z")
        #expect(byStart.invitation.start == Self.date("2026-05-04T08:00:00Z"))
        let (other, notes) = try read(Self.weekly, day: "2026-06-03")
        #expect(other.start == nil, "there is none on that day")
        #expect(other.title == "Weekly")
        #expect(notes == [Note(.calendarOtherDay, .text("standup.ics"))])
    }

    @Test(arguments: [
        ("FREQ=DAILY;INTERVAL=3", "2026-11-30T09:30:00Z", "2026-12-01T09:00:00Z"),
        ("FREQ=DAILY;COUNT=10", "2026-11-30T09:30:00Z", "2026-01-14T09:00:00Z"),
        ("FREQ=MONTHLY;BYDAY=1MO", "2026-06-02T09:30:00Z", "2026-06-01T08:00:00Z"),
        ("FREQ=MONTHLY;BYMONTHDAY=-1", "2026-06-29T09:30:00Z", "2026-06-30T08:00:00Z"),
        ("FREQ=YEARLY", "2031-01-06T09:30:00Z", "2031-01-05T09:00:00Z"),
        ("FREQ=WEEKLY;BYDAY=TU,TH;UNTIL=20260630", "2026-06-30T09:30:00Z", "2026-06-30T08:00:00Z"),
    ])
    func rulesAreFollowed(rule: String, moment: String, start: String) throws {
        let (found, notes) = try read(
            "DTSTART;TZID=Europe/Berlin:20260105T100000\nDTEND;TZID=Europe/Berlin:20260105T110000\nRRULE:\(rule)",
            near: moment)
        #expect(found.start == Self.date(start))
        #expect(notes.isEmpty)
    }

    /// Rules for hours and seconds, such as cannot be read, and such as would take for ever.
    @Test(
        .timeLimit(.minutes(1)),
        arguments: [
            "FREQ=HOURLY", "FREQ=SECONDLY;BYMONTH=2;BYMONTHDAY=30", "FREQ=SOMETIMES", "FREQ=DAILY;INTERVAL=0",
            "FREQ=YEARLY;BYHOUR=1,2,3;BYMINUTE=1;BYSECOND=1", "RSCALE=CHINESE;FREQ=YEARLY",
        ])
    func rulesThatAreNotUnderstoodAreSaid(rule: String) throws {
        let (found, notes) = try read("DTSTART:20260105T100000Z\nRRULE:\(rule)")
        #expect(found.start == Self.date("2026-01-05T10:00:00Z"), "the first date counts")
        #expect(notes == [Note(.calendarRuleSkipped, .text("standup.ics"))])
    }

    @Test(.timeLimit(.minutes(1))) func aHostileFileEndsSoon() throws {
        let event =
            "BEGIN:VEVENT\nUID:a\nDTSTART:19000101T100000Z\nRRULE:FREQ=DAILY;BYMONTH=2;BYMONTHDAY=30\nEND:VEVENT\n"
        let text = "BEGIN:VCALENDAR\n" + String(repeating: event, count: 8000) + "END:VCALENDAR\n"
        let began = ContinuousClock.now
        let (_, notes) = try read(text)
        #expect(ContinuousClock.now - began < .seconds(20))
        #expect(notes.isEmpty, "the first event was followed")
    }

    /// Two time zones of the file by turns, each of which takes a while to work out.
    @Test(.timeLimit(.minutes(1))) func manyZonesAreNotFollowedForEver() throws {
        let parts = (0..<190).map {
            "BEGIN:STANDARD\nDTSTART:16010101T0\($0 % 9)0000\nTZOFFSETFROM:+0200\nTZOFFSETTO:+0100\n"
                + "RRULE:FREQ=YEARLY;BYMONTH=\(1 + $0 % 12);BYDAY=1SU\nEND:STANDARD\n"
        }.joined()
        let zones = ["One", "Two"].map { "BEGIN:VTIMEZONE\nTZID:\($0)\n\(parts)END:VTIMEZONE\n" }.joined()
        let events = (0..<9000).map {
            "BEGIN:VEVENT\nUID:\($0)\nDTSTART;TZID=\($0 % 2 == 0 ? "One" : "Two"):20261130T100000\nEND:VEVENT\n"
        }.joined()
        let began = ContinuousClock.now
        let found = try read("BEGIN:VCALENDAR\n\(zones)\(events)END:VCALENDAR\n").invitation
        #expect(ContinuousClock.now - began < .seconds(20))
        #expect(found.start != nil)
    }

    @Test func whatIsNoCalendarIsRefused() throws {
        func reason(_ bytes: [UInt8]) -> Note.Kind? {
            do {
                _ = try CalendarFile.invitation(
                    in: bytes, name: "a.ics", near: MeetingMoment(about: Date()), zone: Self.berlin)
                return nil
            } catch { return error.reason.kind }
        }
        #expect(reason([UInt8](repeating: 0x41, count: 10 << 20)) == .calendarTooLarge)
        #expect(reason([]) == .calendarMalformed)
        #expect(reason(Array("WEBVTT\n".utf8)) == .calendarMalformed)
        #expect(reason(Array("BEGIN:VCALENDAR\0\nEND:VCALENDAR".utf8)) == .calendarMalformed)
        #expect(reason(Array("BEGIN:VCALENDAR\nEND:VCALENDAR\n".utf8)) == .calendarWithoutEvent)
        #expect(reason(Array(Self.calendar("SUMMARY:No date").utf8)) == .calendarWithoutEvent)
        #expect(reason(Array(Self.calendar("DTSTART:20261399T100000").utf8)) == .calendarWithoutEvent)
        // Deep enough to break a program that goes into each level.
        let deep = "BEGIN:VCALENDAR\n" + String(repeating: "BEGIN:VEVENT\n", count: 50_000)
        #expect(reason(Array(deep.utf8)) == .calendarMalformed)
    }

    /// Lines are folded at bytes, which may be within a character; other ends of lines, a byte-order mark, and Latin-1.
    @Test func foldsAndEncodingsAreUnderstood() throws {
        let title = "Grüße aus Köln"
        let whole = Array(Self.calendar("DTSTART:20261130T090000Z\nSUMMARY:\(title)").utf8)
        let umlaut = try #require(whole.firstRange(of: Array("ü".utf8)))
        var folded = whole
        folded.insert(contentsOf: Array("\r\n ".utf8), at: umlaut.lowerBound + 1)
        let latin = whole.flatMap {
            $0 == 0xC3 ? [] : $0 == 0xBC ? [0xFC] : $0 == 0x9F ? [0xDF] : $0 == 0xB6 ? [0xF6] : [$0]
        }
        for bytes in [
            folded, [0xEF, 0xBB, 0xBF] + whole, whole.filter { $0 != 13 }, whole.filter { $0 != 10 },
            whole.flatMap { $0 == 13 ? [13, 13] : [$0] }, latin,
            Array(
                String(decoding: whole, as: UTF8.self).replacingOccurrences(of: "BEGIN:", with: "begin:").utf8
            ),
        ] {
            let found = try CalendarFile.invitation(
                in: bytes, name: "a.ics", near: MeetingMoment(about: Date()), zone: Self.berlin)
            #expect(found.invitation.title == title)
        }
    }

    @Test func damagedCalendarsNeverTrap() throws {
        let examples = [
            Self.outlook, Self.weekly,
            Self.calendar("DTSTART:20261130T100000\nRRULE:FREQ=MONTHLY;BYDAY=-1FR"),
        ]
        .map { Array($0.utf8) }
        let pieces =
            [
                "\nRRULE:FREQ=", "DAILY", ";BYDAY=", "-1SU", ";INTERVAL=", ";COUNT=99999", ";UNTIL=",
                "BYSETPOS=-1", "\nEXDATE:",
                "\nRDATE;VALUE=PERIOD:", "20261130T100000Z", "99999999", ";TZID=", "\r\n ", "BEGIN:VEVENT\n",
                "END:VEVENT\n",
                "\\n\\,", "\"", ":", ";", "=", "\nATTENDEE;CN=", "mailto:", "-", "PT1H", "BEGIN:VTIMEZONE\n",
                "TZOFFSETTO:",
                ";BYYEARDAY=-366", ";WKST=", "RSCALE=HEBREW;",
            ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3]]
        let moment = MeetingMoment(about: Self.date("2026-11-30T09:30:00Z"))
        let found = Fuzzing.run("calendars", rounds: 3000) { mutator, seed in
            let example = examples[Int(seed % UInt64(examples.count))]
            let bytes = mutator.mutated(example, others: examples, pieces: pieces, limit: 4000)
            guard
                let (invitation, _) = try? CalendarFile.invitation(
                    in: bytes, name: "a.ics", near: moment, zone: Self.berlin)
            else { return false }
            if invitation.people.contains(where: { $0.name.isEmpty }) || invitation.place == "" {
                Issue.record("\(invitation) of seed \(seed)")
            }
            return true
        }
        #expect(found.read * 4 > found.refused, "\(found): too few are read to test anything")
    }
}
