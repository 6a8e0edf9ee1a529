import Summaries

/// A quotation with what a reader needs around it, as plain text.
///
/// What the same speaker said before or after it becomes part of it; what somebody else said stands before or after it,
/// with their name.
struct QuotedTurns: Hashable {
    /// What somebody else said before it, with their name.
    private(set) var before: String?
    /// The quotation.
    private(set) var text: String
    /// What somebody else said to it.
    private(set) var after: String?

    init(
        _ text: String, _ citation: Statement.Citation?, before: [Statement.Turn]?,
        after: [Statement.Turn]? = nil, _ labels: Labels
    ) {
        // Without names, nobody knows whose words a turn's are.
        func isOwn(_ turn: Statement.Turn) -> Bool {
            turn.citation.utterance == citation?.utterance
                || turn.citation.speaker != nil && turn.citation.speaker == citation?.speaker
        }
        let (before, after) = (before ?? [], after ?? [])
        let others = before.prefix((before.lastIndex { !isOwn($0) } ?? -1) + 1)
        self.before = Self.spoken(others, labels)
        let replies = after.drop(while: isOwn)
        self.after = Self.spoken(replies, labels)
        var text = text
        var place = citation?.utterance
        for turn in before[others.endIndex...].reversed() {
            let isBeside = turn.citation.utterance == place && turn.opensMatter != true
            text = turn.text + (isBeside ? " " : " … ") + text
            place = turn.citation.utterance
        }
        for turn in after[..<replies.startIndex] { text += " … " + turn.text }
        self.text = text
    }

    init(_ statement: Statement, _ labels: Labels) {
        self.init(
            statement.text, statement.citations.first, before: statement.before, after: statement.after,
            labels)
    }

    /// What was said before an item of a list, with the names; nil if nothing is shown of it.
    ///
    /// It stands below the item, so that the list can be read without it.
    static func situation(of item: MinutesItem, _ labels: Labels) -> String? {
        spoken(item.before ?? [], labels)
    }

    private static func spoken(_ turns: some Collection<Statement.Turn>, _ labels: Labels) -> String? {
        var spoken: [String] = []
        var last: Int?
        for turn in turns {
            // What was said between two of them, a nod apart, is not shown.
            if let last, turn.citation.utterance > last + 2 { spoken.append("…") }
            spoken.append(labels.labelled(turn.citation.speaker, turn.text))
            last = turn.citation.utterance
        }
        return spoken.isEmpty ? nil : spoken.joined(separator: dash)
    }

    /// What stands between what different people said.
    private static let dash = " – "

    /// The whole, the quotation as `own`, what is around it marked by `aside`.
    func joined(own: String, aside: (String) -> String) -> String {
        [before.map(aside), own, after.map(aside)].compactMap(\.self).joined(separator: Self.dash)
    }
}
