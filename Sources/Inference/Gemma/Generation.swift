import Grammar
import Tokenizer

/// The options for generating an answer.
package struct GenerationOptions: Sendable, Hashable {
    /// The most tokens that the answer may have.
    package var maximumTokens: Int
    /// How each token is chosen.
    package var sampling: SamplingOptions
    /// Texts that end the answer, which then does not contain them.
    package var stopTexts: [String]

    /// The grammar that the answer follows: it is one complete document of at most `maximumTokens`; nil for free text.
    ///
    /// The answer ends where the document does; `stopTexts` and `ignoresStopTokens` have no effect. As long as the
    /// grammar allows what the model prefers, the answer is the same as without a grammar, except that penalties only
    /// apply to text in strings.
    package var grammar: JSONGrammar?
    /// Whether the engine may guess tokens from earlier text to save time; guesses never change the answer.
    package var usesLookup: Bool
    /// Whether the answer continues past tokens that would end it, for benchmarks.
    package var ignoresStopTokens: Bool

    /// Creates options; by default the most likely token is chosen each time.
    package init(
        maximumTokens: Int, sampling: SamplingOptions = .greedy, stopTexts: [String] = [],
        grammar: JSONGrammar? = nil, usesLookup: Bool = true, ignoresStopTokens: Bool = false
    ) {
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.stopTexts = stopTexts
        self.grammar = grammar
        self.usesLookup = usesLookup
        self.ignoresStopTokens = ignoresStopTokens
    }
}

/// An answer, with the tokens and the time that it took.
package struct Generation: Sendable, Hashable {
    /// The reasons why an answer ends.
    package enum End: String, Sendable {
        case stopToken, stopText, limit
    }

    /// The answer, without stop texts and control tokens.
    package var text: String
    /// The generated tokens, without the stop token but with those of a stop text.
    package var tokens: [TokenID]
    /// Why the answer ended.
    package var end: End
    /// The number of tokens in the prompt.
    package var promptTokens: Int
    /// How many tokens of the prompt had their keys and values in the cache already.
    package var reusedTokens: Int
    /// The time until the first token was chosen, or until a prompt without an answer was prefilled.
    package var prefillTime: Duration
    /// The time for all tokens after the first.
    package var decodeTime: Duration
    /// The answer to a ``ChoiceQuestion``: for each of its places the logits of its choices; empty if none was asked.
    package var choiceLogits: [[Float]] = []
    /// The answer to a question about likelihoods: for each token from the asked one on the logarithm of its likelihood
    /// after those before it; empty if none was asked.
    package var logLikelihoods: [Float] = []
}

/// What is asked about a prompt instead of an answer.
enum PromptQuestion {
    case choices(ChoiceQuestion)
    /// How likely each of the prompt's tokens is, from the one with this index on, which is not the first.
    case likelihoods(from: Int, of: Int)

    /// Indices of the tokens whose logits are needed, in ascending order.
    var places: [Int] {
        switch self {
        case .choices(let question): question.places
        case .likelihoods(let first, let count): Array(first - 1..<count - 1)
        }
    }
}

/// What is asked about places of a prompt: which of some tokens would follow each of them.
package struct ChoiceQuestion: Sendable, Hashable {
    /// Indices of tokens of the prompt, in ascending order.
    package let places: [Int]
    /// The tokens that may follow.
    package let choices: [TokenID]

    /// Creates a question; one without places, or with places that are not in ascending order, is a programming error.
    package init(places: [Int], choices: [TokenID]) {
        precondition(!places.isEmpty && zip(places, places.dropFirst()).allSatisfy(<))
        self.places = places
        self.choices = choices
    }
}

/// Builds an answer: chooses tokens, turns them into text and detects the end.
struct AnswerBuilder {
    private(set) var tokens: [TokenID] = []
    let options: GenerationOptions
    /// The state of the document, if the answer has to follow a grammar.
    private(set) var document: DocumentWalk?
    private let tokenizer: SentencePieceTokenizer
    private let stopTokens: Set<TokenID>
    private let withheldTokens: [TokenID]
    private let stopTexts: [[UInt8]]
    private var sampler: Sampler
    private var detokenizer: StreamingDetokenizer
    /// The answer's text; the bytes after the first `releasedCount` are held back, since they may begin a stop text.
    private var bytes: [UInt8] = []
    private var releasedCount = 0

