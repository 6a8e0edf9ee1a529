/// The table of `Sources/README.md`: which targets there are, and who may import whom.
struct TargetTable: Sendable {
    /// In the order of the table.
    private(set) var targets: [String] = []
    /// Targets of this package that a target may import.
    private(set) var allowed: [String: Set<String>] = [:]
    private(set) var cTargets: Set<String> = []

    static let inference: Set = ["Weights", "Tokenizer", "Grammar", "Gemma", "Training"]
    static let meeting: Set = ["Transcript", "Summaries", "Minutes", "Ledger", "Intake"]
    /// The one file in which both halves are imported.
    static let seam = "Sources/Service/LanguageModels/GemmaLanguageModel.swift"

    init(_ markdown: String) {
        for line in markdown.split(separator: "\n") where line.hasPrefix("| `") {
            let columns = line.split(separator: "|").map { $0.trimming(while: { $0 == " " }) }
            guard columns.count == 3 else { continue }
            let names = Self.quoted(columns[0])
            for name in names {
                targets.append(name)
                if columns[0].contains("(C")
                    || name.hasPrefix("C") && name.dropFirst().first?.isUppercase == true
                {
                    cTargets.insert(name)
                }
                allowed[name] = allowedTargets(columns[2])
            }
        }
    }

    /// `Transcript, Ledger`, or a phrase such as `all Swift targets above`.
    private func allowedTargets(_ column: Substring) -> Set<String> {
        if column.hasPrefix("all Swift targets") { return Set(targets).subtracting(cTargets) }
        return Set(
            column.split(separator: ",").map { String($0.trimming(while: { $0 == " " })) }.filter(
                targets.contains))
    }

    private static func quoted(_ text: Substring) -> [String] {
        text.split(separator: "`", omittingEmptySubsequences: false).enumerated()
            .filter { $0.offset % 2 == 1 }.map { String($0.element) }
    }
}

/// The programs: they may print, and import what they show.
enum Programs {
    static let names: Set = ["minuted", "minutectl", "minutelab"]
}

/// The targets of the sources that `Package.swift` declares, with their dependencies inside the package.
struct Manifest: Sendable {
    private(set) var targets: [String: Set<String>] = [:]

    init(_ text: String) {
        let kinds: Set = ["target", "executableTarget", "systemLibrary"]
        let start = text.firstRange(of: "targets: [\n        //")?.lowerBound ?? text.startIndex
        for part in text[start...].split(separator: "\n        .") {
            guard let open = part.firstIndex(of: "("), kinds.contains(String(part[..<open])) else { continue }
            // Up to the comment that opens the next group.
            let body = part[open...].split(separator: "\n        //").first ?? part[open...]
            let strings = body.split(separator: "\"", omittingEmptySubsequences: false).enumerated()
                .filter { $0.offset % 2 == 1 }.map { String($0.element) }
            guard let name = strings.first, !strings.contains(where: { $0.hasPrefix("Tests/") }) else {
                continue
            }
            targets[name] = Set(strings.dropFirst())
        }
        // What is left are product and package names; only targets of the package count.
        let own = Set(targets.keys)
        targets = targets.mapValues { $0.intersection(own) }
    }
}

extension Substring {
    func trimming(while condition: (Character) -> Bool) -> Substring {
        var rest = drop(while: condition)
        while let last = rest.last, condition(last) { rest.removeLast() }
        return rest
    }
}
