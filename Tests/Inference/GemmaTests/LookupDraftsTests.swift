import Testing
import Tokenizer

@testable import Gemma

@Suite struct LookupDraftsTests {
    @Test func whatFollowedBeforeIsGuessed() {
        var lookup = LookupDrafts()
        #expect(lookup.drafts(after: [1, 2, 3, 4, 5, 6, 9, 1, 2], 3, limit: 7) == [4, 5, 6])
        #expect(lookup.drafts(after: [1, 2, 3, 4, 5, 6, 9, 1, 2], 3, limit: 1) == [4])
        #expect(lookup.drafts(after: [1, 2, 3, 4], 9, limit: 7).isEmpty)
        #expect(lookup.drafts(after: [], 9, limit: 7).isEmpty)
        #expect(lookup.drafts(after: [1, 2, 3, 4, 1, 2], 3, limit: 0).isEmpty)
    }

    @Test func theLatestOccurrenceCounts() {
        var lookup = LookupDrafts()
        #expect(lookup.drafts(after: [1, 2, 7, 0, 1, 2, 8, 0, 1], 2, limit: 1) == [8])
    }

    @Test func successMakesThemLongerAndFailureStopsThem() {
        let tokens: [TokenID] = Array(1...20) + [1, 2]
        var lucky = LookupDrafts()
        for _ in 0..<8 { lucky.record(proposed: 3, accepted: 3) }
        #expect(lucky.drafts(after: tokens, 3, limit: 15).count == 7)
        var unlucky = LookupDrafts()
        for _ in 0..<8 { unlucky.record(proposed: 3, accepted: 0) }
        let tries = (0..<240).count { _ in !unlucky.drafts(after: tokens, 3, limit: 15).isEmpty }
        #expect(tries == 10, "now and then only")
    }
}

extension LookupDrafts {
    /// The guessed tokens without the pending one.
    fileprivate mutating func drafts(after tokens: [TokenID], _ pending: TokenID, limit: Int) -> [TokenID] {
        var guess = [pending]
        extend(&guess, after: tokens, limit: limit)
        #expect(guess.first == pending)
        return Array(guess.dropFirst())
    }
}
