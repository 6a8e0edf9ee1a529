import Gemma

/// What is kept in memory and what is computed again, so that training stays below a limit.
package struct MemoryPlan: Sendable, Hashable, Codable {
    /// Whether the layers' matrices stay unpacked, as f32.
    package var keepsLayers: Bool
    /// Whether the head stays unpacked, as f32.
    package var keepsHead: Bool
    /// Whether what the backward pass needs is kept, or computed again layer by layer.
    package var keepsActivations: Bool
    /// Floats for sequences between their forward and their backward pass.
    package var sequenceFloats: Int
    /// Positions whose logits are held at once.
    package var chunkPositions: Int
    /// What all that takes, in bytes, beside the model's file.
    package var bytes: Int

    /// What is to be planned for.
    struct Need {
        var configuration: GemmaConfiguration
        var layout: LoRALayout
        var threads: Int
        /// Of the longest sequence.
        var tokens: Int
        /// Lengths of the sequences of the largest step.
        var stepTokens: [Int]
        var bytesToKeep: (layers: Int, head: Int)
    }

    /// The most that fits into `limit` bytes, in the order of what it is worth: the matrices, the activations
    /// of as many sequences as there are threads, the head, then a whole step at once.
    ///
    /// Throws if not even the least fits.
    init(_ need: Need, limit: Int) throws(TrainingError) {
        func floats(_ tokens: Int, _ keeps: Bool) -> Int {
            BatchPass.sequenceFloats(need.configuration, need.layout, tokens: tokens, keepsLayers: keeps)
        }
        let leastChunk = 32
        let scratch = BatchPass.scratchFloats(
            need.configuration, need.layout, tokens: need.tokens, keepsLayers: false)
        keepsLayers = false
        keepsHead = false
        keepsActivations = false
        sequenceFloats = floats(need.tokens, false)
        chunkPositions = leastChunk
        // The adapter, its gradient and two moments.
        bytes =
            16 * need.layout.count + 4 * scratch * need.threads + 4 * sequenceFloats
            + leastChunk * HeadPass.bytesPerPosition(need.configuration)
        guard bytes <= limit else {
            throw TrainingError(
                .badOption,
                "sequences of \(need.tokens) tokens on \(need.threads) threads take at least "
                    + "\(bytes >> 20) MiB, the limit is \(limit >> 20) MiB: raise it, shorten the sequences or "
                    + "use fewer threads")
        }
        var left = limit - bytes
        func take(_ more: Int) -> Bool {
            guard more <= left else { return false }
            left -= more
            return true
        }
        let forThreads = floats(need.tokens, false) * need.threads
        if take(4 * (forThreads - sequenceFloats)) { sequenceFloats = forThreads }
        keepsLayers = take(need.bytesToKeep.layers)
        let kept = floats(need.tokens, true) * need.threads
        if take(4 * (kept - sequenceFloats)) {
            sequenceFloats = kept
            keepsActivations = true
        }
        let chunk = 192
        if take((chunk - leastChunk) * HeadPass.bytesPerPosition(need.configuration)) {
            chunkPositions = chunk
        }
        keepsHead = take(need.bytesToKeep.head)
        let whole = need.stepTokens.reduce(0) { $0 + floats($1, keepsActivations) }
        if whole > sequenceFloats, take(4 * (whole - sequenceFloats)) { sequenceFloats = whole }
        bytes = limit - left
    }
}
