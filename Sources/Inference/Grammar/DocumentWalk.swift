import Tokenizer

/// A document while a model writes it, token by token: tells which tokens may come next.
///
/// A token is allowed if some document of the grammar continues with it and can still be completed with the tokens that
/// are left afterwards. The cost of completing is found by spelling the shortest completion greedily, with the longest
/// matching token each time. So if the budget was enough for the shortest document, some token is always allowed.
package struct DocumentWalk: Sendable {
    private let grammar: JSONGrammar
    private let vocabulary: TokenVocabulary
    private let stopTokens: Set<TokenID>
    private var state: GrammarState
    /// The mask that was computed last, kept for its memory.
    private var mask: TokenSet
    /// How many tokens it takes to complete the document from a state.
    private var costs: [GrammarState: Int] = [:]
    /// The state after each byte of the token at hand, while the trie is walked.
    private var path: [GrammarState]

    /// Begins at the start of a document.
    ///
    /// - Parameter budget: how many tokens the document may have.
    /// - Throws: `budgetTooSmall` if even the shortest document needs more.
    package init(
        _ grammar: JSONGrammar, vocabulary: TokenVocabulary, stopTokens: Set<TokenID>, budget: Int
    ) throws(GrammarError) {
        self.grammar = grammar
        self.vocabulary = vocabulary
        self.stopTokens = stopTokens
        state = grammar.start
        mask = TokenSet(size: vocabulary.size)
        path = Array(repeating: state, count: vocabulary.whole.deepest + 1)
        let needed = cost(of: state)
        guard budget >= needed else {
            throw GrammarError(
                .budgetTooSmall,
                "an answer of \(budget) tokens is too short for any document of the schema: allow at least "
                    + "\(needed) tokens")
        }
    }

    /// Whether the document is complete and cannot be continued, so that only the answer's end can follow.
    package var isFinished: Bool { state.node < 0 }

    /// Whether the document may end here; it may also be one that can be continued, such as a number.
    package var isComplete: Bool { grammar.isComplete(state) }

    /// Whether the next token continues a string whose text the model is free to choose.
    package var isFreeText: Bool { contentForm != nil }

    private var contentForm: StringForm? {
        guard state.node >= 0, state.phase == StringForm.Phase.content.rawValue,
            case .string(let form) = grammar.nodes[Int(state.node)].form
        else { return nil }
        return form
    }

    /// Whether `token` consists of whole characters that need no escaping inside a string.
    package func isPlain(_ token: TokenID) -> Bool { vocabulary.plain.contains(token) }

    /// Whether `token` may come next when `budget` tokens are left, this one included.
    package mutating func allows(_ token: TokenID, budget: Int) -> Bool {
        if stopTokens.contains(token) { return isComplete }
        guard let next = state(after: token, from: state) else { return false }
        return closes(next, within: budget - 1)
    }

    /// The tokens that may come next when `budget` tokens are left, the next one included.
    package mutating func allowed(budget: Int) -> TokenSet {
        let hasTime = budget - 1 >= grammar.longestRest
        if let form = contentForm, hasTime || state.value >= form.minimum {
            // More text in the string does not change what it takes to complete the document.
            let fits = hasTime || cost(of: state) <= budget - 1
            let room = form.maximum.map { $0 - state.value } ?? .max
            vocabulary.fill(&mask, characters: fits ? room : 0)
            walk(vocabulary.special, budget: budget)
        } else {
            mask.removeAll()
            walk(vocabulary.whole, budget: budget)
        }
        if isComplete { for token in stopTokens { mask.insert(token) } }
        return mask
    }

    /// The first token of the shortest completion; nil if the document may end here.
    package var closingToken: TokenID? { vocabulary.longestTokens(grammar.closing(from: state)).first }

    /// Advances the document by a token, which must be allowed here.
    package mutating func advance(_ token: TokenID) {
        guard let next = state(after: token, from: state) else {
            preconditionFailure("token \(token) is not allowed here")
        }
        state = next
    }

    /// How many of `tokens`, from the first on, the grammar accepts as a continuation.
    package func allowedPrefix(of tokens: some Sequence<TokenID>) -> Int {
        var state = state
        var count = 0
        for token in tokens {
            guard let next = self.state(after: token, from: state) else { break }
            state = next
            count += 1
        }
        return count
    }

    /// The text that must come next because the grammar leaves no choice; empty if there is one.
    package var forcedText: String {
        let bytes = grammar.forcedBytes(from: state, limit: Self.forcedBytesLimit)
        return String(validating: bytes, as: UTF8.self) ?? ""
    }

    /// More text than the drafts of one pass can hold.
    private static let forcedBytesLimit = 64

    private func state(after token: TokenID, from state: GrammarState) -> GrammarState? {
        guard token >= 0, Int(token) < vocabulary.size, !vocabulary.spellings.isEmpty(token) else {
            return nil
        }
        return vocabulary.spellings.withBytes(of: token) { bytes in
            var state = state
            for byte in bytes {
                guard let next = grammar.next(state, byte) else { return nil }
                state = next
            }
            return state
        }
    }

    private mutating func closes(_ state: GrammarState, within budget: Int) -> Bool {
        // Every byte has a token of its own, so a completion never takes more tokens than bytes.
        budget >= grammar.longestRest || cost(of: state) <= budget
    }

    /// How many tokens the shortest completion takes.
    private mutating func cost(of state: GrammarState) -> Int {
        if let known = costs[state] { return known }
        let cost = vocabulary.longestTokens(grammar.closing(from: state)).count
        costs[state] = cost
        return cost
    }

    /// Adds those tokens of `trie` to the mask that are allowed.
    private mutating func walk(_ trie: TokenTrie, budget: Int) {
        path[0] = state
        var index = 0
        while index < trie.nodes.count {
            let node = trie.nodes[index]
            let depth = Int(node.depth)
            guard let next = grammar.next(path[depth - 1], node.byte) else {
                index = Int(node.end)
                continue
            }
            path[depth] = next
            index += 1
            if node.firstToken < node.lastToken, closes(next, within: budget - 1) {
                for token in node.firstToken..<node.lastToken { mask.insert(trie.tokens[Int(token)]) }
            }
        }
    }
}
