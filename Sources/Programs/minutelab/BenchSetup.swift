import Gemma
import Tokenizer

/// What all parts of the bench need to know.
struct BenchSetup: Sendable {
    var modelPath: String
    /// Nil takes as many as this process may use.
    var threads: Int?
    var repetitions: Int
    var isQuick: Bool
    /// Tokens that stand before what is prefilled or decoded.
    var depths: [Int]
    var transcripts: [BenchTranscript]
    var limits: MachineLimits

    /// Cases in a cache that holds so many tokens already.

    /// The machine's own limits as figures; `moment` says when they were measured.
    func limitFigures(_ moment: String) -> [BenchFigure] {
        [
            BenchFigure(
                section: "limits", name: "memory reads, \(moment)", unit: "GB/s",
                samples: limits.readBytesPerSecond.map { $0 * 1e-9 }),
            BenchFigure(
                section: "limits", name: "8-bit multiply and add, \(moment)", unit: "GOPS",
                samples: limits.operationsPerSecond.map { $0 * 1e-9 }),
        ]
    }

    /// Measures one part; figures are handed over as they are known.
    func measure(_ section: BenchSection, onFigure: (BenchFigure) -> Void) async throws {
        switch section {
        case .start: try await measureStart(onFigure)
        case .memory: try await measureMemory(onFigure)
        case .prefill: try await measurePrefill(onFigure)
        case .decode: try await measureDecode(onFigure)
        case .lookup: try await measureLookup(onFigure)
        case .latency:
            try await BenchLatency(
                modelPath: modelPath, threads: threads, repetitions: repetitions,
                meetingMinutes: isQuick ? [5, 30] : [5, 30, 180], transcripts: transcripts
            ).measure(onFigure)
        case .intake:
            try await BenchIntake(repetitions: repetitions, seconds: isQuick ? 3 : 20).measure(onFigure)
        case .minutes:
            try await BenchMinutes(
                repetitions: repetitions,
                lengths: isQuick ? [3_000, 12_000] : [12_500, 25_000, 50_000, 100_000],
                transcripts: transcripts
            ).measure(onFigure)
        case .search:
            try BenchSearch(
                repetitions: repetitions, meetings: isQuick ? 200 : 10_000,
                wordsPerMeeting: isQuick ? 200 : 1000
            ).measure(onFigure)
        }
    }

    /// An engine whose caches hold `tokens` positions, or as many as the model was trained for.
    ///
    /// - Parameters:
    ///   - packedFolder: for a file of the repacked weights; they are in memory if nil.
    ///   - snapshotFolder: for saved timelines; there are none if nil.
    func engine(tokens: Int, packedFolder: String? = nil, snapshotFolder: String? = nil) throws
        -> InferenceEngine
    {
        let model = try GemmaModel(path: modelPath)
        return try InferenceEngine(
            model: model,
            options: InferenceEngine.Options(
                contextLength: min(tokens, model.configuration.contextLength), threads: threads,
                cacheBytesLimit: .max, packedWeightsFolders: [packedFolder].compactMap(\.self),
                snapshotFolder: snapshotFolder, snapshotBytesLimit: .max))
    }

    /// `count` ids: the beginning of a sequence and the transcripts' text, over and over.
    func tokens(_ count: Int, model: GemmaModel) -> [TokenID] {
        let text = transcripts.map(\.text).joined(separator: "\n")
        let ids = model.tokenizer.encode(text.isEmpty ? "text" : text)
        let begin = model.tokenizer.controlToken(.beginningOfSequence) ?? 0
        return [begin] + (0..<max(0, count - 1)).map { ids[$0 % ids.count] }
    }

    /// How much of the machine's 8-bit arithmetic `tokensPerSecond` are.
    func arithmeticLimit(_ tokensPerSecond: Double, model: GemmaModel) -> BenchFigure.Limit {
        let operations = 2 * Double(model.configuration.multiplyAccumulatesPerPromptToken)
        return BenchFigure.Limit(
            kind: .int8,
            fraction: tokensPerSecond * operations / (limits.operationsPerSecond.max() ?? .infinity))
    }

    /// How much of the machine's memory speed `tokensPerSecond` of `batch` sequences together are.
    func memoryLimit(_ tokensPerSecond: Double, batch: Int, depth: Int, model: GemmaModel)
        -> BenchFigure.Limit
    {
        let bytes = model.bytesPerPass / batch + model.cacheBytesRead(depth: depth)
        return BenchFigure.Limit(
            kind: .memory,
            fraction: tokensPerSecond * Double(bytes) / (limits.readBytesPerSecond.max() ?? .infinity))
    }
}

/// How long `work` takes, in seconds.
func seconds(_ work: () async throws -> Void) async rethrows -> Double {
    let clock = ContinuousClock()
    let begin = clock.now
    try await work()
    return (clock.now - begin) / .seconds(1)
}
