import Foundation
import TestSupport
import Testing

/// The bench on a tiny model: that its figures are there and agree with each other, not what they are.
@Suite(.enabled(if: Program.areBuilt, Program.absence))
struct BenchTests {
    private let scratch: Scratch
    private let model = Repository.tinyModels.appending(path: "gemma3-f32.gguf").path
    private let text = Repository.root.appending(path: "examples/planning.txt").path

    init() throws { scratch = try Scratch() }

    @Test func figuresAreConsistent() async throws {
        let path = scratch.path + "/figures.csv"
        let outcome = try await Program.minutelab.run(
            ["bench", model, "--quick", "--repetitions", "3", "--text", text, "--csv", path], in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        let lines = scratch.read("figures.csv").split(separator: "\n").map(String.init)
        let comments = lines.prefix { $0.hasPrefix("# ") }
        #expect(comments.contains { $0.contains("gemma3-f32.gguf") && !$0.contains(model) })
        #expect(comments.contains { $0.hasPrefix("# cpu: ") && $0.contains("threads") })
        let rows = lines.dropFirst(comments.count).map(Self.fields)
        let columns = try #require(rows.first)
        #expect(rows.allSatisfy { $0.count == columns.count })
        let figures = rows.dropFirst().map { row in
            Dictionary(uniqueKeysWithValues: zip(columns, row))
        }
        let sections = Set(figures.compactMap { $0["section"] })
        #expect(sections.isSuperset(of: ["limits", "start", "memory", "prefill", "decode"]))
        for figure in figures {
            let (low, middle, high) = (number(figure, "min"), number(figure, "median"), number(figure, "max"))
            #expect(low > 0 && low <= middle && middle <= high, "\(figure)")
            #expect(figure["n"] == "3", "\(figure)")
            #expect(
                (figure["limit"] == "") == (figure["percent_of_limit"] == ""),
                "a limit has its part: \(figure)")
            let name = try #require(figure["case"])
            #expect(outcome.output.contains(name), "the table has what the file has")
        }
        let limited = figures.filter { $0["limit"] != "" }.compactMap { $0["section"] }
        #expect(Set(limited) == ["prefill", "decode"])
    }

    /// A case that does not fit into the model is left out, and that is said.
    @Test func whatDoesNotFitIsLeftOut() async throws {
        let outcome = try await Program.minutelab.run(
            ["bench", model, "--quick", "--only", "prefill", "--text", text], in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output.contains("128 tokens at depth 0"))
        #expect(!outcome.output.contains("depth 4096"))
        #expect(outcome.errors.contains("prefill of 128 at depth 4096: left out"))
        #expect(!outcome.output.contains("decode"), "only what was asked for is measured")
    }

    @Test(arguments: [
        (["--only", "nothing"], "nothing"), (["--repetitions", "0"], "--repetitions 0"),
        (["--threads", "0"], "thread count 0"), (["--text", "/none/a.txt"], "/none/a.txt"),
    ])
    func badOptionIsNamed(_ options: [String], named: String) async throws {
        let outcome = try await Program.minutelab.run(["bench", model, "--quick"] + options, in: scratch)
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(named), "\(outcome.errors)")
        #expect(outcome.output.isEmpty)
    }

    private func number(_ figure: [String: String], _ column: String) -> Double {
        figure[column].flatMap(Double.init) ?? .nan
    }

    /// The fields of a CSV line; quoted ones may contain commas.
    private static func fields(_ line: String) -> [String] {
        line.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
            .reduce(into: [""]) { fields, part in
                let isQuoted = part.offset % 2 == 1
                let pieces =
                    isQuoted
                    ? [part.element] : part.element.split(separator: ",", omittingEmptySubsequences: false)
                fields[fields.count - 1] += pieces.first ?? ""
                fields += pieces.dropFirst().map(String.init)
            }
    }
}
