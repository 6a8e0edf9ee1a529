import Summaries

/// A line of a summary, reduced to its grounded sentences.
struct GroundedLine: Sendable, Hashable {
    /// Whether it is the heading of the lines below it.
    var isHeading: Bool
    /// Whether it is an item of a list.
    var isListed: Bool
    /// Its sentences, in order; never empty.
    var statements: [Statement]
}

extension [Statement] {
    /// The lines of the summary without ungrounded statements and without headings that have nothing below them.
    var groundedLines: [GroundedLine] {
        var lines: [GroundedLine] = []
        var heading: Statement?
        var needsLine = true
        for statement in self {
            needsLine = needsLine || statement.beginsLine
            if statement.isHeading {
                heading = statement
                continue
            }
            if statement.beginsLine, !statement.isListed { heading = nil }
            guard statement.isGrounded else { continue }
            if let shown = heading {
                lines.append(GroundedLine(isHeading: true, isListed: false, statements: [shown]))
            }
            heading = nil
            if needsLine || lines.isEmpty {
                lines.append(
                    GroundedLine(isHeading: false, isListed: statement.isListed, statements: [statement]))
            } else {
                lines[lines.endIndex - 1].statements.append(statement)
            }
            needsLine = false
        }
        return lines.withoutRepeatedTurns
    }
}

extension [GroundedLine] {
    /// The lines, each without what was said before or after it where the line above or below shows that.
    fileprivate var withoutRepeatedTurns: [GroundedLine] {
        var lines = self
        func shows(_ line: Int, _ turn: Statement.Turn) -> Bool {
            indices.contains(line)
                && self[line].statements.contains {
                    $0.citations.contains(turn.citation) && $0.text.contains(turn.text)
                }
        }
        var shownOpenings: Set<Int> = []
        for line in indices {
            shownOpenings.formUnion(self[line].statements.flatMap(\.citations).map(\.utterance))
            for place in lines[line].statements.indices {
                lines[line].statements[place].before?.removeAll { turn in
                    shows(line - 1, turn)
                        || turn.opensMatter == true && !shownOpenings.insert(turn.citation.utterance).inserted
                }
                lines[line].statements[place].after?.removeAll { shows(line + 1, $0) }
            }
        }
        return lines
    }
}