    init(
        options: GenerationOptions, tokenizer: SentencePieceTokenizer, stopTokens: Set<TokenID>,
        withheldTokens: [TokenID] = [], document: DocumentWalk? = nil
    ) {
        self.options = options
        self.document = document
        self.tokenizer = tokenizer
        self.withheldTokens = withheldTokens
        let endsByItself = document != nil
        self.stopTokens = options.ignoresStopTokens && !endsByItself ? [] : stopTokens
        stopTexts = endsByItself ? [] : options.stopTexts.filter { !$0.isEmpty }.map { Array($0.utf8) }
        sampler = Sampler(options: options.sampling)
        detokenizer = StreamingDetokenizer(tokenizer)
        tokens.reserveCapacity(options.maximumTokens)
        bytes.reserveCapacity(options.maximumTokens * Self.usualTokenBytes)
    }

    /// More bytes than tokens of English text have on average.
    private static let usualTokenBytes = 8

    /// The text that has been given out so far.
    var text: String { String(decoding: bytes[..<releasedCount], as: UTF8.self) }

    /// How many more tokens the answer may have.
    var remainingTokens: Int { options.maximumTokens - tokens.count }

    mutating func choose(from logits: UnsafeMutableBufferPointer<Float>) -> TokenID {
        for token in withheldTokens { logits[Int(token)] = -.infinity }
        let budget = remainingTokens
        guard document != nil else { return sampler.next(logits) }
        return sampler.next(logits, within: &document!, budget: budget)
    }

    /// Cuts a guess before its first token that the grammar does not allow.
    func cutGuess(_ guess: inout [TokenID]) {
        guard let document else { return }
        // The first token is not guessed: it is part of the answer already.
        let allowed = document.allowedPrefix(of: guess.dropFirst())
        guess.removeLast(guess.count - 1 - allowed)
    }

    /// The tokens of the text that the grammar prescribes next; empty if it leaves a choice.
    func forcedTokens() -> [TokenID] {
        guard let text = document?.forcedText, !text.isEmpty else { return [] }
        return tokenizer.encode(text)
    }

    /// Adds the chosen token to the answer; returns the reason if that ends it.
    mutating func accept(_ token: TokenID, onText: (String) -> Void) -> Generation.End? {
        if tokens.count >= options.maximumTokens { return finish(.limit, onText) }
        if stopTokens.contains(token) { return finish(.stopToken, onText) }
        tokens.append(token)
        detokenizer.append(token, to: &bytes)
        document?.advance(token)
        // The document cannot be continued, so the stop token need not be chosen.
        if document?.isFinished == true { return finish(.stopToken, onText) }
        if endAtStopText(onText) { return .stopText }
        release(onText, keeping: longestStopPrefix())
        return tokens.count >= options.maximumTokens ? finish(.limit, onText) : nil
    }

    private mutating func finish(_ end: Generation.End, _ onText: (String) -> Void) -> Generation.End {
        bytes.append(contentsOf: detokenizer.flush().utf8)
        if endAtStopText(onText) { return .stopText }
        release(onText, keeping: 0)
        return end
    }

    /// Whether the held-back bytes contain a stop text; if so, releases the text before it and drops the rest.
    private mutating func endAtStopText(_ onText: (String) -> Void) -> Bool {
        for start in releasedCount..<bytes.count
        where stopTexts.contains(where: { bytes[start...].starts(with: $0) }) {
            bytes.removeSubrange(start...)
            release(onText, keeping: 0)
            return true
        }
        return false
    }

    /// How many bytes at the end could be the beginning of a stop text.
    private func longestStopPrefix() -> Int {
        for start in releasedCount..<bytes.count
        where stopTexts.contains(where: { $0.starts(with: bytes[start...]) }) {
            return bytes.count - start
        }
        return 0
    }

    private mutating func release(_ onText: (String) -> Void, keeping count: Int) {
        let end = bytes.count - count
        guard end > releasedCount else { return }
        onText(String(decoding: bytes[releasedCount..<end], as: UTF8.self))
        releasedCount = end
    }
}
