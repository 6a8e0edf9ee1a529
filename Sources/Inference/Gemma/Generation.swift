import Grammar
import Tokenizer

/// How an answer is generated.
package struct GenerationOptions: Sendable, Hashable {
    /// The answer is cut after so many tokens.
    package var maximumTokens: Int
    /// How each token is chosen.
    package var sampling: SamplingOptions
    /// The answer ends before the first of these.
    package var stopTexts: [String]

    /// What the answer has to be: always one whole document, closed in time for `maximumTokens`; nil for any text.
    ///
    /// It ends where its document does; `stopTexts` and `ignoresStopTokens` are of no effect. While what the model
    /// prefers is allowed, the answer is what it would be without, but for penalties, which then touch only text in
    /// strings.
    package var grammar: JSONGrammar?
    /// Whether what follows may be guessed from what was said before; never changes the answer.
    package var usesLookup: Bool
    /// Whether the answer goes on over tokens that would end it, for measuring.
    package var ignoresStopTokens: Bool

    /// Makes options; greedy by default.
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

/// An answer and what it cost.
package struct Generation: Sendable, Hashable {
    /// Why an answer ended.
    package enum End: String, Sendable {
        case stopToken, stopText, limit
    }

    /// The answer, without stop texts and control tokens.
    package var text: String
    /// Its tokens, without the stop token, with those of a stop text.
    package var tokens: [TokenID]
    /// Why it ended.
    package var end: End
    /// Tokens of the prompt.
    package var promptTokens: Int
    /// Prompt tokens whose keys and values were in the cache before.
    package var reusedTokens: Int
    /// Time until the first token was chosen.
    package var prefillTime: Duration
    /// Time for all tokens after the first.
    package var decodeTime: Duration
}

/// Collects an answer: chooses tokens, turns them into text, looks for its end.
struct AnswerBuilder {
    private(set) var tokens: [TokenID] = []
    let options: GenerationOptions
    /// How far the document is, if the answer has to be one.
    private(set) var document: DocumentWalk?
    private let tokenizer: SentencePieceTokenizer
    private let stopTokens: Set<TokenID>
    private let stopTexts: [[UInt8]]
    private var sampler: Sampler
    private var detokenizer: StreamingDetokenizer
    /// The answer's text; behind `releasedCount` stands what may yet turn out to begin a stop text.
    private var bytes: [UInt8] = []
    private var releasedCount = 0

    init(
        options: GenerationOptions, tokenizer: SentencePieceTokenizer, stopTokens: Set<TokenID>,
        document: DocumentWalk? = nil
    ) {
        self.options = options
        self.document = document
        self.tokenizer = tokenizer
        let endsByItself = document != nil
        self.stopTokens = options.ignoresStopTokens && !endsByItself ? [] : stopTokens
        stopTexts = endsByItself ? [] : options.stopTexts.filter { !$0.isEmpty }.map { Array($0.utf8) }
        sampler = Sampler(options: options.sampling)
        detokenizer = StreamingDetokenizer(tokenizer)
        tokens.reserveCapacity(options.maximumTokens)
        bytes.reserveCapacity(options.maximumTokens * Self.usualTokenBytes)
    }

    /// More than an English text's tokens have on average.
    private static let usualTokenBytes = 8

    /// What was given out so far.
    var text: String { String(decoding: bytes[..<releasedCount], as: UTF8.self) }

    /// Tokens that may still come.
    var remainingTokens: Int { options.maximumTokens - tokens.count }

    mutating func choose(from logits: UnsafeMutableBufferPointer<Float>) -> TokenID {
        let budget = remainingTokens
        guard document != nil else { return sampler.next(logits) }
        return sampler.next(logits, within: &document!, budget: budget)
    }

    /// Drops from a guess of what follows all from the first token on that the document cannot have.
    func cutGuess(_ guess: inout [TokenID]) {
        guard let document else { return }
        // The first one is no guess: it is in the answer already.
        let allowed = document.allowedPrefix(of: guess.dropFirst())
        guess.removeLast(guess.count - 1 - allowed)
    }

    /// What has to follow because the document allows nothing else, as it would be encoded; empty if there is a choice.
    func forcedTokens() -> [TokenID] {
        guard let text = document?.forcedText, !text.isEmpty else { return [] }
        return tokenizer.encode(text)
    }

    /// Takes the chosen token; returns why the answer ends if it does.
    mutating func accept(_ token: TokenID, onText: (String) -> Void) -> Generation.End? {
        if tokens.count >= options.maximumTokens { return finish(.limit, onText) }
        if stopTokens.contains(token) { return finish(.stopToken, onText) }
        tokens.append(token)
        detokenizer.append(token, to: &bytes)
        document?.advance(token)
        // Only the answer's end can follow, so it need not be chosen.
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

    /// Whether what is held contains a stop text; if so the text before it is released and the rest dropped.
    private mutating func endAtStopText(_ onText: (String) -> Void) -> Bool {
        for start in releasedCount..<bytes.count
        where stopTexts.contains(where: { bytes[start...].starts(with: $0) }) {
            bytes.removeSubrange(start...)
            release(onText, keeping: 0)
            return true
        }
        return false
    }

    /// Bytes at the end that a stop text could begin with.
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
