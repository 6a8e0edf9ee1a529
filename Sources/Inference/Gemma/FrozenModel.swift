import CKernels
import Tokenizer

/// A weight matrix for training, which never changes and whose rows can be unpacked.
///
/// Safety: the address is valid as long as the ``GemmaModel`` that it comes from exists.
package struct FrozenMatrix: @unchecked Sendable {
    private let matrix: Matrix

    init(_ matrix: Matrix) { self.matrix = matrix }

    /// The length of an output vector.
    package var rows: Int { matrix.rows }
    /// The length of an input vector.
    package var columns: Int { matrix.columns }

    /// Unpacks the rows in `range` to f32, `[range.count, columns]`.
    package func unpack(_ range: Range<Int>, into output: UnsafeMutablePointer<Float>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= rows)
        for (index, row) in range.enumerated() {
            ck_dequantize(
                matrix.type, matrix.address + row * matrix.rowBytes, output + index * columns, columns)
        }
    }
}

/// One layer's frozen weights; norm weights are in f32 and include the 1 that Gemma adds to them.
package struct FrozenLayer: @unchecked Sendable {
    package let attnNorm: UnsafePointer<Float>  // [hiddenSize]
    package let attnQ: FrozenMatrix  // [querySize, hiddenSize]
    package let attnK: FrozenMatrix?  // [kvSize, hiddenSize]
    package let attnV: FrozenMatrix?  // [kvSize, hiddenSize]
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
        attnK = layer.attnK.map(FrozenMatrix.init)
        attnV = layer.attnV.map(FrozenMatrix.init)
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

/// The parts of a model that training reads; the addresses are valid as long as the model exists.
extension GemmaModel {
    /// The embedding, `[vocabularySize, hiddenSize]`; its rows are multiplied by ``embeddingScale`` before the first
    /// layer.
    package var frozenEmbedding: FrozenMatrix { FrozenMatrix(weights.embedding) }
    /// The head, which computes logits, `[vocabularySize, hiddenSize]`: the embedding, unless the file has a separate
    /// head.
    package var frozenHead: FrozenMatrix { FrozenMatrix(weights.head) }
    /// The weights of the norm before the head, `[hiddenSize]`.
    package var frozenOutputNorm: UnsafePointer<Float> { weights.outputNorm }
    /// The factor that embedded tokens are multiplied by.
    package var embeddingScale: Float { weights.embeddingScale }
    /// The frozen weights of each layer.
    package var frozenLayers: [FrozenLayer] { weights.layers.map(FrozenLayer.init) }
}
