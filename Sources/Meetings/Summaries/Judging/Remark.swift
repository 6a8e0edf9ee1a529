/// A sentence that somebody said, and what kind of remark it is by its wording.
package struct Remark: Sendable, Hashable, Codable {
    /// What it is.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Says much in few words.
        case quote
        /// Agrees with somebody.
        case agreement
        /// Praises or thanks.
        case praise
        /// Worries, or names a problem.
        case concern
        /// Contradicts or refuses.
        case objection
        /// Says what somebody would like.
        case wish
        /// Says what has been done.
        case done
        /// Says what somebody is about to do.
        case next
        /// Says what holds somebody up.
        case blocked
    }

    /// What it is.
    package var kind: Kind
    /// The sentence as it was said, without the fillers before it.
    package var text: String
    /// The utterance.
    package var citation: Statement.Citation
}

/// A question and what somebody else said next.
package struct Exchange: Sendable, Hashable, Codable {
    /// The question as it was asked.
    package var question: String
    /// Where it was asked.
    package var asked: Statement.Citation
    /// The beginning of what somebody else said next.
    package var answer: String
    /// Where that was said.
    package var answered: Statement.Citation
}
