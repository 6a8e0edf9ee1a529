import Language
import Summaries

/// The sentences of the minutes that say most, each with its evidence.
struct Highlights {
    /// What is read of a sentence, once.
    struct Sentence {
        /// The same for all sentences that differ in nothing but case and marks.
        let normalised: String
        /// How many words carry meaning.
        let wordCount: Int
    }

    private let document: MinutesDocument
    private let kept: KeptPieces<String, Sentence>

    init(_ document: MinutesDocument, kept: KeptPieces<String, Sentence>) {
        self.document = document
        self.kept = kept
    }

    /// One sentence for the whole meeting; nil if nothing that was written is grounded.
    ///
    /// Of the whole's summary, or else of the parts': the one with the best support among those of a sentence's length.
    var best: Statement? { best(document.statements ?? []) ?? best(points) }

    /// The grounded sentences of all parts, each once, in order.
    var points: [Statement] {
        var seen: Set<String> = []
        return document.windows.flatMap { $0.statements ?? [] }.filter {
            $0.isGrounded && !$0.isHeading && seen.insert(sentence($0).normalised).inserted
        }
    }

    private func best(_ statements: [Statement]) -> Statement? {
        statements.filter(\.isGrounded).enumerated().max { one, other in
            (worth(one.element), other.offset) < (worth(other.element), one.offset)
        }?.element
    }

    /// Words that carry meaning count as far as they are borne out; a long sentence is no highlight.
    private func worth(_ statement: Statement) -> Double {
        let words = Double(sentence(statement).wordCount)
        return statement.support * min(words, 14) / (1 + max(0, words - 20) / 10)
    }

    private func sentence(_ statement: Statement) -> Sentence {
        kept.piece(of: statement.text) {
            let language = LanguageIdentifier.language(of: statement.text)
            return Sentence(
                normalised: TextReader.normalised(statement.text),
                wordCount: TextReader.read(statement.text, language: language).stems.count)
        }
    }
}
