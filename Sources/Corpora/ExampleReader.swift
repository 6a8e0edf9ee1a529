import Foundation

/// Reads and writes examples as they are held here: a JSON object a line, with the keys of ``CorpusExample``.
///
/// So `minutelab draw` passes on what a model wrote, with a weight for each answer.
enum ExampleReader {
    /// Whether the first line is an example.
    static func recognises(_ text: String) -> Bool {
        guard let line = text.split(separator: "\n").first else { return false }
        return (try? JSONDecoder().decode(CorpusExample.self, from: Data(line.utf8))) != nil
    }

    static func read(_ path: String) throws(CorporaError) -> Corpus {
        var corpus = Corpus()
        let lines = try CorpusFile.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            let place = "\(path), line \(number + 1)"
            let example = try CorpusFile.decode(CorpusExample.self, from: Data(line.utf8), place: place)
            guard !example.source.isEmpty, !example.references.isEmpty else {
                throw CorporaError(.malformed, "\(place): an example wants a source and a reference")
            }
            guard example.weights.map({ $0.count == example.references.count }) ?? true else {
                throw CorporaError(.malformed, "\(place): there must be as many weights as references")
            }
            corpus.examples.append(example)
        }
        return corpus
    }
}

extension CorpusExample {
    /// The example as a line of a `.jsonl` file, without the line's end.
    public var line: String {
        get throws {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            return String(decoding: try encoder.encode(self), as: UTF8.self)
        }
    }
}
