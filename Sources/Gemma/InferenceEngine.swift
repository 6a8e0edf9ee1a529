import Tokenizer

/// A loaded model at work: timelines with their caches, prefill, generation.
///
/// Everything runs on one thread of the engine's own (plus its pool), one request after the other; methods
/// are synchronous inside, so a cache is never seen half updated.
public actor InferenceEngine {
    /// How the engine is set up.
    public struct Options: Sendable, Hashable {
        /// Positions of a timeline, prompt and answer together; nil takes the model's own, up to 8192.
        public var contextLength: Int?
        /// Threads; nil takes as many as this process may use.
        public var threads: Int?
        /// Whether keys and values are kept in full precision (twice the memory).
        public var fullPrecisionCache: Bool
        /// Memory that caches of idle timelines may take before the longest unused are let go.
        public var cacheBytesLimit: Int
        /// Whether quantised weights are unpacked and multiplied in f32, as a reference.
        ///
        /// By default they are multiplied in integers, with activations rounded to 8 bits, which is faster.
        public var isExact: Bool
        /// Tokens prefilled at once.
        public var sliceTokens: Int

        /// Makes options; half precision and 2 GiB of caches by default.
        public init(
            contextLength: Int? = nil, threads: Int? = nil, fullPrecisionCache: Bool = false,
            cacheBytesLimit: Int = 2 << 30, isExact: Bool = false, sliceTokens: Int = 512
        ) {
            self.contextLength = contextLength
            self.threads = threads
            self.fullPrecisionCache = fullPrecisionCache
            self.cacheBytesLimit = cacheBytesLimit
            self.isExact = isExact
            self.sliceTokens = sliceTokens
        }
    }

    /// The model at work.
    public nonisolated let model: GemmaModel
    /// Positions of a timeline, prompt and answer together.
    public nonisolated let contextLength: Int
    private let executor = ThreadExecutor(name: "inference")
    private let cacheType: KVCache.ElementType
    private let cacheBytesLimit: Int
    private let forwardPass: ForwardPass
    private var timelines: [String: TokenTimeline] = [:]
    private var useCount = 0

    /// The thread that the engine's methods run on.
    public nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Sets up memory and threads for `model`.
    public init(model: GemmaModel, options: Options = Options()) throws(GemmaError) {
        let trained = model.configuration.contextLength
        let contextLength = options.contextLength ?? min(trained, 8192)
        guard contextLength >= 16, contextLength <= trained else {
            throw GemmaError(
                .badOption,
                "context length \(contextLength) is not usable: take 16 to \(trained), which is what the model was trained for"
            )
        }
        let threads = options.threads ?? ProcessorCount.available
        guard (1...256).contains(threads) else {
            throw GemmaError(.badOption, "thread count \(threads) is not usable: take 1 to 256")
        }
        guard (1...4096).contains(options.sliceTokens) else {
            throw GemmaError(
                .badOption, "slice of \(options.sliceTokens) tokens is not usable: take 1 to 4096")
        }
        self.model = model
        self.contextLength = contextLength
        cacheType = options.fullPrecisionCache ? .f32 : .f16
        cacheBytesLimit = options.cacheBytesLimit
        forwardPass = try ForwardPass(
            model: model, pool: ThreadPool(threadCount: threads), capacity: contextLength,
            sliceLimit: min(options.sliceTokens, contextLength), isExact: options.isExact)
    }

    deinit { executor.stop() }

    /// Makes `timeline` stand for `prompt`, prefilling only what it does not already hold.
    ///
    /// - Returns: how many tokens of the prompt were in the cache before.
    @discardableResult
    public func prefill(_ prompt: [TokenID], timeline name: String) throws -> Int {
        try check(prompt, answerTokens: 0)
        let timeline = try timeline(named: name, for: prompt)
        let reused = timeline.tokens.count
        try fill(timeline, with: prompt, logits: .none)
        return reused
    }

    /// Continues `prompt` on `timeline` until a stop token, a stop text or the limit.
    ///
    /// - Parameter onText: sees the answer as it grows, in whole characters, without stop texts.
    /// - Throws: ``GemmaError`` if the prompt and the answer do not fit; `CancellationError`.
    public func generate(
        _ prompt: [TokenID], timeline name: String, options: GenerationOptions,
        onText: @Sendable (String) -> Void = { _ in }
    ) throws -> Generation {
        try options.sampling.validate()
        try check(prompt, answerTokens: options.maximumTokens)
        let clock = ContinuousClock()
        let begin = clock.now
        let timeline = try timeline(named: name, for: prompt)
        // The last token is run again even if it is cached: its logits are not.
        timeline.rewind(to: min(timeline.tokens.count, prompt.count - 1))
        let reused = timeline.tokens.count
        var answer = AnswerBuilder(options: options, tokenizer: model.tokenizer)
        var choice: TokenID = -1
        try fill(timeline, with: prompt, logits: .last) { choice = answer.choose(from: $0) }
        let prefilled = clock.now
        while true {
            let end = answer.accept(choice, isStop: model.stopTokens.contains(choice), onText: onText)
            if let end {
                return Generation(
                    text: answer.text, tokens: answer.tokens, end: end, promptTokens: prompt.count,
                    reusedTokens: reused, prefillTime: prefilled - begin, decodeTime: clock.now - prefilled)
            }
            try Task.checkCancellation()
            let accepted = choice
            try forwardPass.run(
                [accepted], cache: timeline.cache, position: timeline.tokens.count, logits: .last
            ) { _, logits in choice = answer.choose(from: logits) }
            timeline.append([accepted])
        }
    }

    /// Logits of every position of `tokens`, from an empty cache: `onLogits(position, [vocabularySize])`.
    public func logits(
        of tokens: [TokenID], onLogits: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws {
        try check(tokens, answerTokens: 0)
        let timeline = TokenTimeline(cache: try makeCache())
        var position = 0
        try fill(timeline, with: tokens, logits: .all) { logits in
            onLogits(position, logits)
            position += 1
        }
    }

    /// Lets go of a timeline's cache.
    public func close(timeline name: String) { timelines[name] = nil }

    /// Tokens that a timeline's cache stands for; empty if there is none.
    public func tokens(ofTimeline name: String) -> [TokenID] { timelines[name]?.tokens ?? [] }

    private func check(_ prompt: [TokenID], answerTokens: Int) throws(GemmaError) {
        guard !prompt.isEmpty else {
            throw GemmaError(.badToken, "the prompt has no tokens: give it at least one")
        }
        let vocabularySize = model.configuration.vocabularySize
        if let bad = prompt.first(where: { $0 < 0 || Int($0) >= vocabularySize }) {
            throw GemmaError(
                .badToken,
                "token \(bad) is not in the model's vocabulary of \(vocabularySize): "
                    + "the prompt was made with another tokenizer")
        }
        guard answerTokens >= 0, prompt.count + answerTokens <= contextLength else {
            throw GemmaError(
                .promptTooLong,
                "a prompt of \(prompt.count) tokens and an answer of up to \(answerTokens) do not fit into the "
                    + "context of \(contextLength): shorten the prompt or raise the context length")
        }
    }

    /// The timeline of that name, rewound to what it shares with `prompt`.
    ///
    /// If another timeline shares more, as
    /// all meetings share their instructions, its prefix is copied instead of prefilled again.
    private func timeline(named name: String, for prompt: [TokenID]) throws(GemmaError) -> TokenTimeline {
        let timeline: TokenTimeline
        if let existing = timelines[name] {
            timeline = existing
        } else {
            evict()
            timeline = TokenTimeline(cache: try makeCache())
            timelines[name] = timeline
        }
        useCount += 1
        timeline.lastUse = useCount
        timeline.rewind(to: timeline.commonPrefix(with: prompt))
        let donor = timelines.values.map { ($0, $0.commonPrefix(with: prompt)) }.max { $0.1 < $1.1 }
        if let (donor, count) = donor, count > timeline.tokens.count {
            timeline.adopt(prefixOf: donor, count: count)
        }
        return timeline
    }

    private func fill(
        _ timeline: TokenTimeline, with prompt: [TokenID], logits request: ForwardPass.LogitsRequest,
        onLogits: (UnsafeMutableBufferPointer<Float>) -> Void = { _ in }
    ) throws {
        while timeline.tokens.count < prompt.count {
            let begin = timeline.tokens.count
            let slice = prompt[begin..<min(prompt.count, begin + forwardPass.sliceLimit)]
            let wanted = request == .last && slice.endIndex < prompt.count ? .none : request
            try forwardPass.run(slice, cache: timeline.cache, position: begin, logits: wanted) {
                onLogits($1)
            }
            timeline.append(slice)
        }
    }

    private func makeCache() throws(GemmaError) -> KVCache {
        try KVCache(configuration: model.configuration, capacity: contextLength, elementType: cacheType)
    }

    /// Lets the longest unused timelines go until a new one fits into the memory limit.
    private func evict() {
        let bytesPerToken = KVCache.bytesPerToken(of: model.configuration, elementType: cacheType)
        func bytes() -> Int { timelines.values.reduce(0) { $0 + $1.tokens.count * bytesPerToken } }
        while bytes() > cacheBytesLimit,
            let oldest = timelines.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            timelines[oldest.key] = nil
        }
    }
}
