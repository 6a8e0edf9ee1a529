/// Phrases of several kinds, to be looked for in a text all at once.
package struct PhraseTable<Kind: Hashable & Sendable>: Sendable {
    private struct Phrase: Sendable {
        var kind: Kind
        /// Place of the kind in the list.
        var rank: Int
        var rest: [String]
    }

    /// By their first word.
    private let phrases: [String: [Phrase]]

    /// Makes a table; a phrase is spelled in ``TextWords/lines(_:)``'s words (`i don t agree`).
    package init(_ kinds: [(kind: Kind, phrases: [String])]) {
        var table: [String: [Phrase]] = [:]
        for (rank, entry) in kinds.enumerated() {
            for phrase in entry.phrases {
                let words = phrase.split(separator: " ").map(String.init)
                guard let first = words.first else { preconditionFailure("a phrase has words") }
                table[first, default: []].append(
                    Phrase(kind: entry.kind, rank: rank, rest: Array(words.dropFirst())))
            }
        }
        phrases = table
    }

    /// The kinds that `words` have a phrase of, in the order of the list.
    package func kinds(in words: [String]) -> [Kind] {
        var found: [Int: Kind] = [:]
        for (place, word) in words.enumerated() {
            for phrase in phrases[word] ?? [] where found[phrase.rank] == nil {
                if words[(place + 1)...].starts(with: phrase.rest) { found[phrase.rank] = phrase.kind }
            }
        }
        return found.sorted { $0.key < $1.key }.map(\.value)
    }
}
