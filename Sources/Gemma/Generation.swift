import Tokenizer

/// How an answer is generated.
public struct GenerationOptions: Sendable, Hashable {
    /// The answer is cut after so many tokens.
    public var maximumTokens: Int
    /// How each token is chosen.
    public var sampling: SamplingOptions
    /// The answer ends before the first of these.
    public var stopTexts: [String]

    /// Whether what follows may be guessed from what was said before; never changes the answer.
    public var usesLookup: Bool
    /// Whether the answer goes on over tokens that would end it, for measuring.
    public var ignoresStopTokens: Bool

    /// Makes options; greedy by default.
    public init(
        maximumTokens: Int, sampling: SamplingOptions = .greedy, stopTexts: [String] = [],
        usesLookup: Bool = true, ignoresStopTokens: Bool = false
    ) {
        self.maximumTokens = maximumTokens
        self.sampling = sampling
        self.stopTexts = stopTexts
        self.usesLookup = usesLookup
        self.ignoresStopTokens = ignoresStopTokens
    }
}

/// An answer and what it cost.
public struct Generation: Sendable, Hashable {
    /// Why an answer ended.
    public enum End: String, Sendable {
        case stopToken, stopText, limit
    }

    /// The answer, without stop texts and control tokens.
    public var text: String
    /// Its tokens, without the stop token, with those of a stop text.
    public var tokens: [TokenID]
    /// Why it ended.
    public var end: End
    /// Tokens of the prompt.
    public var promptTokens: Int
    /// Prompt tokens whose keys and values were in the cache before.
    public var reusedTokens: Int
    /// Time until the first token was chosen.
    public var prefillTime: Duration
    /// Time for all tokens after the first.
    public var decodeTime: Duration
}

/// Collects an answer: chooses tokens, turns them into text, looks for its end.
struct AnswerBuilder {
    private(set) var text = ""
    private(set) var tokens: [TokenID] = []
    let options: GenerationOptions
    private let stopTokens: Set<TokenID>
    private var sampler: Sampler
    private var detokenizer: StreamingDetokenizer
    /// Text that may yet turn out to begin a stop text.
    private var held = ""

    init(options: GenerationOptions, tokenizer: SentencePieceTokenizer, stopTokens: Set<TokenID>) {
        self.options = options
        self.stopTokens = options.ignoresStopTokens ? [] : stopTokens
        sampler = Sampler(options: options.sampling)
        detokenizer = StreamingDetokenizer(tokenizer)
    }

    /// Tokens that may still come.
    var remainingTokens: Int { options.maximumTokens - tokens.count }

    mutating func choose(from logits: UnsafeMutableBufferPointer<Float>) -> TokenID { sampler.next(logits) }

    /// Takes the chosen token; returns why the answer ends if it does.
    mutating func accept(_ token: TokenID, onText: (String) -> Void) -> Generation.End? {
        if tokens.count >= options.maximumTokens { return finish(.limit, onText) }
        if stopTokens.contains(token) { return finish(.stopToken, onText) }
        tokens.append(token)
        held += detokenizer.append(token)
        if endAtStopText(onText) { return .stopText }
        release(onText, keeping: longestStopPrefix())
        return tokens.count >= options.maximumTokens ? finish(.limit, onText) : nil
    }

    private mutating func finish(_ end: Generation.End, _ onText: (String) -> Void) -> Generation.End {
        held += detokenizer.flush()
        if endAtStopText(onText) { return .stopText }
        release(onText, keeping: 0)
        return end
    }

    /// Whether `held` contains a stop text; if so the text before it is released and the rest dropped.
    private mutating func endAtStopText(_ onText: (String) -> Void) -> Bool {
        let bytes = Array(held.utf8)
        var first: Int?
        for stop in options.stopTexts where !stop.isEmpty {
            if let found = Self.find(Array(stop.utf8), in: bytes) { first = min(first ?? found, found) }
        }
        guard let first else { return false }
        held = String(decoding: bytes[..<first], as: UTF8.self)
        release(onText, keeping: 0)
        return true
    }

    /// Bytes at the end of `held` that a stop text could begin with.
    private func longestStopPrefix() -> Int {
        let bytes = Array(held.utf8)
        var longest = 0
        for stop in options.stopTexts {
            let wanted = Array(stop.utf8)
            for length in stride(from: min(wanted.count - 1, bytes.count), to: longest, by: -1)
            where bytes.suffix(length).elementsEqual(wanted.prefix(length)) {
                longest = length
                break
            }
        }
        return longest
    }

    private mutating func release(_ onText: (String) -> Void, keeping count: Int) {
        let bytes = Array(held.utf8)
        guard bytes.count > count else { return }
        let ready = String(decoding: bytes[..<(bytes.count - count)], as: UTF8.self)
        held = String(decoding: bytes[(bytes.count - count)...], as: UTF8.self)
        text += ready
        onText(ready)
    }

    private static func find(_ wanted: [UInt8], in bytes: [UInt8]) -> Int? {
        guard bytes.count >= wanted.count else { return nil }
        return (0...(bytes.count - wanted.count)).first {
            bytes[$0..<($0 + wanted.count)].elementsEqual(wanted)
        }
    }
}
