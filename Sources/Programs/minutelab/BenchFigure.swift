import Foundation

/// One figure of the bench: what was measured, under which circumstances, and every repetition's value.
struct BenchFigure: Sendable {
    /// One of the machine's limits and how much of it the median reaches.
    struct Limit: Sendable {
        enum Kind: String, Sendable {
            case memory, int8
        }

        var kind: Kind
        /// 1 is all of it.
        var fraction: Double
    }

    var section: String
    var name: String
    /// Tokens that were prefilled or decoded, of one sequence.
    var tokens: Int?
    /// Tokens that were in the cache before.
    var depth: Int?
    /// Sequences at once.
    var batch: Int?
    var unit: String
    /// One value for each repetition; never empty.
    var samples: [Double]
    var limit: Limit?

    var median: Double { samples.median }
    var minimum: Double { samples.min() ?? .nan }
    var maximum: Double { samples.max() ?? .nan }
}

extension [Double] {
    /// The middle value, or the mean of the two middle ones; NaN if there is none.
    var median: Double {
        guard !isEmpty else { return .nan }
        let sorted = sorted()
        return (sorted[(count - 1) / 2] + sorted[count / 2]) / 2
    }
}

/// Figures as a table for people and as CSV for programs.
enum BenchTable {
    private static let sectionWidth = 8
    private static let nameWidth = 50
    private static let numberWidth = 10

    static let heading =
        "section".padded(sectionWidth) + " " + "case".padded(nameWidth)
        + ["n", "median", "min", "max"].map { $0.indented($0 == "n" ? 4 : numberWidth) }.joined()
        + "  unit    of limit"

    /// A line of the table.
    static func line(_ figure: BenchFigure) -> String {
        let numbers = [figure.median, figure.minimum, figure.maximum].map { number($0).indented(numberWidth) }
        let limit = figure.limit.map { percent($0.fraction) + "% of " + $0.kind.rawValue } ?? ""
        let line =
            figure.section.padded(sectionWidth) + " " + figure.name.padded(nameWidth)
            + String(figure.samples.count).indented(4) + numbers.joined() + "  " + figure.unit.padded(8)
            + limit
        return String(line.reversed().drop { $0 == " " }.reversed())
    }

    /// The columns of ``csv(header:figures:)``.
    static let columns = [
        "section", "case", "tokens", "depth", "batch", "unit", "n", "median", "min", "max", "limit",
        "percent_of_limit",
    ]

    /// Comment lines with `#`, then the names of the columns, then a line for each figure.
    static func csv(header: [String], figures: [BenchFigure]) -> String {
        let comments = header.map { "# " + $0.replacing("\n", with: " ") }
        let rows = figures.map { figure in
            [
                figure.section, figure.name, optional(figure.tokens), optional(figure.depth),
                optional(figure.batch), figure.unit, String(figure.samples.count), decimal(figure.median),
                decimal(figure.minimum), decimal(figure.maximum), figure.limit?.kind.rawValue ?? "",
                figure.limit.map { percent($0.fraction) } ?? "",
            ].map(field).joined(separator: ",")
        }
        return (comments + [columns.joined(separator: ",")] + rows).joined(separator: "\n") + "\n"
    }

    private static func optional(_ value: Int?) -> String { value.map(String.init) ?? "" }

    private static func percent(_ fraction: Double) -> String { String(format: "%.1f", fraction * 100) }

    private static func decimal(_ value: Double) -> String { String(format: "%.4f", value) }

    /// As many digits as tell something.
    private static func number(_ value: Double) -> String {
        String(format: abs(value) >= 1000 ? "%.0f" : abs(value) >= 10 ? "%.1f" : "%.2f", value)
    }

    private static func field(_ text: String) -> String {
        guard text.contains(where: { ",\"\n\r".contains($0) }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }
}

extension String {
    fileprivate func padded(_ width: Int) -> String {
        self + String(repeating: " ", count: Swift.max(0, width - count))
    }

    fileprivate func indented(_ width: Int) -> String {
        String(repeating: " ", count: Swift.max(0, width - count)) + self
    }
}
