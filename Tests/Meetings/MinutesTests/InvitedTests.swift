import Foundation
import Language
import TestSupport
import Testing

@testable import Minutes
@testable import Summaries
@testable import Transcript

/// Who was invited, compared with who spoke, and how minutes show it.
@Suite("Invited people")
struct InvitedTests {
    private func compared(_ invited: [String], _ speakers: [String], unnamed: Int = 0) -> [Bool?] {
        InvitedPeople.compared(
            invited.compactMap(Invitation.Person.init(mailbox:)), speakers: speakers, unnamedCount: unnamed
        ).map(\.spoke)
    }

    @Test(arguments: [
        ("Ada Holm", "Ada Holm", true), ("Ada Holm", "ada HOLM", true), ("Holm, Ada", "Ada Holm", true),
        ("Ada Holm", "Holm, Ada", true), ("Zoë Müller", "Zoe Muller", true), ("Ada Holm", "Ada", true),
        ("Ada Holm", "Holm", true), ("Ada", "Ada Holm", true), ("Ada M. Holm", "Ada Holm", true),
        ("Ada Holm (Harbour)", "Ada Holm", true), ("Ada Holm", "Ada Holm | Harbour", true),
        ("Dr. Ada Holm", "Ada Holm", true),
        ("ada.holm@example.org", "Ada Holm", true), ("Team lead <ada.holm@example.org>", "Ada Holm", true),
        ("ada@example.org", "Ada", true), ("김민수", "김민수", true),
        ("Ada Holm", "Ada Lund", false), ("Ada Holm", "Ben", false), ("Ada Holm", "Adam", false),
        ("Ada", "Ben Ada", false),
        ("Ada Holm", "Kim Holm", false),
    ])
    func namesAreCompared(invited: String, speaker: String, same: Bool) {
        #expect(compared([invited], [speaker]) == [same])
    }

    /// A first name that two have means neither; two of the same name both.
    @Test func whatMayMeanSeveralSaysOfNoneThatTheyWereSilent() {
        #expect(compared(["Ada Holm", "Ada Lund", "Ben Low"], ["Ada"]) == [nil, nil, false])
        #expect(compared(["Ada Holm", "Ada Lund"], ["Ada Lund"]) == [false, true])
        #expect(compared(["Ada Holm <a@x.org>", "Ada Holm <b@x.org>"], ["Ada Holm"]) == [true, true])
    }

    /// Where the transcript does not name everybody, it is not known who did not speak.
    @Test func nobodyIsSaidToHaveBeenSilentWithoutKnowing() {
        #expect(compared(["Ada", "Ben"], ["Ada"]) == [true, false])
        #expect(compared(["Ada", "Ben"], ["Ada"], unnamed: 1) == [true, nil])
        #expect(compared(["Ada", "Ben"], ["Ada", "Speaker 2"]) == [true, nil])
        #expect(compared(["Ada", "Ben"], []) == [nil, nil])
    }

    @Test(.timeLimit(.minutes(1))) func manyAreComparedQuickly() {
        let invited = (0..<20_000).map { "First\($0) Last\($0) <f\($0)@example.org>" }
        let spoke = compared(invited, (0..<20_000).map { "Last\($0), First\($0)" })
        #expect(spoke.allSatisfy { $0 == true })
    }

    private func document(_ change: (inout Invitation) -> Void = { _ in }, speakers: Bool = true) throws
        -> MinutesDocument
    {
        var invitation = Invitation()
        invitation.place = "Room 5 *north*"
        invitation.people = ["Ada", "Cara <b>Lund</b>", "Dan Berg"].compactMap(
            Invitation.Person.init(mailbox:))
        invitation.people[2].hasDeclined = true
        change(&invitation)
        return MinutesDocument.make(
            meeting: try MeetingID("weekly"), startedAt: invitation.start, endedAt: nil, state: .finished,
            received: .init(
                utterances: 2, words: 6,
                speakers: speakers
                    ? [(name: "Ada", utterances: 1, words: 3), (name: "Bob", utterances: 1, words: 3)] : []),
            windows: [], language: "en", invitation: invitation, generatedAt: Date(timeIntervalSince1970: 0))
    }

    @Test func minutesShowThem() throws {
        let document = try document { $0.start = Date(timeIntervalSince1970: 1_714_557_600) }
        let markdown = MarkdownRenderer(template: .standard).render(document)
        #expect(markdown.contains("- **Where:** Room 5 \\*north\\*"))
        #expect(
            markdown.contains("- **Invited, did not speak:** Cara &lt;b>Lund&lt;/b>, Dan Berg (declined)"),
            "\(markdown)")
        let page = HTMLRenderer().render(document, utterances: talk(2))
        #expect(page.contains("<li>Room 5 *north*</li>"))
        #expect(page.contains("Invited, did not speak: Cara &lt;b&gt;Lund&lt;/b&gt;, Dan Berg (declined)"))
        #expect(CalendarRenderer.render(document).contains("LOCATION:Room 5 *north*\r\n"))
        let json = try JSONRenderer.render(document)
        #expect(try JSONRenderer.read(json) == document)
        #expect(json.contains("\"place\" : \"Room 5 *north*\""))
        #expect(document.invited?.map(\.spoke) == [true, false, false])
    }

    @Test func minutesDoNotSayWhatIsNotKnown() throws {
        let document = try document(speakers: false)
        let markdown = MarkdownRenderer(template: .standard).render(document)
        #expect(markdown.contains("- **Invited:** Ada, Cara"))
        #expect(!markdown.contains("did not speak"))
        #expect(!(try JSONRenderer.render(document)).contains("\"spoke\""))
    }

    @Test func aDayIsShownWithoutATime() throws {
        let document = try document { $0.day = "2026-11-30" }
        #expect(
            MarkdownRenderer(template: .standard).render(document).contains("- **When:** 30 November 2026\n")
        )
        #expect(CalendarRenderer.render(document).contains("DTSTART;VALUE=DATE:20261130\r\n"))
        #expect(
            HTMLRenderer().render(document, utterances: talk(2)).contains(
                "<time datetime=\"2026-11-30\">30 November 2026</time>"))
    }

    @Test func withoutAnInvitationNothingIsSaid() throws {
        let document = try document { $0 = Invitation() }
        #expect(document.place == nil && document.invited == nil)
        let markdown = MarkdownRenderer(template: .standard).render(document)
        #expect(!markdown.contains("Where") && !markdown.contains("nvited"))
    }

    /// An invited person who says nothing may be given something to do.
    @Test func theInvitedMayOwnItems() throws {
        func owner(_ invited: [String], _ sentence: String) -> String? {
            let said = read([
                Utterance(speaker: "Ada", text: sentence, source: SourcePosition(name: "m", line: 1)),
                Utterance(speaker: "Bob", text: "Yes.", source: SourcePosition(name: "m", line: 2)),
            ])
            var judge = MeetingJudge()
            judge.invited = invited
            return judge.judge(
                Window(index: 0, utterances: 0..<2, tokenCount: 1, closedBy: .size), said, answer: nil
            ).items.first { $0.kind == .action }?.owner
        }
        let sentence = "Cara, please send the report to the board by Friday."
        #expect(owner(["Cara Lund"], sentence) == "Cara Lund")
        #expect(owner([], sentence) != "Cara Lund")
        #expect(PersonName.inOrder("Lund, Cara (Harbour)") == "Cara Lund")
    }
}
