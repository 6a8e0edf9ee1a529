import Foundation

/// The results of an evaluation, as Markdown with plots for people and as CSV for programs.
package struct ScoreReport: Sendable, Hashable {
    /// The scores of systems that answered the same examples.
    package struct Section: Sendable, Hashable {
        /// A single word, used in file names and in the CSV.
        package var name: String
        /// The heading, for people.
        package var title: String
        /// The systems, in the order in which they are shown.
        package var systems: [SystemScores]

        /// Creates a section; `name` must be usable as part of a file name.
        package init(name: String, title: String, systems: [SystemScores]) {
            self.name = name
            self.title = title
            self.systems = systems
        }
    }

    /// A table of figures other than the measures.
    package struct Table: Sendable, Hashable {
        /// The heading of the table.
        package var title: String
        /// An explanation of what the table shows.
        package var text: String
        /// The names of the columns.
        package var columns: [String]
        /// The cells of each row, as many as there are columns.
        package var rows: [[String]]

        /// Creates a table with a heading, an explanation, and as many cells in each row as there are columns.
        package init(title: String, text: String, columns: [String], rows: [[String]]) {
            self.title = title
            self.text = text
            self.columns = columns
            self.rows = rows
        }
    }

    /// Something that a reader has to know to repeat the evaluation, such as the model or an option.
    package struct Fact: Sendable, Hashable {
        /// What the fact is about.
        package var name: String
        /// The value, which is shown on one line.
        package var value: String

        /// Creates a fact, shown as "name: value".
        package init(_ name: String, _ value: String) {
            self.name = name
            self.value = value
        }
    }

    /// How the evaluation was done.
    package var facts: [Fact]
    /// The scores that were measured.
    package var sections: [Section]
    /// Tables of other figures.
    package var tables: [Table]
    /// Limitations that the reader has to know: what was cut, left out or not answered.
    package var notes: [String]
    /// The name of the system that the others are compared with; sections without this system show no comparison.
    package var comparedSystem: String
    /// The seed for the intervals of differences.
    package var seed: UInt32

    /// Creates a report; by default it has no other tables and notes and compares no systems.
    package init(
        facts: [Fact], sections: [Section], tables: [Table] = [],
        notes: [String] = [],
        comparedSystem: String = "", seed: UInt32
    ) {
        self.facts = facts
        self.sections = sections
        self.tables = tables
        self.notes = notes
        self.comparedSystem = comparedSystem
        self.seed = seed
    }

    /// The names and contents of all files of the report.
    package var files: [(name: String, content: String)] {
        var files = [("report.md", markdown), ("scores.csv", csv), ("examples.csv", examplesCSV)]
        for section in sections {
            files.append((Self.rougeFile(section), Self.rougeChart(section).svg))
            files.append((Self.otherFile(section), Self.otherChart(section).svg))
        }
        return files
    }

    // MARK: Markdown

    /// The report as Markdown, which refers to the plots by their file names.
    package var markdown: String {
        var blocks = ["# Evaluation"]
        blocks.append(facts.map { "- \($0.name): \(Self.escaped($0.value))" }.joined(separator: "\n"))
        for section in sections { blocks += markdown(section) }
        for table in tables {
            blocks += ["## " + table.title, table.text, Self.table(table.columns, table.rows)]
        }
        if !notes.isEmpty { blocks += ["## Notes", notes.map { "- " + $0 }.joined(separator: "\n")] }
        return blocks.joined(separator: "\n\n") + "\n"
    }

    private func markdown(_ section: Section) -> [String] {
        let f1 = Rouge.Kind.allCases.map { Measure.rouge($0, .f1, .mean) }
        let parts = Rouge.Kind.allCases.flatMap { kind in
            [Measure.Part.precision, .recall].map { Measure.rouge(kind, $0, .mean) }
        }
        let best = Rouge.Kind.allCases.map { Measure.rouge($0, .f1, .best) }
        var blocks = [
            "## " + section.title,
            "ROUGE F1, the mean over all references, with 95% bootstrap intervals:",
            Self.table(section, f1, withIntervals: true), "![ROUGE](\(Self.rougeFile(section)))",
            "Precision and recall:", Self.table(section, parts, withIntervals: false),
        ]
        // If all examples have only one reference, both are the same.
        let hasSeveral = section.systems.contains { system in
            zip(f1, best).contains { system.summaries[$0]?.mean != system.summaries[$1]?.mean }
        }
        if hasSeveral {
            blocks += ["F1 with the best reference:", Self.table(section, best, withIntervals: true)]
        }
        blocks += [
            "Other measures, as means over the answers for which they are defined:",
            Self.table(section, Measure.others, withIntervals: false), "![Other](\(Self.otherFile(section)))",
        ]
        if let table = differences(section, f1) {
            blocks += [
                "By how much `\(comparedSystem)` is ahead, with intervals of the paired differences:", table,
            ]
        }
        return blocks
    }

    private func differences(_ section: Section, _ measures: [Measure]) -> String? {
        guard let compared = section.systems.first(where: { $0.name == comparedSystem }),
            section.systems.count > 1
        else { return nil }
        let rows = section.systems.filter { $0.name != comparedSystem }.map { system in
            ["`\(system.name)`"]
                + measures.map { measure in
                    guard let found = compared.difference(from: system, in: measure, seed: seed),
                        let base = system.summaries[measure]
                    else { return "" }
                    let relative =
                        base.mean > 0 ? String(format: " (%+.0f%%)", found.mean / base.mean * 100) : ""
                    return String(format: "%+.4f [%+.4f, %+.4f]", found.mean, found.low, found.high)
                        + relative
                }
        }
        return Self.table(["ahead of"] + measures.map(\.title), rows)
    }

    private static func table(_ section: Section, _ measures: [Measure], withIntervals: Bool) -> String {
        let rows = section.systems.map { system in
            ["`\(system.name)`", String(system.answers.count)]
                + measures.map { cell(system.summaries[$0], of: $0, withInterval: withIntervals) }
        }
        return table(["system", "examples"] + measures.map(\.title), rows)
    }

    private static func cell(_ summary: SystemScores.Summary?, of measure: Measure, withInterval: Bool)
        -> String
    {
        guard let summary else { return "–" }
        if measure == .words { return String(format: "%.1f", summary.mean) }
        guard withInterval else { return String(format: "%.4f", summary.mean) }
        return String(format: "%.4f [%.4f, %.4f]", summary.mean, summary.low, summary.high)
    }

    private static func table(_ columns: [String], _ rows: [[String]]) -> String {
        let lines = [columns, columns.map { _ in "---" }] + rows
        return lines.map { "| " + $0.map(escaped).joined(separator: " | ") + " |" }.joined(separator: "\n")
    }

    private static func escaped(_ text: String) -> String {
        text.replacing("|", with: "\\|").replacing("\n", with: " ")
    }

    // MARK: CSV

    /// The scores as CSV, with a line for each section, system and measure.
    package var csv: String {
        var rows = [["section", "system", "measure", "mean", "low", "high", "examples"]]
        for section in sections {
            for system in section.systems {
                for measure in Measure.all {
                    guard let summary = system.summaries[measure] else { continue }
                    rows.append(
                        [section.name, system.name, measure.name]
                            + [summary.mean, summary.low, summary.high].map { String(format: "%.6f", $0) }
                            + [String(summary.count)])
                }
            }
        }
        let comments = facts.map { "# \($0.name): \($0.value)".replacing("\n", with: " ") }
        return comments.map { $0 + "\n" }.joined() + Self.csv(rows)
    }

    /// The answers and their measures as CSV, with a line for each answer.
    package var examplesCSV: String {
        var rows = [["section", "system", "id"] + Measure.all.map(\.name) + ["text"]]
        for section in sections {
            for system in section.systems {
                for answer in system.answers {
                    rows.append(
                        [section.name, system.name, answer.id]
                            + Measure.all.map { measure in
                                answer.values[measure].map { String(format: "%.6f", $0) } ?? ""
                            } + [answer.text])
                }
            }
        }
        return Self.csv(rows)
    }

    private static func csv(_ rows: [[String]]) -> String {
        rows.map { $0.map(field).joined(separator: ",") + "\n" }.joined()
    }

    private static func field(_ text: String) -> String {
        guard text.contains(where: { $0.isNewline || $0 == "," || $0 == "\"" }) else { return text }
        return "\"" + text.replacing("\"", with: "\"\"") + "\""
    }

    // MARK: Plots

    private static func rougeFile(_ section: Section) -> String { section.name + "-rouge.svg" }
    private static func otherFile(_ section: Section) -> String { section.name + "-other.svg" }

    private static func rougeChart(_ section: Section) -> BarChart {
        chart(
            section, Rouge.Kind.allCases.map { .rouge($0, .f1, .mean) }, title: section.title + ": ROUGE F1")
    }

    private static func otherChart(_ section: Section) -> BarChart {
        chart(section, Measure.others.filter { $0 != .words }, title: section.title + ": other measures")
    }

    private static func chart(_ section: Section, _ measures: [Measure], title: String) -> BarChart {
        BarChart(
            title: title, groups: measures.map(\.title),
            series: section.systems.map { system in
                BarChart.Series(
                    name: system.name,
                    bars: measures.map { measure in
                        system.summaries[measure].map {
                            BarChart.Bar(value: $0.mean, low: $0.low, high: $0.high)
                        }
                    })
            })
    }
}
