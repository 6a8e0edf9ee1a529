/// Turns QMSum's tokenised text into running text.
///
/// The transcripts are split into tokens (`it 's fine , really .`), write spelled letters with underscores (`T_V_`),
/// and contain marks such as `{vocalsound}` and `[Laughter.]`.
package enum QMSumText {
    /// `content` without marks and with punctuation joined to its word; empty if no word is left.
    package static func cleaned(_ content: String) -> String {
        var words: [String] = []
        // Whether the last token was a hyphen after a word.
        var joinsNext = false
        for token in withoutMarks(content).split(whereSeparator: \.isWhitespace) {
            let token = token.contains("_") ? spelled(token) : String(token)
            if token.allSatisfy({ $0 == "@" }) { continue }
            if joinsNext {
                joinsNext = false
                if isWordCharacter(token.first) {
                    words[words.count - 1] += "-" + token
                    continue
                }
                words.append("-")
            }
            if token == "-", isWordCharacter(words.last?.last) {
                joinsNext = true
            } else if !words.isEmpty, isPunctuation(token) || isClitic(token) {
                words[words.count - 1] += token
            } else {
                words.append(token)
            }
        }
        if joinsNext { words.append("-") }
        // If there were only marks, the punctuation after them may be left.
        return words.contains { $0.contains(where: { isWordCharacter($0) }) }
            ? words.joined(separator: " ") : ""
    }

    /// The speaker without name or office in brackets: "The Chair" for `The Chair (Hon. A. Rota (Nipissing, Lib.))`.
    package static func name(_ speaker: String) -> String {
        let collapsed = speaker.collapsed
        guard collapsed.hasSuffix(")"), let open = collapsed.firstIndex(of: "(") else {
            return collapsed.isEmpty ? unknown : collapsed
        }
        let name = collapsed[..<open].trimmed
        return name.isEmpty ? unknown : name
    }

    private static let unknown = "Unknown"

    /// Removes `{…}`, and those `[…]` that end in a full stop, in which the transcriber describes what happened.
    private static func withoutMarks(_ content: String) -> String {
        guard content.contains(where: { $0 == "{" || $0 == "[" }) else { return content }
        var result = ""
        var rest = content[...]
        while let open = rest.firstIndex(where: { $0 == "{" || $0 == "[" }) {
            let isBrace = rest[open] == "{"
            let inside = rest[rest.index(after: open)...]
            guard let close = inside.firstIndex(of: isBrace ? "}" : "]") else { break }
            let isMark =
                isBrace ? inside[..<close].allSatisfy { $0.isLetter } : inside[..<close].hasSuffix(".")
            result += rest[..<open]
            if isMark {
                result += " "
                rest = inside[inside.index(after: close)...]
            } else {
                result.append(rest[open])
                rest = inside
            }
        }
        return result + rest
    }

    /// Joins spelled letters: `TV` for `T_V_`, `LCDs` for `L_C_D_s`; other tokens are returned unchanged.
    private static func spelled(_ token: Substring) -> String {
        let parts = token.split(separator: "_", omittingEmptySubsequences: false)
        guard parts.count > 1, parts.dropLast().allSatisfy({ $0.count == 1 && $0.allSatisfy(\.isLetter) })
        else {
            return String(token)
        }
        return parts.joined()
    }

    private static func isPunctuation(_ token: String) -> Bool {
        token.count <= 3 && token.allSatisfy { ".,?!;:%".contains($0) }
    }

    private static func isClitic(_ token: String) -> Bool {
        ["'s", "'m", "'d", "'re", "'ve", "'ll", "'t", "n't"].contains(token.lowercased())
    }

    private static func isWordCharacter(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber } ?? false
    }
}
