import Tokenizer

/// A document that is being written, token by token: what may come next, and in time for its end.
///
/// A token is allowed if some document goes on like this, and if the document can still be closed with the tokens that
/// are left. What closing takes is counted by spelling the shortest way to the end with the longest token each time, so
/// there is always an allowed token once there was enough for the shortest document.
package struct DocumentWalk: Sendable {
    private let grammar: JSONGrammar
    private let vocabulary: TokenVocabulary
    private let stopTokens: Set<TokenID>
    private var state: GrammarState
    /// The last mask.
    private var mask: TokenSet
    /// Tokens to the end, by state.
    private var costs: [GrammarState: Int] = [:]
    /// States along the bytes of a token, for walks.
    private var path: [GrammarState]

    /// Stands before the document.
    ///
    /// - Parameter budget: tokens that it may have.
    /// - Throws: `budgetTooSmall` if no document has so few.
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
                "an answer of \(budget) tokens is too short for any document of the schema: allow \(needed) "
                    + "tokens at least")
        }
    }

    /// Whether the document is complete and nothing but the answer's end can follow.
    package var isFinished: Bool { state.node < 0 }

    /// Whether the document is complete; something may follow yet.
    package var isComplete: Bool { grammar.isComplete(state) }

    /// Whether the document stands inside a string that the model writes freely.
    package var isFreeText: Bool { contentForm != nil }

    private var contentForm: StringForm? {
        guard state.node >= 0, state.phase == StringForm.Phase.content.rawValue,
            case .string(let form) = grammar.nodes[Int(state.node)].form
        else { return nil }
        return form
    }

    /// Whether `token` is text that may stand in a string as it is.
    package func isPlain(_ token: TokenID) -> Bool { vocabulary.plain.contains(token) }

    /// Whether `token` may come next, as one of `budget` tokens that are left.
    package mutating func allows(_ token: TokenID, budget: Int) -> Bool {
        if stopTokens.contains(token) { return isComplete }
        guard let next = state(after: token, from: state) else { return false }
        return closes(next, within: budget - 1)
    }

    /// The tokens that may come next, as the first of `budget` that are left.
    package mutating func allowed(budget: Int) -> TokenSet {
        let hasTime = budget - 1 >= grammar.longestRest
        if let form = contentForm, hasTime || state.value >= form.minimum {
            // More text changes nothing about the way to the end.
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

    /// The first token of the shortest way to the end; nil if the document may end here.
    package var closingToken: TokenID? { vocabulary.longestTokens(grammar.closing(from: state)).first }

    /// Takes a token that is allowed.
    package mutating func advance(_ token: TokenID) {
        guard let next = state(after: token, from: state) else {
            preconditionFailure("token \(token) is not allowed here")
        }
        state = next
    }

    /// How many of `tokens` the grammar allows to come next, one after the other.
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

    /// The text that has to follow because nothing else may; empty if there is a choice.
    package var forcedText: String {
        let bytes = grammar.forcedBytes(from: state, limit: Self.forcedBytesLimit)
        return String(validating: bytes, as: UTF8.self) ?? ""
    }

    /// More than a pass takes.
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
        // Every byte has a token, so no way takes more tokens than bytes.
        budget >= grammar.longestRest || cost(of: state) <= budget
    }

    /// Tokens of the shortest way to the end.
    private mutating func cost(of state: GrammarState) -> Int {
        if let known = costs[state] { return known }
        let cost = vocabulary.longestTokens(grammar.closing(from: state)).count
        costs[state] = cost
        return cost
    }

    /// Puts into the mask what of `trie` is allowed.
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
