import CKernels
import Tokenizer

/// A weight matrix as training sees it: rows that can be unpacked, and never change.
///
/// Safety: the address stays valid as long as the ``GemmaModel`` it came from.
package struct FrozenMatrix: @unchecked Sendable {
    private let matrix: Matrix

    init(_ matrix: Matrix) { self.matrix = matrix }

    /// Length of an output.
    package var rows: Int { matrix.rows }
    /// Length of an input.
    package var columns: Int { matrix.columns }

    /// Unpacks rows to f32, `[range.count, columns]`.
    package func unpack(_ range: Range<Int>, into output: UnsafeMutablePointer<Float>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        for (index, row) in range.enumerated() {
            ck_dequantize(
                matrix.type, matrix.address + row * matrix.rowBytes, output + index * columns, columns)
        }
    }
}

/// One layer's frozen weights; norms are f32, with the one already added that Gemma's norms have.
package struct FrozenLayer: @unchecked Sendable {
    package let attnNorm: UnsafePointer<Float>  // [hiddenSize]
    package let attnQ: FrozenMatrix  // [querySize, hiddenSize]
    package let attnK: FrozenMatrix  // [kvSize, hiddenSize]
    package let attnV: FrozenMatrix  // [kvSize, hiddenSize]
    package let attnOutput: FrozenMatrix  // [hiddenSize, querySize]
    package let attnQNorm: UnsafePointer<Float>?  // [headDim]
    package let attnKNorm: UnsafePointer<Float>?  // [headDim]
    package let postAttentionNorm: UnsafePointer<Float>?  // [hiddenSize]
    package let ffnNorm: UnsafePointer<Float>  // [hiddenSize]
    package let ffnGate: FrozenMatrix  // [intermediateSize, hiddenSize]
    package let ffnUp: FrozenMatrix  // [intermediateSize, hiddenSize]
    package let ffnDown: FrozenMatrix  // [hiddenSize, intermediateSize]
    package let postFeedForwardNorm: UnsafePointer<Float>?  // [hiddenSize]

    init(_ layer: GemmaWeights.Layer) {
        attnNorm = layer.attnNorm
        attnQ = FrozenMatrix(layer.attnQ)
        attnK = FrozenMatrix(layer.attnK)
        attnV = FrozenMatrix(layer.attnV)
        attnOutput = FrozenMatrix(layer.attnOutput)
        attnQNorm = layer.attnQNorm
        attnKNorm = layer.attnKNorm
        postAttentionNorm = layer.postAttentionNorm
        ffnNorm = layer.ffnNorm
        ffnGate = FrozenMatrix(layer.ffnGate)
        ffnUp = FrozenMatrix(layer.ffnUp)
        ffnDown = FrozenMatrix(layer.ffnDown)
        postFeedForwardNorm = layer.postFeedForwardNorm
    }
}

/// What training reads of a model. The addresses are good as long as the model lives.
extension GemmaModel {
    /// What tokens become, `[vocabularySize, hiddenSize]`; rows are multiplied by ``embeddingScale`` on their way in.
    package var frozenEmbedding: FrozenMatrix { FrozenMatrix(weights.embedding) }
    /// What logits are made with, `[vocabularySize, hiddenSize]`: the embedding again, unless the file has a head of its own.
    package var frozenHead: FrozenMatrix { FrozenMatrix(weights.head) }
    /// Weights of the norm before the head, `[hiddenSize]`.
    package var frozenOutputNorm: UnsafePointer<Float> { weights.outputNorm }
    /// What embedded tokens are multiplied by.
    package var embeddingScale: Float { weights.embeddingScale }
    /// One per layer.
    package var frozenLayers: [FrozenLayer] { weights.layers.map(FrozenLayer.init) }
}
