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

    /// At most `limit` tokens that may follow `pending`, which follows `tokens`.
    mutating func drafts(after tokens: [TokenID], _ pending: TokenID, limit: Int) -> ArraySlice<TokenID> {
        guard limit > 0, isWorthTrying() else { return [] }
        for length in stride(from: Self.longest, through: Self.shortest, by: -1) where tokens.count >= length
        {
            // The run that is looked up ends with the pending token.
            let run = tokens.suffix(length - 1) + [pending]
            guard let end = Self.lastEnd(of: run, in: tokens) else { continue }
            return tokens[end..<min(tokens.count, end + min(limit, draftLength))]
        }
        return []
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

    /// Where the last occurrence of `run` ends, if something follows it.
    private static func lastEnd(of run: ArraySlice<TokenID>, in tokens: [TokenID]) -> Int? {
        guard tokens.count > run.count else { return nil }
        var start = tokens.count - run.count - 1
        while start >= 0 {
            if tokens[start + run.count - 1] == run[run.endIndex - 1],
                tokens[start..<(start + run.count)].elementsEqual(run)
            {
                return start + run.count
            }
            start -= 1
        }
        return nil
    }
}
