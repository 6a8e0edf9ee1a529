import Language
import Summaries

/// The sentences of the minutes that say most, each with its evidence.
enum Highlight {
    /// One sentence for the whole meeting; nil if nothing that was written is grounded.
    ///
    /// Of the whole's summary, or else of the parts': the one with the best support among those of a sentence's length.
    static func of(_ document: MinutesDocument) -> Statement? {
        best(document.statements ?? []) ?? best(points(of: document))
    }

    /// The grounded sentences of all parts, each once, in order.
    static func points(of document: MinutesDocument) -> [Statement] {
        var seen: Set<String> = []
        return document.windows.flatMap { $0.statements ?? [] }.filter {
            $0.isGrounded && !$0.isHeading && seen.insert(TextReader.normalised($0.text)).inserted
        }
    }

    private static func best(_ statements: [Statement]) -> Statement? {
        statements.filter(\.isGrounded).enumerated().max { one, other in
            (worth(one.element), other.offset) < (worth(other.element), one.offset)
        }?.element
    }

    /// Words that carry meaning count as far as they are borne out; a long sentence is no highlight.
    private static func worth(_ statement: Statement) -> Double {
        let language = LanguageIdentifier.language(of: statement.text)
        let words = Double(TextReader.read(statement.text, language: language).stems.count)
        return statement.support * min(words, 14) / (1 + max(0, words - 20) / 10)
    }
}
