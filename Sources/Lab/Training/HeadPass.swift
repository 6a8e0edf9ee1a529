import CGradients
import CKernels
import Gemma
import Glibc
import Tokenizer

/// The loss at the positions before answer tokens, and its gradient: norm, head and softmax, forward and backward.
///
/// Logits are computed for a chunk of positions at a time, in panels of the vocabulary that are distributed among the
/// threads. Sums run over fixed parts of the vocabulary in a fixed order, so they do not depend on the threads.
final class HeadPass {
    /// The most positions in a chunk.
    let chunkPositions: Int
    private let weights: FrozenWeights
    private let threads: ThreadPool
    private let configuration: GemmaConfiguration
    private let memory: FloatMemory
    private let logits: UnsafeMutablePointer<Float>  // [chunkPositions, vocabularySize]
    private let normed: UnsafeMutablePointer<Float>  // [chunkPositions, hiddenSize]
    /// Sums over parts of the vocabulary, `[parts, chunkPositions, hiddenSize]`.
    private let partial: UnsafeMutablePointer<Float>
    /// Copies of capped logits, `[threads, vocabularySize]`; empty if logits are not capped.
    private let capped: UnsafeMutablePointer<Float>
    private let panels: [UnsafeMutablePointer<Float>]

    /// The number of parts of the vocabulary, each of which has its own sums.
    private static let partCount = 16

    /// A position whose next token is learned.
    struct Position {
        /// The residual after the last layer, `[hiddenSize]`.
        let residual: UnsafeMutablePointer<Float>
        /// Receives the gradient with respect to `residual`; nil if only the loss is wanted.
        let gradient: UnsafeMutablePointer<Float>?
        /// The token that follows the position.
        let target: TokenID
    }

    /// - Parameter panels: each thread's memory for unpacked rows of weights.
    init(
        _ weights: FrozenWeights, threads: ThreadPool, chunkPositions: Int,
        panels: [UnsafeMutablePointer<Float>]
    ) {
        self.weights = weights
        self.threads = threads
        self.chunkPositions = chunkPositions
        self.panels = panels
        let configuration = weights.model.configuration
        self.configuration = configuration
        func build(_ start: UnsafeMutablePointer<Float>?) -> ([UnsafeMutablePointer<Float>], Int) {
            var cutter = FloatCutter(start)
            let views = [
                cutter.matrix(chunkPositions, configuration.vocabularySize),
                cutter.matrix(chunkPositions, configuration.hiddenSize),
                cutter.matrix(Self.partCount * chunkPositions, configuration.hiddenSize),
                cutter.matrix(
                    configuration.logitSoftCap == nil ? 0 : threads.threadCount, configuration.vocabularySize),
            ]
            return (views.map(\.start), cutter.used)
        }
        memory = FloatMemory(build(nil).1)
        let parts = build(memory.start).0
        (logits, normed, partial, capped) = (parts[0], parts[1], parts[2], parts[3])
    }

    /// The number of bytes that each position of a chunk takes.
    static func bytesPerPosition(_ configuration: GemmaConfiguration) -> Int {
        4 * (configuration.vocabularySize + (1 + partCount) * configuration.hiddenSize)
    }

    /// Returns the sum of the losses at `positions`, and writes the gradients of that sum times `scale`.
    func run(_ positions: [Position], scale: Float) -> Double {
        var loss = 0.0
        for first in stride(from: 0, to: positions.count, by: chunkPositions) {
            loss += runChunk(positions[first..<min(first + chunkPositions, positions.count)], scale: scale)
        }
        return loss
    }

    private func runChunk(_ positions: ArraySlice<Position>, scale: Float) -> Double {
        let (hidden, vocabulary) = (configuration.hiddenSize, configuration.vocabularySize)
        let normed = MatrixView(normed, rows: positions.count, columns: hidden)
        let logits = MatrixView(logits, rows: positions.count, columns: vocabulary)
        for (row, position) in positions.enumerated() {
            ck_rmsnorm(
                normed.row(row), position.residual, weights.model.frozenOutputNorm, hidden,
                configuration.rmsNormEpsilon, 0)
        }
        let panels = ranges(0..<vocabulary, by: 4 * FrozenStack.panelRows)
        threads.forEach(panels.count) { thread, item in
            weights.headForward(
                normed, into: logits.columns(panels[item]), tokens: panels[item], panel: self.panels[thread])
        }
        let wantsGradient = positions.contains { $0.gradient != nil }
        var losses = [Double](repeating: 0, count: positions.count)
        losses.withUnsafeMutableBufferPointer { losses in
            // Safety: each item writes only its own element.
            nonisolated(unsafe) let losses = losses
            threads.forEach(positions.count) { thread, item in
                losses[item] = softmax(
                    logits.row(item), target: Int(positions[positions.startIndex + item].target),
                    scale: scale, thread: thread)
            }
        }
        if wantsGradient { backward(positions, logits) }
        return losses.reduce(0, +)
    }

    /// Replaces a position's logits by the gradient of the loss, and returns the loss.
    private func softmax(
        _ row: UnsafeMutablePointer<Float>, target: Int, scale: Float, thread: Int
    ) -> Double {
        let vocabulary = configuration.vocabularySize
        let copy = capped + thread * vocabulary
        if let cap = configuration.logitSoftCap {
            ck_softcap(row, vocabulary, cap)
            copy.update(from: row, count: vocabulary)
        }
        let logit = row[target]
        let loss = Double(cg_softmax(row, vocabulary)) - Double(logit)
        row[target] -= 1
        ck_scale(row, scale, vocabulary)
        if let cap = configuration.logitSoftCap { cg_softcap_backward(row, copy, vocabulary, cap) }
        return loss
    }

    private func backward(_ positions: ArraySlice<Position>, _ dLogits: MatrixView) {
        let (hidden, vocabulary) = (configuration.hiddenSize, configuration.vocabularySize)
        let parts = ranges(0..<vocabulary, by: partRows)
        let sums = parts.indices.map {
            MatrixView(partial + $0 * chunkPositions * hidden, rows: positions.count, columns: hidden)
        }
        threads.forEach(parts.count) { thread, item in
            weights.headBackward(
                dLogits.columns(parts[item]), into: sums[item], tokens: parts[item], panel: panels[thread])
        }
        for (row, position) in positions.enumerated() {
            guard let gradient = position.gradient else { continue }
            for sum in sums.dropFirst() { ck_add(sums[0].row(row), sum.row(row), hidden) }
            cg_rmsnorm_backward(
                gradient, position.residual, weights.model.frozenOutputNorm, sums[0].row(row), hidden,
                configuration.rmsNormEpsilon, false)
        }
    }

    /// The number of rows in a part, which is a multiple of the rows that are unpacked at once.
    private var partRows: Int {
        let panel = FrozenStack.panelRows
        let rows = (configuration.vocabularySize + Self.partCount - 1) / Self.partCount
        return (rows + panel - 1) / panel * panel
    }

    private func ranges(_ range: Range<Int>, by size: Int) -> [Range<Int>] {
        stride(from: range.lowerBound, to: range.upperBound, by: size)
            .map { $0..<min($0 + size, range.upperBound) }
    }
}
