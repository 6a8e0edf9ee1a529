import Foundation
import Language
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

@Suite struct EvidenceTests {
    private static func said(_ lines: [(String, String)]) -> [Utterance] {
        lines.enumerated().map { offset, line in
            Utterance(
                speaker: line.0, start: Double(offset * 10), text: line.1,
                source: SourcePosition(name: "test", line: offset + 1))
        }
    }

    private let finder = EvidenceFinder(
        utterances: read(
            said([
                ("Ann", "Good morning, everybody. Is Ben here as well?"),
                ("Ben", "I am. The harbour crane failed its inspection on Tuesday, by the way."),
                ("Ann", "How much does the repair cost?"),
                (
                    "Ben",
                    "Four thousand two hundred euros, and the mechanic can come on the twelfth of March."
                ),
                (
                    "Cleo",
                    "The ferry timetable is printed. I sent two hundred and fifty copies to the kiosks."
                ),
                ("Ann", "Lovely. Then let us talk about the lighthouse tours."),
            ])), first: 40)

    @Test func sentenceCitesWhatItComesFrom() {
        let crane = finder.statement("Ben said that the crane had failed the inspection on Tuesday.")
        #expect(crane.citations.map(\.utterance) == [41])
        #expect(crane.citations.first?.start == 10 && crane.citations.first?.speaker == "Ben")
        #expect(crane.missing.isEmpty && crane.isGrounded)
        let cost = finder.statement("The repair costs 4,200 euros, and the mechanic comes on 12 March.")
        #expect(cost.citations.map(\.utterance).contains(43))
        #expect(cost.isGrounded, "\(cost)")
    }

    @Test(arguments: [
        ("The repair costs 4,300 euros, and the mechanic comes on 12 March.", "4300"),
        ("The repair costs 4,200 euros, and the mechanic comes on 13 March.", "13"),
        ("The repair costs 4,200 euros, and the mechanic comes on 12 April.", "April"),
        ("Cleo said that the crane had failed the inspection on Tuesday.", "Cleo"),
        ("Ben told Dora that the crane had failed the inspection on Tuesday.", "Dora"),
        ("The crane had failed its inspection on Wednesday.", "Wednesday"),
        ("Dora said that the crane had failed its inspection on Tuesday.", "Dora"),
    ])
    func whatWasNotSaidIsMissing(_ sentence: String, _ missing: String) {
        let statement = finder.statement(sentence)
        #expect(statement.missing == [missing])
        #expect(!statement.isGrounded)
    }

    /// Compounds, other forms and other endings of what was said bear a sentence out.
    @Test(arguments: [
        ("Rücklage", "Instandhaltungsrücklage", true), ("Dach", "Dachdecker", true),
        ("Haus", "Hausmeister", true),
        ("verlängern", "Verlängerung", true), ("Rücklage", "Rückfrage", false), ("ضواغط", "الضواغط", true),
        ("önerisi", "öneri", true), ("제안했다", "제안하고", true), ("賛成", "賛同", true), ("賛成", "反対", false),
        ("boat", "boot", false), ("1200", "12000", false), ("cat", "catalogue", false),
    ])
    func alikeWords(_ one: String, _ other: String, _ areAlike: Bool) {
        func letters(_ word: String) -> [Unicode.Scalar] { Array(word.lowercased().unicodeScalars) }
        let likeness = StemIndex.likeness(letters(one), letters(other))
        #expect((likeness > 0) == areAlike && likeness < 1, "\(likeness)")
        let entry = StemIndex([[other.lowercased()], ["xyz"]]).entry(one.lowercased())
        #expect(entry.places.map(\.place) == (areAlike ? [0] : []))
    }

