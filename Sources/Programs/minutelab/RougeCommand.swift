import ArgumentParser
import Evaluation
import Foundation

/// `minutelab rouge`: scores of given texts, for comparing with other programs.
struct RougeCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rouge",
        abstract: "Computes ROUGE of texts in a file.",
        discussion: """
            Reads an object a line, {"prediction": "...", "references": ["...", ...]}, and writes an object a line \
            with precision, recall and F1 of each kind of ROUGE: "mean" over the references taken singly, and \
            "best", the reference with the largest F1.
            """)

    @Argument(help: "A file of JSON Lines; standard input if not given.")
    var file: String?

    @Flag(help: "Compare Porter's stems instead of words.")
    var stem = false

    private struct Texts: Decodable {
        var prediction: String
        var references: [String]
    }

    private struct Scores: Encodable {
        var mean: [String: [Double]]
        var best: [String: [Double]]
    }

    func run() throws {
        let data: Data
        if let file {
            guard let contents = FileManager.default.contents(atPath: file) else {
                throw ValidationError("\(file): cannot be read")
            }
            data = contents
        } else {
            data = FileHandle.standardInput.readDataToEndOfFile()
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        for (number, line) in data.split(separator: UInt8(ascii: "\n")).enumerated() {
            guard let texts = try? JSONDecoder().decode(Texts.self, from: line), !texts.references.isEmpty
            else {
                throw ValidationError(
                    "\(file ?? "standard input"), line \(number + 1): is no object with a prediction and references"
                )
            }
            let each = Rouge.each(
                prediction: texts.prediction, references: texts.references, isStemmed: stem)
            let scores = Scores(mean: Self.numbers(.mean(of: each)), best: Self.numbers(.best(of: each)))
            print(String(decoding: try encoder.encode(scores), as: UTF8.self))
        }
    }

    private static func numbers(_ rouge: Rouge) -> [String: [Double]] {
        Dictionary(
            uniqueKeysWithValues: Rouge.Kind.allCases.map { kind in
                (kind.rawValue, [rouge[kind].precision, rouge[kind].recall, rouge[kind].f1])
            })
    }
}
