import Grammar
import Tokenizer

/// Runs a loaded model: keeps timelines with their caches, prefills prompts and generates answers.
///
/// Everything runs on one dedicated thread (and the engine's thread pool). Concurrent requests share each pass over the
/// weights, which contains the decode steps of all of them and slices of the prompts that are still being read. A pass
/// is synchronous, so no one ever sees a cache half updated; requests for the same timeline wait for each other. What
/// else is in a pass changes an answer only by floating-point rounding (of attention, and of matrices that are not
/// quantised), and with ``Options/isDeterministic`` not at all.
package actor InferenceEngine {
    /// The settings of an engine.
    package struct Options: Sendable, Hashable {
        /// The most positions of a timeline, prompt and answer together; nil takes the model's own limit, but at most
        /// 8192.
        package var contextLength: Int?
        /// The number of threads; nil takes as many as this process may use.
        package var threads: Int?
        /// Whether keys and values are kept in full precision, which takes twice the memory.
        package var fullPrecisionCache: Bool
        /// How many bytes all timelines' caches may take before the least recently used idle ones are dropped.
        package var cacheBytesLimit: Int
        /// Whether quantised weights are unpacked and multiplied in f32, as a reference.
        ///
        /// By default they are multiplied in integers with activations rounded to 8 bits, which is faster.
        package var isExact: Bool
        /// Whether each request has passes of its own, so that its answer does not depend on other requests in any bit;
        /// several requests at once then take longer.
        package var isDeterministic: Bool
        /// The most tokens that one pass handles, 1 to 4096.
        package var sliceTokens: Int
        /// Folders in which a file of the repacked weights may be kept; the first that works is used.
        ///
        /// With the file, the next start need not repack the weights, and processes share the memory they take. The
        /// file is about as large as the model. By default, or if no folder works, the repacked weights are kept in
        /// memory.
        package var packedWeightsFolders: [String]
        /// The folder where ``InferenceEngine/save(timeline:)`` saves timelines for a later process; nil to save none.
        package var snapshotFolder: String?
        /// How many bytes that folder may take.
        package var snapshotBytesLimit: Int

        /// Creates options; by default caches have half precision and may take 2 GiB.
        package init(
            contextLength: Int? = nil, threads: Int? = nil, fullPrecisionCache: Bool = false,
            cacheBytesLimit: Int = 2 << 30, isExact: Bool = false, isDeterministic: Bool = false,
            sliceTokens: Int = 512, packedWeightsFolders: [String] = [], snapshotFolder: String? = nil,
            snapshotBytesLimit: Int = 1 << 30
        ) {
            self.contextLength = contextLength
            self.threads = threads
            self.fullPrecisionCache = fullPrecisionCache
            self.cacheBytesLimit = cacheBytesLimit
            self.isExact = isExact
            self.isDeterministic = isDeterministic
            self.sliceTokens = sliceTokens
            self.packedWeightsFolders = packedWeightsFolders
            self.snapshotFolder = snapshotFolder
            self.snapshotBytesLimit = snapshotBytesLimit
        }
    }

    /// The model that the engine runs.
    package nonisolated let model: GemmaModel
    /// The most positions of a timeline, prompt and answer together.
    package nonisolated let contextLength: Int
    /// Where the engine's repacked weights are kept.
    package nonisolated let packedWeights: PackedWeightsStorage
    private let executor = ThreadExecutor(name: "inference")
    private let cacheType: KVCache.ElementType
    private let cacheBytesLimit: Int
    private let forwardPass: ForwardPass
    nonisolated let snapshots: KVSnapshotStore?
    let onSnapshotRefusal: @Sendable (GemmaError) -> Void
    private(set) var timelines: [String: TokenTimeline] = [:]
    var adapters: [String: AppliedAdapter] = [:]
    let isExact: Bool
    private var useCount = 0
    private var batching: BatchComposer
    private var waiting: [EngineRequest] = []
    private var running: [EngineRequest] = []
    private var isPumping = false
    /// The most requests that may share a pass; others wait.
    private static let runningLimit = 16

    /// The executor whose thread runs the engine's methods.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Allocates memory, starts threads and repacks weights for `model`.
    ///
    /// - Parameters:
    ///   - adapters: the adapters that requests can choose, by name; more can be loaded later.
    ///   - onSnapshotRefusal: called when a saved timeline cannot be used.
    /// - Throws: a ``GemmaError`` if an option is out of range or an adapter does not fit the model.
    package init(
        model: GemmaModel, options: Options = Options(), adapters: [String: LoRAAdapter] = [:],
        onSnapshotRefusal: @escaping @Sendable (GemmaError) -> Void = { _ in }
    ) throws(GemmaError) {
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
        isExact = options.isExact
        snapshots = Self.snapshots(of: model, options: options, cacheType: cacheType)
        self.onSnapshotRefusal = onSnapshotRefusal
        for (name, adapter) in adapters {
            self.adapters[name] = try AppliedAdapter(
                adapter, for: model.configuration, isExact: options.isExact)
        }
        batching = BatchComposer(
            sliceLimit: min(options.sliceTokens, contextLength), isDeterministic: options.isDeterministic)
        forwardPass = try ForwardPass(
            model: model, pool: ThreadPool(threadCount: threads), capacity: contextLength,
            sliceLimit: min(options.sliceTokens, contextLength), isExact: options.isExact,
            packedWeightsFolders: options.packedWeightsFolders)
        packedWeights = forwardPass.packed?.storage ?? .none
    }

    deinit { executor.stop() }

    /// Makes the cache of `timeline` hold `prompt`, computing only the part that it does not hold already.
    ///
    /// - Parameter adapter: the name of a loaded adapter; a cache that was computed with another one is not reused.
    /// - Returns: how many tokens of the prompt did not have to be computed.
    @discardableResult
    package func prefill(
        _ prompt: [TokenID], timeline name: String, adapter: String? = nil
    ) async throws -> Int {
        try check(prompt, answerTokens: 0)
        return try await submit(
            prompt, timeline: name, adapter: self.adapter(named: adapter), answer: nil
        ) { _ in }.reusedTokens
    }

    /// Generates an answer to `prompt` on `timeline`, up to a stop token, a stop text or the limit.
    ///
    /// - Parameters:
    ///   - adapter: the name of a loaded adapter; a cache that was computed with another one is not reused.
    ///   - onText: called with each new piece of the answer, in whole characters and without stop texts.
    /// - Throws: ``GemmaError`` if the prompt and the answer do not fit into the context; `GrammarError` if no document
    ///   fits into the answer; `CancellationError` when the task is cancelled, after the current layer if no other
    ///   request is in the pass, else after the pass.
    package func generate(
        _ prompt: [TokenID], timeline name: String, adapter: String? = nil, options: GenerationOptions,
        onText: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> Generation {
        try options.sampling.validate()
        try check(prompt, answerTokens: options.maximumTokens)
        let document = try options.grammar.map { grammar in
            try DocumentWalk(
                grammar, vocabulary: model.tokenVocabulary(), stopTokens: model.stopTokens,
                budget: options.maximumTokens)
        }
        let answer = AnswerBuilder(
            options: options, tokenizer: model.tokenizer, stopTokens: model.stopTokens,
            withheldTokens: model.withheldTokens, document: document)
        return try await submit(
            prompt, timeline: name, adapter: self.adapter(named: adapter), answer: answer, onText: onText)
    }

    /// Reads `prompt` on `timeline` and tells how likely the choices of `question` are to follow each of its places.
    ///
    /// All places are read in one go: nothing is generated. The cache holds the whole prompt afterwards; a next prompt
    /// that goes on after the part before the places reuses that part.
    ///
    /// - Returns: a generation without text, with ``Generation/choiceLogits``.
    /// - Throws: ``GemmaError`` if the prompt does not fit into the context or a choice is not in the vocabulary;
    ///   `CancellationError` when the task is cancelled.
    package func ask(
        _ question: ChoiceQuestion, about prompt: [TokenID], timeline name: String, adapter: String? = nil
    ) async throws -> Generation {
        try check(prompt, answerTokens: 0)
        try check(question.choices, answerTokens: 0)
        precondition(question.places.last.map { $0 < prompt.count } == true, "a place outside the prompt")
        return try await submit(
            prompt, timeline: name, adapter: self.adapter(named: adapter), answer: nil,
            question: .choices(question)
        ) { _ in }
    }

    /// Reads `prompt` on `timeline` and tells how likely each of its tokens is after those before it, from the one with
    /// the index `first` on, which is 1 at least.
    ///
    /// All are read in one go: nothing is generated. The cache holds the whole prompt afterwards.
    ///
    /// - Returns: a generation without text, with ``Generation/logLikelihoods``.
    /// - Throws: ``GemmaError`` if the prompt does not fit into the context; `CancellationError` when the task is
    ///   cancelled.
    package func likelihoods(
        of prompt: [TokenID], from first: Int, timeline name: String, adapter: String? = nil
    ) async throws -> Generation {
        try check(prompt, answerTokens: 0)
        precondition((1..<prompt.count).contains(first), "a token outside the prompt, or the first of it")
        return try await submit(
            prompt, timeline: name, adapter: self.adapter(named: adapter), answer: nil,
            question: .likelihoods(from: first, of: prompt.count)
        ) { _ in }
    }

    private func submit(
        _ prompt: [TokenID], timeline: String, adapter: AppliedAdapter?, answer: AnswerBuilder?,
        question: PromptQuestion? = nil, onText: @escaping @Sendable (String) -> Void
    ) async throws -> Generation {
        let cancellation = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiting.append(
                    EngineRequest(
                        prompt: prompt, timelineName: timeline, adapter: adapter, answer: answer,
                        question: question, onText: onText, cancellation: cancellation,
                        continuation: continuation))
                guard !isPumping else { return }
                isPumping = true
                Task { await pump() }
            }
        } onCancel: {
            cancellation.raise()
        }
    }

    /// Runs passes until no request is left; new requests are accepted between two passes.
    private func pump() async {
        while !(waiting.isEmpty && running.isEmpty) {
            dropCancelled()
            admit()
            pass()
            // Yielding takes two thread switches and allocates memory, so it is done only if a job is waiting.
            if executor.hasJobs { await Task.yield() }
        }
        isPumping = false
    }

    private func dropCancelled() {
        func drop(from requests: inout [EngineRequest]) {
            for request in requests where request.cancellation.isRaised {
                request.continuation.resume(throwing: CancellationError())
            }
            requests.removeAll { $0.cancellation.isRaised }
        }
        drop(from: &waiting)
        drop(from: &running)
    }

    private func admit() {
        guard !waiting.isEmpty else { return }
        var kept: [EngineRequest] = []
        for request in waiting {
            let isBusy = (running + kept).contains { $0.timelineName == request.timelineName }
            guard !isBusy, running.count < Self.runningLimit else {
                kept.append(request)
                continue
            }
            do {
                request.begin(on: try timeline(for: request))
                if request.isDone { request.finish(.limit) } else { running.append(request) }
            } catch {
                request.continuation.resume(throwing: error)
            }
        }
        waiting = kept
    }

    /// Runs one pass over the weights for all running requests, or one for each if the engine is deterministic; then makes
    /// room for what the timelines grew by.
    private func pass() {
        if batching.isDeterministic {
            for request in running {
                batching.compose(alone: request)
                runComposed()
            }
        } else if !running.isEmpty {
            batching.compose(running)
            runComposed()
        }
        // While the finished ones are still running: what was just read is about to be saved, or asked about.
        evict()
        running.removeAll { $0.isFinished }
    }

    private func runComposed() {
        do {
            try forwardPass.run(
                batching.segments,
                isCancelled: { batching.requests.allSatisfy { $0.cancellation.isRaised } },
                onLogits: { segment, token, logits in batching.requests[segment].take(logits, of: token) })
            for (request, segment) in zip(batching.requests, batching.segments) { request.endPass(segment) }
        } catch {
            // Cancelled: the timelines are unchanged, and the requests are dropped before the next pass.
        }
    }

    /// Computes the logits of every position of `tokens` from an empty cache, and calls `onLogits` with each position
    /// and its logits, `[vocabularySize]`.
    package func logits(
        of tokens: [TokenID], adapter name: String? = nil,
        onLogits: @Sendable (Int, UnsafeMutableBufferPointer<Float>) -> Void
    ) throws {
        try check(tokens, answerTokens: 0)
        let adapter = try adapter(named: name)
        let cache = try makeCache()
        for first in stride(from: 0, to: tokens.count, by: forwardPass.sliceLimit) {
            let slice = tokens[first..<min(tokens.count, first + forwardPass.sliceLimit)]
            try Task.checkCancellation()
            try forwardPass.run(
                [BatchSegment(tokens: slice, cache: cache, position: first, logits: .all, adapter: adapter)],
                onLogits: { onLogits(first + $1, $2) })
        }
    }

    /// Checks repacked weights that were mapped from a file, which otherwise happens at the first request.
    ///
    /// - Returns: how many damaged blocks were found; they have been repacked from the model, and their file was
    ///   removed.
    @discardableResult
    package func checkWeights() throws -> Int { try forwardPass.checkWeights() }

    /// Does nothing, but returns only once the engine's thread is free: after the current pass, or at once if it is
    /// idle.
    package func respond() {}

    /// Drops a timeline's cache, including the saved one.
    package func close(timeline name: String) async {
        timelines[name] = nil
        await snapshots?.remove(name)
    }

    /// The tokens whose keys and values a timeline's cache holds; empty if there is no such timeline.
    package func tokens(ofTimeline name: String) -> [TokenID] { timelines[name]?.tokens ?? [] }

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

    /// The timeline that a request names, rewound to the prefix that it shares with the prompt.
    ///
    /// If another timeline shares a longer prefix, as meetings do that have the same instructions, that prefix is
    /// copied instead of being computed again. Only timelines that were computed with the request's adapter are
    /// considered.
    private func timeline(for request: EngineRequest) throws(GemmaError) -> TokenTimeline {
        let (name, prompt, adapter) = (request.timelineName, request.prompt, request.adapter)
        let timeline: TokenTimeline
        if let existing = timelines[name], existing.isComputed(with: adapter) {
            timeline = existing
        } else {
            timelines[name] = nil
            evict()
            if let restored = try restoredTimeline(name, adapter: adapter) {
                timeline = restored
            } else {
                timeline = TokenTimeline(cache: try makeCache(), adapter: adapter)
            }
            timelines[name] = timeline
        }
        useCount += 1
        timeline.lastUse = useCount
        timeline.rewind(to: timeline.commonPrefix(with: prompt))
        let donor = timelines.values.filter { $0.isComputed(with: adapter) }
            .map { ($0, $0.commonPrefix(with: prompt)) }.max { $0.1 < $1.1 }
        if let (donor, count) = donor, count > timeline.tokens.count {
            timeline.adopt(prefixOf: donor, count: count)
        }
        return timeline
    }

    func makeCache() throws(GemmaError) -> KVCache {
        try KVCache(configuration: model.configuration, capacity: contextLength, elementType: cacheType)
    }

    /// Drops the least recently used timelines until all caches together are within the memory limit, but none that a
    /// request runs on.
    private func evict() {
        let bytesPerToken = KVCache.bytesPerToken(of: model.configuration, elementType: cacheType)
        var bytes = timelines.values.reduce(0) { $0 + $1.writtenCount } * bytesPerToken
        // Nearly always.
        if bytes <= cacheBytesLimit { return }
        let busy = Set(running.map(\.timelineName))
        let idle = timelines.filter { !busy.contains($0.key) }.sorted { $0.value.lastUse < $1.value.lastUse }
        for (name, timeline) in idle where bytes > cacheBytesLimit {
            timelines[name] = nil
            bytes -= timeline.writtenCount * bytesPerToken
        }
    }
}
