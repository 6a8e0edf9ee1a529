import Foundation
import Testing

@testable import Evaluation

#if canImport(FoundationXML)
import FoundationXML
#endif

struct ScoreReportTests {
    private static func system(_ name: String, _ texts: [String]) -> SystemScores {
        let answers = texts.enumerated().map { number, text in
            ScoredAnswer(
                id: "e\(number)", text: text,
                references: ["The ferry sails at noon, says \"Ann\".", "At noon the ferry sails."],
                source: ["Ann: The ferry sails at noon.", "Bob: Fine."], isStemmed: true)
        }
        return SystemScores(name: name, answers: answers, seed: 1)
    }

    private let report = ScoreReport(
        facts: [.init("seed", "1"), .init("command", "a | b")],
        sections: [
            ScoreReport.Section(
                name: "dialogue", title: "Dialogues <&>",
                systems: [
                    system(
                        "good", ["The ferry sails at noon.", "At noon, the \"ferry\"\nsails.", "Noon it is."]),
                    system("bad", ["Zebras.", "", "Twenty zebras at noon."]),
                ])
        ],
        tables: [ScoreReport.Table(title: "More", text: "Else.", columns: ["a", "b"], rows: [["1", "2"]])],
        notes: ["cut: 2"], comparedSystem: "good", seed: 1)

    @Test func summariesAreMeansWithTheirIntervalsAround() throws {
        let good = report.sections[0].systems[0]
        for (measure, summary) in good.summaries {
            let values = good.answers.compactMap { $0.values[measure] }
            #expect(summary.count == values.count)
            #expect(abs(summary.mean - values.reduce(0, +) / Double(values.count)) < 1e-12)
            #expect(summary.low <= summary.mean + 1e-12 && summary.mean <= summary.high + 1e-12)
        }
        #expect(good.summaries[.numberFaithfulness] == nil, "no answer has a number")
        #expect(report.sections[0].systems[1].summaries[.numberFaithfulness]?.count == 1)
    }

    @Test func differenceOfPairsIsTheDifferenceOfMeans() throws {
        let systems = report.sections[0].systems
        let measure = Measure.rouge(.rougeL, .f1, .mean)
        let found = try #require(systems[0].difference(from: systems[1], in: measure, seed: 1))
        let means = try systems.map { try #require($0.summaries[measure]).mean }
        #expect(abs(found.mean - (means[0] - means[1])) < 1e-12)
        let back = try #require(systems[1].difference(from: systems[0], in: measure, seed: 1))
        #expect(abs(found.low + back.high) < 1e-12 && abs(found.high + back.low) < 1e-12)
    }

    @Test func peopleAreMeasuredAgainstEachOther() throws {
        let references = ["The ferry sails.", "The ferry sails.", "A zebra."]
        let human = try #require(
            ScoredAnswer(id: "x", references: references, source: ["a"], isStemmed: false))
        // Of the six ordered pairs, two consist of equal texts; the others have nothing in common.
        #expect(abs((human.values[.rouge(.rouge1, .f1, .mean)] ?? 0) - 1 / 3) < 1e-12)
        #expect(abs((human.values[.rouge(.rouge1, .f1, .best)] ?? 0) - 2 / 3) < 1e-12)
        #expect(ScoredAnswer(id: "x", references: ["alone"], source: ["a"], isStemmed: false) == nil)
    }

    @Test func csvHasALineForEachMeasureAndEachAnswer() throws {
        let lines = report.csv.split(separator: "\n").filter { !$0.hasPrefix("#") }
        #expect(lines.count == 1 + report.sections[0].systems.reduce(0) { $0 + $1.summaries.count })
        #expect(lines.dropFirst().allSatisfy { $0.split(separator: ",").count == 7 })
        // One answer contains a line break, so its field is quoted and spans two lines.
        #expect(report.examplesCSV.contains("\"At noon, the \"\"ferry\"\"\nsails.\""))
        #expect(report.examplesCSV.split(separator: "\n").count == 1 + 6 + 1)
    }

    @Test func markdownShowsEverySystemAndNamesItsPlots() {
        let names = Set(report.files.map(\.name))
        #expect(
            names == ["report.md", "scores.csv", "examples.csv", "dialogue-rouge.svg", "dialogue-other.svg"])
        let markdown = report.markdown
        for file in names where file.hasSuffix(".svg") { #expect(markdown.contains("](\(file))")) }
        for part in ["`good`", "`bad`", "a \\| b", "cut: 2", "## More", "ahead of", "best reference"] {
            #expect(markdown.contains(part), "\(part)")
        }
        // All rows of a table have the same number of cells.
        for table in markdown.split(separator: "\n\n") where table.hasPrefix("|") {
            let widths = table.split(separator: "\n").map {
                $0.replacing("\\|", with: "").split(separator: "|").count
            }
            #expect(Set(widths).count == 1)
        }
    }

    @Test func sameInputGivesTheSameFiles() {
        #expect(report.files.map(\.content) == report.files.map(\.content))
        #expect(report.markdown.contains("NaN") == false && report.csv.contains("nan") == false)
    }

    @Test func plotIsWellFormedAndDrawsEveryBar() throws {
        let svg = try #require(report.files.first { $0.name == "dialogue-rouge.svg" }).content
        let counter = ElementCounter()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = counter
        #expect(parser.parse())
        // The background, a bar for each system and kind, and a square for each system in the legend.
        #expect(counter.counts["rect"] == 1 + 2 * 4 + 2)
        #expect(counter.counts["path"] == 2 * 4)
        #expect(svg.contains("Dialogues &lt;&amp;&gt;"))
    }
}

private final class ElementCounter: NSObject, XMLParserDelegate {
    var counts: [String: Int] = [:]

    func parser(
        _ parser: XMLParser, didStartElement elementName: String, namespaceURI: String?,
        qualifiedName: String?, attributes: [String: String]
    ) {
        counts[elementName, default: 0] += 1
    }
}
