import Gemma
import Tokenizer

/// Prefill and decoding: tokens per second.
extension BenchSetup {
    private var deepest: Int { depths.max() ?? 0 }

    /// Prefill of a number of tokens at once, into an empty cache and after others; without logits.
    func measurePrefill(_ onFigure: (BenchFigure) -> Void) async throws {
        let counts = isQuick ? [32, 128, 512] : [32, 128, 512, 2048]
        let engine = try engine(tokens: deepest + 2048)
        let ids = tokens(deepest + 2048, model: engine.model)
        for depth in depths {
            var isWarm = false
            for count in counts {
                guard depth + count <= engine.contextLength else {
                    report(
                        "prefill of \(count) at depth \(depth): left out, the model's context is too short")
                    continue
                }
                let before = Array(ids[..<depth])
                let prompt = Array(ids[..<(depth + count)])
                var samples: [Double] = []
                while samples.count < repetitions {
                    // Going back costs nothing, but for the first time, when what stands before is prefilled.
                    try await engine.prefill(depth == 0 ? [ids[1]] : before, timeline: "bench")
                    var reused = 0
                    let time = try await seconds {
                        reused = try await engine.prefill(prompt, timeline: "bench")
                    }
                    precondition(reused == depth, "\(reused) tokens were in the cache instead of \(depth)")
                    if isWarm { samples.append(Double(count) / time) }
                    isWarm = true
                }
                onFigure(
                    BenchFigure(
                        section: "prefill", name: "\(count) tokens at depth \(depth)", tokens: count,
                        depth: depth, unit: "tok/s", samples: samples,
                        limit: arithmeticLimit(samples.median, model: engine.model)))
            }
        }
    }

    /// Decoding of several sequences that are asked for at once; tokens of all of them are counted.
    func measureDecode(_ onFigure: (BenchFigure) -> Void) async throws {
        let batches = isQuick ? [1, 4] : [1, 2, 4, 8]
        let count = isQuick ? 16 : 32
        let engine = try engine(tokens: deepest + 64)
        let ids = tokens(deepest + 64, model: engine.model)
        for depth in depths {
            guard depth + count + 1 <= engine.contextLength else {
                report("decode at depth \(depth): left out, the model's context is too short")
                continue
            }
            // They differ in their last token only, so that what stands before is prefilled once and then copied.
            let prompts = (0..<(batches.max() ?? 1)).map { sequence in
                Array(ids[..<max(0, depth - 1)]) + [ids[max(1, depth) + sequence]]
            }
            for (sequence, prompt) in prompts.enumerated() {
                try await engine.prefill(prompt, timeline: "bench \(sequence)")
            }
            for batch in batches {
                var samples: [Double] = []
                for repetition in 0...repetitions {
                    let time = try await seconds {
                        try await decode(prompts.prefix(batch), count: count, engine: engine)
                    }
                    // The first warms up.
                    if repetition > 0 { samples.append(Double(batch * count) / time) }
                }
                onFigure(
                    BenchFigure(
                        section: "decode",
                        name: "\(batch) \(batch == 1 ? "sequence" : "sequences") at depth \(depth)",
                        tokens: count, depth: depth, batch: batch, unit: "tok/s", samples: samples,
                        limit: memoryLimit(
                            samples.median, batch: batch, depth: depth + count / 2, model: engine.model)))
            }
        }
    }

    /// Asks for all at once; what the engine makes of that is what is measured.
    private func decode(_ prompts: ArraySlice<[TokenID]>, count: Int, engine: InferenceEngine) async throws {
        let options = GenerationOptions(
            maximumTokens: count, usesLookup: false, ignoresStopTokens: true)
        try await withThrowingTaskGroup { group in
            for (sequence, prompt) in prompts.enumerated() {
                group.addTask {
                    let answer = try await engine.generate(
                        prompt, timeline: "bench \(sequence)", options: options)
                    precondition(answer.tokens.count == count, "an answer ended after \(answer.tokens.count)")
                }
            }
            try await group.waitForAll()
        }
    }
}
