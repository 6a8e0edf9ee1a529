import Foundation

/// Reads DialogSum (Chen et al., 2021): one JSON object on each line, with `dialogue` and `summary`, or with `summary1`
/// to `summary3` in the test split.
enum DialogSumReader {
    private struct Line: Decodable {
        var fname: String?
        var dialogue: String
        var references: [String]

        init(from decoder: any Decoder) throws {
            let values = try decoder.container(keyedBy: Key.self)
            fname = try values.decodeIfPresent(String.self, forKey: Key("fname"))
            dialogue = try values.decode(String.self, forKey: Key("dialogue"))
            references = try (["summary"] + (1...9).map { "summary\($0)" }).compactMap {
                try values.decodeIfPresent(String.self, forKey: Key($0))
            }
            guard !references.isEmpty else {
                throw DecodingError.keyNotFound(
                    Key("summary"), .init(codingPath: [], debugDescription: "no summary"))
            }
        }
    }

    private struct Key: CodingKey {
        var stringValue: String
        var intValue: Int? { nil }

        init(_ name: String) { stringValue = name }
        init?(stringValue: String) { self.init(stringValue) }
        init?(intValue: Int) { nil }
    }

    /// Whether the first line is a dialogue; otherwise the file may be a transcript with one utterance on each line.
    static func recognises(_ text: String) throws(CorporaError) -> Bool {
        guard let line = text.split(separator: "\n").first else { return false }
        return (try? JSONDecoder().decode(Line.self, from: Data(line.utf8))) != nil
    }

    static func read(_ path: String, isCleaned: Bool) throws(CorporaError) -> Corpus {
        var corpus = Corpus()
        var withoutWords = 0
        let lines = try CorpusFile.text(path).split(separator: "\n", omittingEmptySubsequences: false)
        for (number, line) in lines.enumerated() where !line.allSatisfy(\.isWhitespace) {
            let place = "\(path), line \(number + 1)"
            let read = try CorpusFile.decode(Line.self, from: Data(line.utf8), place: place)
            let source = utterances(read.dialogue).map { utterance in
                var utterance = utterance
                if isCleaned { utterance.text = DialogSumText.cleaned(utterance.text) }
                return utterance
            }
            let references = read.references.map(\.trimmed).filter { !$0.isEmpty }
            guard !source.isEmpty, !references.isEmpty else {
                withoutWords += 1
                continue
            }
            corpus.examples.append(
                CorpusExample(
                    id: "dialogsum/" + (read.fname ?? "\(CorpusFile.stem(path))_line\(number + 1)"),
                    kind: .dialogue, source: source, references: references))
        }
        if withoutWords > 0 {
            corpus.notes.append("\(path): \(withoutWords) dialogues without words left out")
        }
        return corpus
    }

    /// Splits a dialogue into utterances, one for each line such as `#Person1#: Hello.`; a line without a speaker
    /// continues the utterance before.
    private static func utterances(_ dialogue: String) -> [CorpusUtterance] {
        var utterances: [CorpusUtterance] = []
        for line in dialogue.split(whereSeparator: \.isNewline).map(\.collapsed) where !line.isEmpty {
            if line.hasPrefix("#"), let end = line.firstRange(of: "#:"), line.startIndex < end.lowerBound {
                let text = line[end.upperBound...].trimmed
                guard !text.isEmpty else { continue }
                let speaker = String(line[...end.lowerBound])
                utterances.append(CorpusUtterance(speaker: speaker, text: text, index: utterances.count))
            } else if utterances.isEmpty {
                utterances.append(CorpusUtterance(speaker: nil, text: line, index: 0))
            } else {
                utterances[utterances.count - 1].text += " " + line
            }
        }
        return utterances
    }
}
