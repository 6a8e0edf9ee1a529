/// Something that came of a meeting.
package struct MinutesItem: Sendable, Hashable, Codable {
    /// What it is.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// What was agreed.
        case decision
        /// What somebody is going to do.
        case action
        /// What was left open.
        case question
    }

    /// What it is.
    package var kind: Kind
    /// What it is about.
    package var text: String
    /// Whether ``text`` is a sentence as it was said, without the fillers before it; else a model wrote it.
    package var isQuoted: Bool
    /// Who is going to do it: only of an action, and only if it was said.
    package var owner: String?
    /// By when, in the words of the transcript: only of an action, and only if it was said.
    package var due: String?
    /// The utterance.
    package var citation: Statement.Citation
    /// What a quoted one answers or points back to, in order.
    package var before: [Statement.Turn]?
}
