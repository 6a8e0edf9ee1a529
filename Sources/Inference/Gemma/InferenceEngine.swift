import Grammar
import Tokenizer

/// A loaded model at work: timelines with their caches, prefill, generation.
///
/// Everything runs on one thread of the engine's own (plus its pool). Requests that are made at the same time share
/// each pass over the weights: the decode steps of all, and slices of those that are still reading their prompts. A
/// pass is synchronous, so a cache is never seen half updated; requests for the same timeline wait for each other.
/// What else is in a pass changes an answer only by floating-point rounding (of attention, and of matrices that are
/// not quantised), and with ``Options/isDeterministic`` not at all.
package actor InferenceEngine {
    /// How the engine is set up.
    package struct Options: Sendable, Hashable {
        /// Positions of a timeline, prompt and answer together; nil takes the model's own, up to 8192.
        package var contextLength: Int?
        /// Threads; nil takes as many as this process may use.
        package var threads: Int?
        /// Whether keys and values are kept in full precision (twice the memory).
        package var fullPrecisionCache: Bool
        /// Memory that caches may take before those of idle timelines are let go, the longest unused first.
        package var cacheBytesLimit: Int
        /// Whether quantised weights are unpacked and multiplied in f32, as a reference.
        ///
        /// By default they are multiplied in integers, with activations rounded to 8 bits, which is faster.
        package var isExact: Bool
        /// Whether every request has passes of its own, so that no bit depends on what else is asked; slower with
        /// several at once.
        package var isDeterministic: Bool
        /// Tokens prefilled at once.
        package var sliceTokens: Int
        /// Folders for a file of the repacked weights; the first that can be used is.
        ///
        /// With the file, the next start need not repack them, and processes share their memory. It takes about as
        /// much as the model's. Without a folder, as by default, or if none can be used, they are in memory.
        package var packedWeightsFolders: [String]
        /// Where ``InferenceEngine/save(timeline:)`` keeps timelines for a later process; nil for nowhere.
        package var snapshotFolder: String?
        /// What that folder may take.
        package var snapshotBytesLimit: Int

        /// Makes options; half precision and 2 GiB of caches by default.
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

    /// The model at work.
    package nonisolated let model: GemmaModel
    /// Positions of a timeline, prompt and answer together.
    package nonisolated let contextLength: Int
    /// Where its repacked weights are.
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
    /// Requests that share a pass; more wait.
    private static let runningLimit = 16

    /// The thread that the engine's methods run on.
    package nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Sets up memory and threads for `model`.
    ///
    /// - Parameters:
    ///   - adapters: by the names that requests choose them by; more may be loaded later.
    ///   - onSnapshotRefusal: is told of a saved timeline that cannot be used.
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

    /// Makes `timeline` stand for `prompt`, prefilling only what it does not already hold.
    ///
    /// - Parameter adapter: one that was loaded; what `timeline` holds with another one is prefilled anew.
    /// - Returns: how many tokens of the prompt were in the cache before.
    @discardableResult
    package func prefill(
        _ prompt: [TokenID], timeline name: String, adapter: String? = nil
    ) async throws -> Int {
        try check(prompt, answerTokens: 0)
        return try await submit(
            prompt, timeline: name, adapter: self.adapter(named: adapter), answer: nil
        ) { _ in }.reusedTokens
    }

    /// Continues `prompt` on `timeline` until a stop token, a stop text or the limit.
    ///
    /// - Parameters:
    ///   - adapter: one that was loaded; what `timeline` holds with another one is prefilled anew.
    ///   - onText: sees the answer as it grows, in whole characters, without stop texts.
    /// - Throws: ``GemmaError`` if the prompt and the answer do not fit; `GrammarError` if no document fits into the
    ///   answer; `CancellationError`, within a layer of a
    ///   pass if nobody else is served by it, else after the pass.
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
            options: options, tokenizer: model.tokenizer, stopTokens: model.stopTokens, document: document)
        return try await submit(
            prompt, timeline: name, adapter: self.adapter(named: adapter), answer: answer, onText: onText)
    }

    private func submit(
        _ prompt: [TokenID], timeline: String, adapter: AppliedAdapter?, answer: AnswerBuilder?,
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> Generation {
        let cancellation = CancellationFlag()
        return try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                waiting.append(
                    EngineRequest(
                        prompt: prompt, timelineName: timeline, adapter: adapter, answer: answer,
                        onText: onText, cancellation: cancellation, continuation: continuation))
                guard !isPumping else { return }
                isPumping = true
                Task { await pump() }
            }
        } onCancel: {
            cancellation.raise()
        }
    }

    /// Passes until there is nothing to do; between two passes new requests come in.
    private func pump() async {
        while !(waiting.isEmpty && running.isEmpty) {
            dropCancelled()
            admit()
            pass()
            // Going to the end of the queue takes two changes of thread and allocates: only if somebody waits.
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

    /// One pass over the weights for all running requests, or one for each; what they grew by is made room for.
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
            // Cancelled: the caches are as they were, and the requests are dropped before the next pass.
        }
    }

    /// Logits of every position of `tokens`, from an empty cache: `onLogits(position, [vocabularySize])`.
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

    /// Checks repacked weights that were mapped from a file, before the first request would do it.
    ///
    /// - Returns: how many damaged blocks were found, and repacked from the model. Their file was removed.
    @discardableResult
    package func checkWeights() throws -> Int { try forwardPass.checkWeights() }

    /// Returns when the engine's thread comes around: between two passes, at once if it has nothing to do.
    package func respond() {}

    /// Lets go of a timeline's cache, the saved one as well.
    package func close(timeline name: String) async {
        timelines[name] = nil
        await snapshots?.remove(name)
    }

    /// Tokens that a timeline's cache stands for; empty if there is none.
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

    /// The timeline of a request's name, rewound to what it shares with the prompt.
    ///
    /// If another timeline shares more, as all meetings share their instructions, its prefix is copied instead of
    /// prefilled again. Only what was computed with the request's adapter counts.
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

    /// Lets the longest unused timelines go until all are within the memory limit, but none that a request runs on.
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
