import Language
import Summaries

/// The most telling sentences of the minutes, with their evidence.
struct Highlights {
    /// What has to be known of a sentence; it is read once.
    struct Sentence {
        /// Its text without case and punctuation.
        let normalised: String
        /// How many of its words carry meaning.
        let wordCount: Int
    }

    private let document: MinutesDocument
    private let kept: KeptPieces<String, Sentence>

    init(_ document: MinutesDocument, kept: KeptPieces<String, Sentence>) {
        self.document = document
        self.kept = kept
    }

    /// One sentence for the whole meeting; nil if no sentence is grounded.
    ///
    /// It comes from the summary of the whole, or else from those of the parts: the best supported one that is not
    /// long.
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

    /// What a quotation was chosen for; else more meaning and better support make a sentence worth more; a long one is worth less.
    private func worth(_ statement: Statement) -> Double {
        if let rank = statement.rank { return rank }
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
