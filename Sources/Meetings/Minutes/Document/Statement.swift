import Transcript

/// A sentence of a summary with the utterances that it rests on, and what came of comparing them.
package struct Statement: Sendable, Hashable, Codable {
    /// An utterance that a statement rests on.
    package struct Citation: Sendable, Hashable, Codable {
        /// Its sequence number in the meeting, 0-based.
        package var utterance: Int
        /// Seconds from the meeting's start, if the transcript has times.
        package var start: Double?
        /// Who said it, if the transcript says so.
        package var speaker: String?
    }

    /// What is claimed.
    package var text: String
    /// Whether it begins a line of the summary.
    package var beginsLine: Bool
    /// Whether its line is a list's item.
    package var isListed: Bool
    /// What it rests on, in order; empty if nothing in the transcript is like it.
    package var citations: [Citation]
    /// Numbers, names and calendar words of it that are in none of the cited utterances.
    package var missing: [String]
    /// Share of its words' weight that the cited utterances have, 0 to 1; rare words weigh more.
    package var support: Double

    /// Below this a statement has hardly more in common with what it cites than with any other part of the meeting.
    package static let leastSupport = 0.4

    /// Whether it only opens the lines below it (`Decisions:`) and claims nothing.
    package var isHeading: Bool { beginsLine && !isListed && text.hasSuffix(":") }

    /// Whether what was said bears it out, as far as comparing words can tell.
    package var isGrounded: Bool { missing.isEmpty && !citations.isEmpty && support >= Self.leastSupport }
}

/// A line of a summary, of which only what is grounded is left.
struct GroundedLine: Sendable, Hashable {
    /// Whether it opens the lines below it.
    var isHeading: Bool
    /// Whether it is a list's item.
    var isListed: Bool
    /// Its sentences, in order; never empty.
    var statements: [Statement]
}

extension [Statement] {
    /// The lines of the summary without the statements that are not grounded, and without headings that nothing follows.
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
        return lines
    }

    /// ``groundedLines`` as ``MarkdownText`` takes them; `mark` makes of a statement's citations what stands behind it.
    func groundedText(mark: ([Statement.Citation]) -> String) -> String {
        groundedLines.map { line in
            (line.isListed ? "- " : "")
                + line.statements.map { $0.text + (line.isHeading ? "" : mark($0.citations)) }
                .joined(separator: " ")
        }.joined(separator: "\n")
    }
}

extension Statement.Citation {
    /// The citation of `utterance`, which has the sequence number `number`.
    init(_ utterance: Utterance, number: Int) {
        self.init(utterance: number, start: utterance.start, speaker: utterance.speaker)
    }
}
