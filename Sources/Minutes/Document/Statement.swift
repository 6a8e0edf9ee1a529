/// A sentence of a summary with the utterances that it rests on, and what came of comparing them.
public struct Statement: Sendable, Hashable, Codable {
    /// An utterance that a statement rests on.
    public struct Citation: Sendable, Hashable, Codable {
        /// Its sequence number in the meeting, 0-based.
        public var utterance: Int
        /// Seconds from the meeting's start, if the transcript has times.
        public var start: Double?
        /// Who said it, if the transcript says so.
        public var speaker: String?
    }

    /// What is claimed.
    public var text: String
    /// Whether it begins a line of the summary.
    public var beginsLine: Bool
    /// Whether its line is a list's item.
    public var isListed: Bool
    /// What it rests on, in order; empty if nothing in the transcript is like it.
    public var citations: [Citation]
    /// Numbers, names and calendar words of it that are in none of the cited utterances.
    public var missing: [String]
    /// Share of its words' weight that the cited utterances have, 0 to 1; rare words weigh more.
    public var support: Double

    /// Below this a statement has hardly more in common with what it cites than with any other part of the meeting.
    public static let leastSupport = 0.4

    /// Whether it only opens the lines below it (`Decisions:`) and claims nothing.
    public var isHeading: Bool { beginsLine && !isListed && text.hasSuffix(":") }

    /// Whether what was said bears it out, as far as comparing words can tell.
    public var isGrounded: Bool { missing.isEmpty && !citations.isEmpty && support >= Self.leastSupport }
}

extension [Statement] {
    /// The lines of the summary without the statements that are not grounded, as ``MarkdownText`` takes them; `mark`
    /// makes of a statement's citations what stands behind it.
    func groundedText(mark: ([Statement.Citation]) -> String) -> String {
        var text = ""
        var heading: String?
        var needsLine = true
        for statement in self {
            needsLine = needsLine || statement.beginsLine
            if statement.isHeading {
                heading = statement.text
                continue
            }
            if statement.beginsLine, !statement.isListed { heading = nil }
            guard statement.isGrounded else { continue }
            if !text.isEmpty { text += needsLine ? "\n" : " " }
            if let shown = heading { text += shown + "\n" }
            heading = nil
            if needsLine, statement.isListed { text += "- " }
            text += statement.text + mark(statement.citations)
            needsLine = false
        }
        return text
    }
}
