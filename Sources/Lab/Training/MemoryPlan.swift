import Gemma

/// Decides what training keeps in memory and what it computes again, to stay below a limit.
package struct MemoryPlan: Sendable, Hashable, Codable {
    /// Whether the layers' matrices are kept unpacked, in the wanted precision.
    package var keepsLayers: Bool
    /// Whether the head is kept unpacked, in the wanted precision.
    package var keepsHead: Bool
    /// Whether the activations of all layers are kept for the backward pass; otherwise it computes them again.
    package var keepsActivations: Bool
    /// The number of floats for sequences between their forward and their backward pass.
    package var sequenceFloats: Int
    /// The number of positions whose logits are held at once.
    package var chunkPositions: Int
    /// The number of bytes that all this takes, not counting the model's file.
    package var bytes: Int

    /// The quantities that a plan depends on.
    struct Need {
        var configuration: GemmaConfiguration
        var layout: LoRALayout
        var threads: Int
        /// The length of the longest sequence.
        var tokens: Int
        /// The lengths of the sequences of the largest possible step.
        var stepTokens: [Int]
        var bytesToKeep: (layers: Int, head: Int)
    }

    /// Plans for at most `limit` bytes, spending them where they save the most time first.
    ///
    /// The order is: a sequence for each thread, the layers' matrices, the activations of these sequences, more
    /// positions in a chunk, the head, and a whole step at once. Throws if even the least does not fit.
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
        // The first term is the adapter, its gradient and the two moments.
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
