import Foundation
import Language
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

/// What a matter was brought up with stands before what is shown of it later.
struct MatterTests {
    private static let said = [
        [
            ("Ann", "Good morning, everybody, and welcome back to the boat house."),
            ("Ann", "Next, the roof. The storm tore the tiles off the north side of the boat house."),
            ("Ben", "I spoke to a man in Saltmere about it on the phone last week."),
            ("Cleo", "And what did he say, will it be dear?"),
            ("Ben", "He wants four thousand, and he could come in the second week of May."),
        ],
        [
            ("Cleo", "Then let him come, I would say, before it rains into the kitchen again."),
            ("Ann", "Good. Did anybody see the film about penguins on Saturday night?"),
            ("Cleo", "I saw it with my sister and liked the small grey one best."),
            ("Ben", "We pay the mason one half at once, and the other half when the work is done."),
            ("Ann", "Then there is the summer fair, for which we need forty more chairs."),
            ("Cleo", "The parish lends them to us for twenty pounds, they told me."),
        ],
    ]

    private static let openings = ["Next, the roof", "tore the tiles", "the film about", "summer fair"]

    /// The findings of both windows; in another process the second one, if it was `stopped` between them.
    private static func findings(stopped: Bool = false) async throws -> [WindowFindings] {
        let model = ScriptedModel(
            picking: { line in
                line.contains("four thousand") || line.contains("one half")
                    || line.contains("twenty pounds")
                    ? .mainPoint : line.contains("penguins") ? .nothing : .detail
            }, opens: { line in openings.contains(where: line.contains) })
        var judge = MeetingJudge()
        var found: [WindowFindings] = []
        var first = 0
        for (number, turns) in said.enumerated() {
            let read = turns.enumerated().map { line, turn in
                ReadUtterance(
                    Utterance(
                        speaker: turn.0, text: turn.1, source: SourcePosition(name: "t", line: line + 1),
                        language: .english))
            }
            let window = Window(
                index: number, utterances: first..<first + read.count, tokenCount: 1, closedBy: .size)
            first += read.count
            let answer = try await Summarizer(model: model).summarize(
                window: window, utterances: read, earlier: [], timeline: "t")
            found.append(judge.judge(window, read, answer: answer))
            guard stopped, number == 0 else { continue }
            let saved = try JSONDecoder().decode(
                WindowFindings.self, from: JSONEncoder().encode(found[number]))
            judge = MeetingJudge()
            judge.hear(window, read, findings: saved)
        }
        return found
    }

    private static func before(_ words: String, in findings: [WindowFindings]) throws -> [String] {
        let statement = try #require(
            findings.flatMap { $0.statements ?? [] }.first { $0.text.contains(words) }, "\(findings)")
        return (statement.before ?? []).map(\.text)
    }

    @Test func theMatterIsNamedAcrossTurns() async throws {
        let before = try Self.before("four thousand", in: await Self.findings())
        #expect(before.first?.contains("the roof") == true, "\(before)")
        #expect(before.last == "What did he say, will it be dear?")
    }

    @Test func smallTalkNamesNoMatter() async throws {
        let before = try Self.before("one half", in: await Self.findings())
        #expect(!before.contains { $0.contains("penguins") }, "\(before)")
        #expect(
            !before.contains { $0.contains("the roof") }, "it is not sure which matter goes on: \(before)")
    }

    @Test func anotherMatterTakesItsPlace() async throws {
        let before = try Self.before("twenty pounds", in: await Self.findings())
        #expect(before.contains { $0.contains("summer fair") }, "\(before)")
        #expect(!before.contains { $0.contains("the roof") }, "\(before)")
    }

    @Test func aProcessThatStartsInTheMiddleFindsTheSame() async throws {
        let (whole, stopped) = (try await Self.findings(), try await Self.findings(stopped: true))
        #expect(whole[1].statements == stopped[1].statements)
        #expect(whole[0].matters?.openings.isEmpty == false)
    }

    /// Lines about one matter that follow each other show once what brought it up, also in short.
    @Test func whatBringsUpAMatterIsShownOnce() throws {
        func turn(_ number: Int, _ text: String) -> Statement.Turn {
            .init(
                text: text, citation: .init(utterance: number, start: nil, speaker: "Ann"), opensMatter: true)
        }
        let (roof, fair) = (turn(1, "Next, the roof."), turn(9, "Then there is the summer fair."))
        func line(_ number: Int, _ text: String, _ before: [Statement.Turn]?) -> Statement {
            Statement(
                text: text, beginsLine: true, isListed: true,
                citations: [.init(utterance: number, start: nil, speaker: "Ben")], missing: [], support: 1,
                speaker: "Ben", worth: 0.9, rank: 4, before: before)
        }
        let windows = [
            [line(2, "He wants four thousand for the tiles.", [roof])],
            [
                line(4, "The mason could begin in the second week of May.", [roof]),
                line(10, "We need forty more chairs than last summer.", [fair]),
                line(12, "The parish lends them for twenty pounds.", [roof]),
            ],
        ]
        let document = MinutesDocument.make(
            meeting: try MeetingID("m"), state: .open,
            received: .init(utterances: 14, words: 300, speakers: []),
            windows: windows.enumerated().map { number, statements in
                .init(
                    window: Window(
                        index: number, utterances: number * 7..<(number + 1) * 7, tokenCount: 1,
                        closedBy: .size),
                    wordCount: 150, outline: .init([]),
                    findings: WindowFindings(language: .english, statements: statements))
            }, generatedAt: .init(timeIntervalSince1970: 0))
        let shown = document.windows.flatMap { $0.statements ?? [] }
        #expect(shown.map { $0.before?.first?.citation.utterance } == [1, nil, 9, 1])
        let inShort = try #require(document.statements)
        #expect(
            inShort.count == 3 && inShort.map { $0.before?.first?.text }.filter { $0 == roof.text }.count < 3)
    }
}
