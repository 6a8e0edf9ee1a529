import Evaluation
import Foundation
import Language
import TestSupport
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

/// What a model that picks makes of a meeting; the model is scripted.
struct PickTests {
    private static let said = [
        ("Ann", "Good morning, everybody, and welcome back to the boat house."),
        (
            "Ben",
            "Um, the storm tore the the roof of the boat house off on Sunday. It was a wild night, wasn't it."
        ),
        ("Ann", "Then we use the four thousand from the harbour fund for a new roof, all agreed."),
        ("Ben", "I'll ask the roofer in Saltmere for an offer by Friday."),
        ("Cleo", "Did anybody see the film about penguins on Saturday night?"),
    ]

    private static let utterances = said.enumerated().map { line, said in
        Utterance(
            speaker: said.0, text: said.1, source: SourcePosition(name: "t", line: line + 1),
            language: .english)
    }

    private static func label(_ line: String) -> PickLabel {
        if line.contains("roof of the boat") { return .mainPoint }
        if line.contains("harbour fund") { return .decision }
        return line.contains("roofer") ? .action : .nothing
    }

    private static func answer(
        _ utterances: [Utterance] = utterances, index: Int = 0,
        label: @escaping @Sendable (String) -> PickLabel = label
    ) async throws -> (answer: WindowAnswer, findings: WindowFindings, model: ScriptedModel) {
        let model = ScriptedModel(picking: label)
        let read = utterances.map { ReadUtterance($0) }
        let window = Window(index: 0, utterances: 0..<read.count, tokenCount: 1, closedBy: .meetingEnd)
        let answer = try await Summarizer(model: model).summarize(
            window: window, utterances: read, earlier: [], timeline: "t")
        var judge = MeetingJudge()
        return (answer, judge.judge(window, read, answer: answer), model)
    }

