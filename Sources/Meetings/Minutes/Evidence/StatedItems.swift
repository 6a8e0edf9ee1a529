import Foundation
import Language

/// Takes the items out of summaries that list them: those of a ``StructuredAnswer``.
enum StatedItems {
    /// The grounded ones, in order; what is below no heading of ours is none.
    static func items(in statements: [Statement]) -> [MinutesItem] {
        var kind: MinutesItem.Kind?
        return statements.compactMap { statement in
            if statement.beginsLine, !statement.isListed {
                kind = StructuredAnswer.Heading(rawValue: statement.text).map(kindBelow)
                return nil
            }
            guard let kind, statement.isListed, statement.isGrounded, let citation = statement.citations.first
            else { return nil }
            return item(kind, statement.text, citation)
        }
    }

    private static func kindBelow(_ heading: StructuredAnswer.Heading) -> MinutesItem.Kind {
        switch heading {
        case .decisions: .decision
        case .actions: .action
        case .questions: .question
        }
    }

    private static func item(
        _ kind: MinutesItem.Kind, _ text: String, _ citation: Statement.Citation
    ) -> MinutesItem {
        var item = MinutesItem(kind: kind, text: text, isQuoted: false, citation: citation)
        guard kind == .action else { return item }
        if let colon = text.prefix(61).firstRange(of: ": ") {
            item.owner = String(text[..<colon.lowerBound])
            item.text = text[colon.upperBound...].trimmingBlanks
        }
        if let due = item.text.firstMatch(of: /\s\(([^()]+)\)$/) {
            item.due = String(due.1)
            item.text.removeSubrange(due.range)
        } else {
            item.due = DateMentions.dueDate(in: item.text)
        }
        return item
    }
}
