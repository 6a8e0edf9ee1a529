/// Something that came of a meeting.
public struct MinutesItem: Sendable, Hashable, Codable {
    /// What it is.
    public enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// What was agreed.
        case decision
        /// What somebody is going to do.
        case action
        /// What was left open.
        case question
    }

    /// What it is.
    public var kind: Kind
    /// What it is about.
    public var text: String
    /// Whether ``text`` is a sentence as it was said, without the fillers before it; else a model wrote it.
    public var isQuoted: Bool
    /// Who is going to do it: only of an action, and only if it was said.
    public var owner: String?
    /// By when, in the words of the transcript: only of an action, and only if it was said.
    public var due: String?
    /// The utterance.
    public var citation: Statement.Citation
}