    /// What is asked for and answered by somebody else belongs together; a number from elsewhere does not.
    @Test func claimsAreLookedForBesideWhatWasSaid() {
        let finder = EvidenceFinder(
            utterances: read(
                Self.said([
                    ("Ann", "Who calls the mechanic about the harbour crane?"),
                    ("Ben", "I will, on Thursday."),
                    ("Ann", "Fine."), ("Cleo", "The kiosks want their timetable."),
                    ("Ben", "And we close at half past nine on Friday."),
                ])))
        let call = finder.statement("Ben calls the mechanic about the harbour crane on Thursday.")
        #expect(call.isGrounded && call.citations.map(\.utterance) == [0, 1], "\(call)")
        #expect(
            finder.statement("Ben calls the mechanic about the harbour crane on Friday.").missing == [
                "Friday"
            ])
    }

    /// A sentence takes far less than a millisecond, also in a window as long as windows get.
    @Test func sentencesAreJudgedQuickly() {
        let lines = (0..<60).map { number in
            (
                ["Ann", "Ben", "Cleo"][number % 3],
                "The harbour crane number \(number) was inspected on Tuesday by the mechanic from Gdynia."
            )
        }
        let finder = EvidenceFinder(utterances: read(Self.said(lines)))
        let clock = ContinuousClock()
        let times = (0..<20).map { _ in
            clock.measure {
                _ = finder.statement(
                    "Ben said that crane 17 was inspected on Tuesday by a mechanic from the yard.")
            }
        }
        #expect(times.min().map { $0 < .milliseconds(1) } == true, "\(times)")
    }

    @Test func ordinaryOpeningsAreNoNames() {
        for opening in ["Everybody", "Participants", "Surprisingly", "They"] {
            #expect(
                finder.statement("\(opening) asked how much the repair costs.").missing.isEmpty, "\(opening)")
        }
    }

    @Test func otherTalkIsNoEvidence() {
        let statement = finder.statement("The committee discussed the new budget for advertising.")
        #expect(
            statement.missing.isEmpty && statement.support < Statement.leastSupport && !statement.isGrounded)
        #expect(!EvidenceFinder(utterances: []).statement("Anything.").isGrounded)
    }

    /// A summary in another language is borne out only where that language was asked for; then its numbers, names and
    /// days are compared.
    @Test func anotherLanguageHasToBeAskedFor() {
        let said = read(
            Self.said([
                ("Ann", "Der Kran am Hafen ist am Dienstag durch die Prüfung gefallen, das wird teuer."),
                ("Ben", "Die Reparatur kostet viertausendzweihundert Euro, und der Mechaniker kommt bald."),
            ]))
        let text =
            "The crane at the harbour failed its inspection on Tuesday. The repair costs 4,200 euros. "
            + "The mechanic comes on Friday."
        let plain = EvidenceFinder(utterances: said).statements(of: text)
        #expect(plain.allSatisfy { !$0.isGrounded && $0.isTranslated == nil })
        let asked = EvidenceFinder(utterances: said, allowsTranslation: true).statements(of: text)
        #expect(asked.map(\.isGrounded) == [true, true, false])
        #expect(asked.allSatisfy { $0.isTranslated == true })
    }

    @Test func linesAndItemsOfASummaryStay() {
        let statements = finder.statements(
            of:
                "The crane failed its inspection. The committee praised the budget.\n\n- The timetable is printed.\n"
                + "- 300 copies were sent to the kiosks.")
        #expect(statements.map(\.isListed) == [false, false, true, true])
        #expect(statements.map(\.beginsLine) == [true, false, true, true])
        let lines = statements.groundedLines
        #expect(lines.map(\.isListed) == [false, true])
        #expect(
            lines.map { $0.statements.map(\.text) } == [
                ["The crane failed its inspection."], ["The timetable is printed."],
            ])
        #expect(lines.map { $0.statements.flatMap(\.citations).map(\.utterance) } == [[41], [44]])
    }

    @Test func headingsStayWithWhatTheyOpen() {
        let statements = finder.statements(
            of: "Decisions:\n- The budget is praised.\nDone:\n- The timetable is printed.")
        #expect(statements.map(\.isHeading) == [true, false, true, false])
        let lines = statements.groundedLines
        #expect(lines.map(\.isHeading) == [true, false])
        #expect(lines.flatMap(\.statements).map(\.text) == ["Done:", "The timetable is printed."])
    }

    @Test func minutesLeaveOutWhatIsNotBorneOut() throws {
        let said = Self.said([
            ("Ann", "The ferry timetable is printed, two hundred and fifty copies of it went to the kiosks."),
            ("Ben", "And I'll call the mechanic on Monday about the crane."),
        ])
        let document = MinutesDocument.make(
            meeting: try MeetingID("harbour"), state: .finished, utterances: said,
            windows: [
                .init(
                    window: window(0, 0..<2),
                    summary: summary(
                        0,
                        "The ferry timetable is printed. 350 copies went to the kiosks. All praised the chairman."
                    ))
            ], summary: nil, model: "m", generatedAt: .init(timeIntervalSince1970: 0))
        let markdown = MarkdownRenderer().render(document)
        #expect(markdown.contains("The ferry timetable is printed. (0:00:00)\n"))
        #expect(!markdown.contains("350") && !markdown.contains("chairman"))
        #expect(markdown.contains("each sentence was compared with what was said (2 were left out)"))
        #expect(
            markdown.contains("## To do\n\n- **Ben**: “I'll call the mechanic on Monday about the crane.”"))
        #expect(try JSONRenderer.read(JSONRenderer.render(document)) == document)
    }
}
