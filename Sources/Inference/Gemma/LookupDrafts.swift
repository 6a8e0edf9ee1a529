import Tokenizer

/// Guesses what comes next by looking up where the last tokens stood before.
///
/// Summaries quote what they summarise, so the words that followed there often follow here. A guess costs little: it is
/// verified in the same pass as the token before it. Source of the idea: prompt lookup decoding (Saxena, 2023).
struct LookupDrafts {
    /// Longest run of tokens that is looked up, and the shortest.
    private static let longest = 3
    private static let shortest = 2
    /// The share of guesses that were right, lately.
    private var hitRate = 0.5
    /// Tokens without guesses since they stopped to pay.
    private var rest = 0

    /// Below this, guesses cost more than they bring, and are only tried now and then.
    private static let worthwhileRate = 0.15
    private static let restTokens = 24

    /// Appends at most `limit` tokens that may follow the one in `guess`, which follows `tokens`.
    mutating func extend(_ guess: inout [TokenID], after tokens: [TokenID], limit: Int) {
        guard limit > 0, isWorthTrying() else { return }
        for length in stride(from: Self.longest, through: Self.shortest, by: -1) {
            guard let end = Self.lastEnd(of: length, before: guess[0], in: tokens) else { continue }
            guess.append(contentsOf: tokens[end..<min(tokens.count, end + min(limit, draftLength))])
            return
        }
    }

    /// Learns from a guess of `proposed` tokens of which the first `accepted` were right.
    mutating func record(proposed: Int, accepted: Int) {
        let rate = Double(accepted) / Double(proposed)
        hitRate += 0.25 * (rate - hitRate)
    }

    /// With the pending token a power of two, which is what the kernels are made for.
    private var draftLength: Int { hitRate > 0.6 ? 7 : hitRate > 0.3 ? 3 : 1 }

    private mutating func isWorthTrying() -> Bool {
        if hitRate >= Self.worthwhileRate { return true }
        rest += 1
        guard rest >= Self.restTokens else { return false }
        rest = 0
        return true
    }

    /// Where the last `length - 1` tokens and the pending one stood together before, for the last time: the index after
    /// them, if something follows.
    private static func lastEnd(of length: Int, before pending: TokenID, in tokens: [TokenID]) -> Int? {
        guard tokens.count > length else { return nil }
        return tokens.withUnsafeBufferPointer { tokens in
            let run = tokens.count - (length - 1)
            var last = tokens.count - 2
            search: while last >= length - 1 {
                defer { last -= 1 }
                guard tokens[last] == pending else { continue }
                for offset in 0..<(length - 1)
                where tokens[last - (length - 1) + offset] != tokens[run + offset] { continue search }
                return last + 1
            }
            return nil
        }
    }
}
