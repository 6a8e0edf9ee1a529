import Language

/// What a meeting says to a question.
package struct MeetingAnswer: Sendable, Hashable, Codable {
    /// What kind of answer it is.
    package enum Kind: String, Sendable, Codable {
        /// A model worded it, and what was said bears it out.
        case written
        /// Passages are quoted, and nobody worded an answer.
        case quoted
        /// Nothing in the meeting bears on the question.
        case notSaid
    }

    /// What a reader has to know of how it came about.
    package enum Remark: String, Sendable, Codable {
        /// A model worded an answer that what was said does not bear out, so that it is not shown.
        case notBorneOut
        /// The model failed, so that the passages were chosen by their words alone.
        case modelFailed
        /// The question is in another language than what was said, whose words cannot be compared with it.
        case otherLanguage
    }

    /// The question, on one line.
    package var question: String
    /// The language that it is asked in.
    package var language: LanguageCode
    /// The language that most of the meeting is in.
    package var spoken: LanguageCode
    /// What kind of answer it is.
    package var kind: Kind
    /// A model's sentences, each with the turns that bear it out; empty if it worded none.
    package var statements: [Statement]
    /// What was said, in the order in which it fits, each with its turns; what is quoted is only shortened.
    package var passages: [Statement]
    /// How much of the question's words the passage has that has most of them, 0 to 1; rare words weigh more.
    package var coverage: Double
    /// How much likelier a model finds the question after the passage after which it is likeliest than after a text about nothing, as the
    /// difference of natural logarithms, told for a question of usual length; nil if no model was asked.
    package var gain: Double?
    /// What has to be known of how it came about; nil if nothing.
    package var remark: Remark?

    /// The turns that are cited, from 0, each once, in order.
    package var turns: [Int] {
        let all = (statements + passages).flatMap { statement in
            (statement.citations + ((statement.before ?? []) + (statement.after ?? [])).map(\.citation))
                .map(\.utterance)
        }
        return Set(all).sorted()
    }
}
