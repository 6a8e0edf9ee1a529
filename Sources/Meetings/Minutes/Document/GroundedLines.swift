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
        func places(_ line: Int) -> Set<Int> {
            indices.contains(line)
                ? Set(self[line].statements.flatMap { $0.citations.map(\.utterance) }) : []
        }
        for line in indices {
            for place in lines[line].statements.indices {
                let shown = (above: places(line - 1).subtracting(places(line)), below: places(line + 1))
                lines[line].statements[place].before?.removeAll {
                    shown.above.contains($0.citation.utterance)
                }
                lines[line].statements[place].after?.removeAll { shown.below.contains($0.citation.utterance) }
            }
        }
        return lines
    }
}
