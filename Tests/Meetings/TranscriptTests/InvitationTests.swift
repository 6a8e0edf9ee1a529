import Foundation
import TestSupport
import Testing

@testable import Transcript

/// What hints and greetings say of a meeting besides how to read it.
@Suite("Invitations")
struct InvitationTests {
    @Test(arguments: [
        ("Ada Holm <Ada@Example.org>", "Ada Holm", "ada@example.org"),
        ("ada@example.org", "ada@example.org", "ada@example.org"),
        ("Ada Holm", "Ada Holm", nil), ("\"Holm, Ada\" <ada@example.org>", "Holm, Ada", "ada@example.org"),
        ("'ada@example.org' <ada@example.org>", "ada@example.org", "ada@example.org"),
        ("<ada@example.org>", "ada@example.org", "ada@example.org"),
        ("  Ada \u{7}\n Holm ", "Ada Holm", nil),
    ])
    func mailboxesAreRead(text: String, name: String, address: String?) throws {
        let person = try #require(Invitation.Person(mailbox: text))
        #expect(person.name == name)
        #expect(person.address == address)
    }

    @Test func nobodyIsNobody() {
        for text in ["", "  ", "<>", "\u{200E}".trimmed] { #expect(Invitation.Person(mailbox: text) == nil) }
    }

    @Test func hintsTellOfTheMeeting() throws {
        let text = #"""
            {"title": "Stand-up", "start": "2026-11-30T10:00:00+01:00", "location": "Room 5", "invited":
             ["Ada Holm <ada@example.org>", {"name": "Ben Reyes", "email": "ben@example.org", "declined": true},
              "ada@example.org"]}
            """#
        let hints = try TranscriptHints(parsing: Array(text.utf8), name: "a.META.JSON")
        #expect(hints.invitation.start == (try Date("2026-11-30T09:00:00Z", strategy: .iso8601)))
        #expect(hints.invitation.place == "Room 5")
        #expect(hints.invitation.people.map(\.name) == ["Ada Holm", "Ben Reyes"])
        #expect(hints.invitation.people.map(\.hasDeclined) == [false, true])
        let file = try TranscriptReader.read(Array("Ada: yes".utf8), name: "a.txt", hints: hints)
        #expect(file.invitation == hints.invitation)
        let day = try TranscriptHints(parsing: Array(#"{"start": "2026-11-30"}"#.utf8), name: "a.meta.json")
        #expect(day.invitation.day == "2026-11-30" && day.invitation.start == nil)
    }

    @Test(arguments: [
        (#"{"start": "tomorrow"}"#, "\"start\" must be"), (#"{"start": 5}"#, "\"start\" must be"),
        (#"{"place": ["a"]}"#, "\"place\" must be"), (#"{"location": 7}"#, "\"location\" must be"),
        (#"{"invited": "Ada"}"#, "\"invited\" must be"), (#"{"invited": [1]}"#, "\"invited\" must be"),
    ])
    func wrongHintsAreNamed(text: String, complaint: String) {
        do {
            _ = try TranscriptHints(parsing: Array(text.utf8), name: "a.meta.json")
            Issue.record("it is taken: \(text)")
        } catch { #expect(error.message.contains(complaint) && error.message.contains("a.meta.json")) }
        do {
            _ = try SocketGreeting(parsing: text)
            Issue.record("it is taken: \(text)")
        } catch { #expect(error.message.contains(complaint)) }
    }

    @Test func damagedHintsNeverTrap() {
        let examples = [
            #"{"start": "2026-11-30", "place": "Room 5", "invited": ["Ada <ada@example.org>", {"name": "Ben"}]}"#,
            #"{"title": "x", "location": "\ud83d\ude00", "invited": [{"email": "a@b", "declined": true}, "<>", "@"]}"#,
        ].map { Array($0.utf8) }
        let pieces = [
            "<", ">", "@", ",", "\"", "[", "{", "]", "}", "null", "\"invited\":", "\\u0000", "2026-",
            "\u{200E}", "T25:",
        ]
        .map { Array($0.utf8) }
        let found = Fuzzing.run("hints", rounds: 3000) { mutator, seed in
            let bytes = mutator.mutated(
                examples[Int(seed % 2)], others: examples, pieces: pieces, limit: 1000)
            guard let hints = try? TranscriptHints(parsing: bytes, name: "a.meta.json") else { return false }
            for person in hints.invitation.people where person.name.isEmpty || person.name.contains("\n") {
                Issue.record("\(person) of seed \(seed)")
            }
            return true
        }
        #expect(found.read > 50, "\(found): too few are read to test anything")
    }

    @Test func aGreetingSaysTheSame() throws {
        let greeting = try SocketGreeting(
            parsing:
                #"{"meeting": "standup", "start": "2026-11-30T09:00:00Z", "place": "Room 5", "invited": ["Ada"]}"#
        )
        #expect(greeting.startedAt == (try Date("2026-11-30T09:00:00Z", strategy: .iso8601)))
        #expect(greeting.invitation.place == "Room 5")
        #expect(greeting.invitation.people.map(\.name) == ["Ada"])
        let other = try SocketGreeting(parsing: #"{"started": "2026-11-30T09:00:00Z"}"#)
        #expect(other.startedAt == greeting.startedAt)
    }

    @Test func calendarsAndHintsAreFoundWhateverTheirCase() throws {
        for name in ["standup.ics", "standup.ICS", "standup.vtt.ics", "standup.0001.Ics", "standup.VTT.ICS"] {
            let chunk = try #require(try ChunkName(name))
            #expect(chunk.isCalendar && chunk.meeting.name == "standup")
        }
        #expect(try ChunkName("v1.2.ics")?.meeting.name == "v1")
        for name in ["a.vtt.meta.json", "a.META.JSON", "a.Meta.Json"] { #expect(ChunkName.isIgnored(name)) }
        #expect(TranscriptHints.names(for: "a.vtt").contains("a.META.JSON"))
    }
}
