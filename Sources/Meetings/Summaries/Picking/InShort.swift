import Language

/// What a meeting comes down to, as it was said: its best picks, each with its evidence.
package enum InShort {
    /// The best of the quoted `statements` of a meeting's windows, in order; empty if none is quoted.
    ///
    /// Three to six, the more the longer the meeting; of those that say much the same, the first.
    package static func statements(of windows: [[Statement]]) -> [Statement] {
        let quoted = windows.enumerated().flatMap { window, statements in
            statements.filter(\.isQuoted).map { (window: window, statement: $0) }
        }
        let limit = min(6, max(3, windows.count / 2))
        let best = quoted.enumerated().sorted {
            ($1.element.statement.rank ?? 0, $0.offset) < ($0.element.statement.rank ?? 0, $1.offset)
        }
        var chosen: [(offset: Int, stems: Set<String>)] = []
        var perWindow: [Int: Int] = [:]
        for (offset, element) in best where chosen.count < limit {
            guard perWindow[element.window, default: 0] < max(mostPerWindow, limit / windows.count) else {
                continue
            }
            let stems = Set(
                TextReader.read(
                    element.statement.text, language: LanguageIdentifier.language(of: element.statement.text)
                ).stems)
            let isNew = chosen.allSatisfy {
                2 * $0.stems.intersection(stems).count <= min($0.stems.count, stems.count)
            }
            guard isNew else { continue }
            chosen.append((offset, stems))
            perWindow[element.window, default: 0] += 1
        }
        return chosen.map(\.offset).sorted().map { quoted[$0].statement }
    }

    /// A meeting is told from all its parts.
    private static let mostPerWindow = 2

    /// The summary that consists of such statements; nil if there are none.
    package static func summary(of statements: [Statement], model: String) -> MeetingSummary? {
        guard !statements.isEmpty else { return nil }
        let lines = statements.map { "- " + FallbackSummary.spoken($0.speaker, $0.text) }
        return MeetingSummary(text: lines.joined(separator: "\n"), model: model, tokens: 0, seconds: 0)
    }
}
