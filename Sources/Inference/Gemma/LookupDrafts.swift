import Tokenizer

/// Guesses the next tokens by finding an earlier occurrence of the last ones.
///
/// Summaries quote what they summarise, so the words that followed an earlier occurrence often follow again. A guess
/// costs little, since it is verified in the same pass as the token before it. Source of the idea: prompt lookup
/// decoding (Saxena, 2023).
struct LookupDrafts {
    /// The longest and the shortest run of tokens that is looked up.
    private static let longest = 3
    private static let shortest = 2
    /// The share of recent guesses that were right, as an exponential moving average.
    private var hitRate = 0.5
    /// How many tokens were generated without a guess since the last attempt.
    private var rest = 0

    /// Below this rate guesses cost more than they save, so that only every `restTokens`-th token is tried.
    private static let worthwhileRate = 0.15
    private static let restTokens = 24

    /// Appends to `guess` at most `limit` tokens that may follow its only token, the pending one after `tokens`.
    mutating func extend(_ guess: inout [TokenID], after tokens: [TokenID], limit: Int) {
        guard limit > 0, isWorthTrying() else { return }
        for length in stride(from: Self.longest, through: Self.shortest, by: -1) {
            guard let end = Self.lastEnd(of: length, before: guess[0], in: tokens) else { continue }
            guess.append(contentsOf: tokens[end..<min(tokens.count, end + min(limit, draftLength))])
            return
        }
    }

    /// Updates the hit rate after a guess of `proposed` tokens of which the first `accepted` were right.
    mutating func record(proposed: Int, accepted: Int) {
        let rate = Double(accepted) / Double(proposed)
        hitRate += 0.25 * (rate - hitRate)
    }

    /// How many tokens to guess; with the pending token this makes a power of two, which suits the kernels.
    private var draftLength: Int { hitRate > 0.6 ? 7 : hitRate > 0.3 ? 3 : 1 }

    private mutating func isWorthTrying() -> Bool {
        if hitRate >= Self.worthwhileRate { return true }
        rest += 1
        guard rest >= Self.restTokens else { return false }
        rest = 0
        return true
    }

    /// Finds the last earlier occurrence of the last `length - 1` tokens followed by the pending one; returns the index
    /// after it, or nil if there is none that something follows.
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