    @Test func whatIsWorthItIsQuoted() async throws {
        let (answer, findings, _) = try await Self.answer()
        let statements = try #require(findings.statements)
        #expect(
            statements.map(\.text) == [
                "The storm tore the roof of the boat house off on Sunday.",
                "We use the four thousand from the harbour fund for a new roof, all agreed.",
                "I'll ask the roofer in Saltmere for an offer by Friday.",
            ])
        #expect(statements.map(\.speaker) == ["Ben", "Ann", "Ben"])
        #expect(statements.map { $0.citations.map(\.utterance) } == [[1], [2], [3]])
        #expect(statements.allSatisfy { $0.isGrounded && $0.isQuoted })
        #expect(answer.summary.text.hasPrefix("- Ben: The storm") && answer.summary.generatedTokens == 0)
    }

    @Test func labelsMakeItems() async throws {
        let items = try await Self.answer().findings.items
        #expect(items.map(\.kind) == [.decision, .action])
        #expect(items.last?.owner == "Ben" && items.last?.due == "by Friday")
    }

    /// Each sentence is asked about once, behind the whole window, and no label is given back.
    @Test func allSentencesAreAskedAboutAtOnce() async throws {
        let model = try await Self.answer().model
        #expect(model.calls.count == 1)
        let prompt = spelled(try #require(model.calls.first).prompt)
        let parts = prompt.split(separator: "---")
        #expect(parts.count == 2)
        #expect(parts[0].hasPrefix("<bos>Ann: Good morning") && parts[0].hasSuffix("night?\n"))
        #expect(
            parts[1].split(separator: "\n").count == 6
                && parts[1].split(separator: "\n").allSatisfy { $0.hasSuffix(" =") })
    }

    @Test func aQuietWindowHasNothing() async throws {
        let (answer, findings, _) = try await Self.answer { _ in .nothing }
        #expect(findings.statements == [] && findings.items.isEmpty)
        #expect(answer.summary.text == WindowSummary.quiet)
        let document = try await Self.document { _ in .nothing }
        #expect(document.summary == nil)
        #expect(MarkdownRenderer().render(document).contains("Nothing to note."))
    }

    /// Of much that is worth it, the best is shown, a line for each 45 words.
    @Test func notEverythingIsShown() async throws {
        let many = (0..<20).map { number in
            Utterance(
                speaker: "Ann",
                text: "The crane number \(number) lifted another heavy container onto the ship.",
                source: SourcePosition(name: "t", line: number + 1), language: .english)
        }
        let (answer, _, _) = try await Self.answer(many) { $0.contains("number 7 ") ? .decision : .point }
        let picks = try #require(answer.picked).picks
        #expect((3...6).contains(picks.count) && picks.contains { $0.text.contains("number 7 ") })
    }

    /// While a meeting runs, what was picked so far tells what it comes down to.
    @Test func aRunningMeetingIsInShortToo() async throws {
        let document = try await Self.document(label: Self.label)
        #expect(document.statements?.count == 3 && document.summary != nil)
        let page = MarkdownRenderer().render(document)
        #expect(
            page.contains(
                "## In short\n\n- **Ben**: The storm tore the roof of the boat house off on Sunday. (turn 2)"
            )
        )
        #expect(page.contains("a program chose them"))
    }

    /// What an answer answers is shown in all forms of the minutes, and not twice in a list.
    @Test func whatIsSaidAroundAQuotationIsShown() async throws {
        let talk = [
            ("Ann", "How many boats lost their moorings in the storm on Sunday night?"),
            ("Ben", "Nineteen. The harbour office has promised eight places by May."),
            ("Cleo", "But the <office> said six places this morning."),
            ("Ann", "The café on the north quay opens at ten in the summer and at eleven in the winter."),
            ("Ben", "My neighbour has bought a second boat for his daughter and paints it green."),
        ].enumerated().map { line, said in
            Utterance(
                speaker: said.0, text: said.1, source: SourcePosition(name: "t", line: line + 1),
                language: .english)
        }
        let document = try await Self.document(talk) { $0.contains("eight places") ? .mainPoint : .nothing }
        let markdown = MarkdownRenderer().render(document)
        let line =
            "- *Ann: How many boats lost their moorings in the storm on Sunday night?* – **Ben**: Nineteen. "
            + "The harbour office has promised eight places by May. (turn 2) – *Cleo: "
        #expect(markdown.contains(line), "\(markdown)")
        let page = HTMLRenderer().render(document, utterances: talk)
        #expect(page.contains(#"<i class="aside">Ann: How many boats"#) && !page.contains("<office>"))
        let schema = try SchemaCheck(
            schema: String(
                contentsOf: Repository.root.appending(path: "etc/minutes.schema.json"), encoding: .utf8))
        let json = try JSONRenderer.render(document)
        #expect(schema.complaint(about: json) == nil && json.contains("\"before\""))
        // The question is a line of its own: it is not said twice.
        let both = try await Self.document(talk) { _ in .mainPoint }
        let list = MarkdownRenderer().render(both).split(separator: "## Course of the meeting")[0]
        #expect(list.components(separatedBy: "How many boats").count == 2, "\(list)")
    }

    private static func document(
        _ utterances: [Utterance] = utterances, label: @escaping @Sendable (String) -> PickLabel
    ) async throws -> MinutesDocument {
        let (answer, findings, _) = try await answer(utterances, label: label)
        let window = Window(index: 0, utterances: 0..<utterances.count, tokenCount: 1, closedBy: .meetingEnd)
        return MinutesDocument.make(
            meeting: try MeetingID("t"), state: .open,
            received: .init(utterances: utterances.count, words: 70, speakers: [("Ben", 2, 30)]),
            windows: [
                .init(
                    window: window, wordCount: 70, outline: .init(utterances), summary: answer.summary,
                    findings: findings)
            ], model: "scripted", generatedAt: .init(timeIntervalSince1970: 0))
    }

    /// A long meeting comes down to a few lines from all its parts.
    @Test func inShortTakesTheBestOfAllParts() {
        func statement(_ text: String, _ rank: Double) -> Statement {
            var statement = Statement(
                text: text, beginsLine: true, isListed: true, citations: [], missing: [], support: 1)
            (statement.worth, statement.rank) = (rank, rank)
            return statement
        }
        let windows = (0..<12).map { window in
            (0..<4).map { number in
                let name = window * 4 + number
                return statement("Crane\(name) lifts container\(name) onto vessel\(name).", Double(window))
            }
        }
        let chosen = InShort.statements(of: windows)
        #expect(chosen.map(\.rank) == [9, 9, 10, 10, 11, 11])
        #expect(InShort.statements(of: [[]]).isEmpty && InShort.summary(of: [], model: "m") == nil)
    }
}
