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

/// One layer's frozen weights; norm weights are in f32 and include the 1 that Gemma up to 3 adds to them.
package struct FrozenLayer: @unchecked Sendable {
    package let attnNorm: UnsafePointer<Float>  // [hiddenSize]
    package let attnQ: FrozenMatrix  // [querySize, hiddenSize]
    package let attnK: FrozenMatrix?  // [kvSize, hiddenSize]
    package let attnV: FrozenMatrix?  // [kvSize, hiddenSize]
    package let attnOutput: FrozenMatrix  // [hiddenSize, querySize]
    package let attnQNorm: UnsafePointer<Float>?  // [headDim]
    package let attnKNorm: UnsafePointer<Float>?  // [headDim]
    package let attnVNorm: UnsafePointer<Float>?  // [headDim]
    package let postAttentionNorm: UnsafePointer<Float>?  // [hiddenSize]
    package let ffnNorm: UnsafePointer<Float>  // [hiddenSize]
    package let ffnGate: FrozenMatrix  // [intermediateSize, hiddenSize]
    package let ffnUp: FrozenMatrix  // [intermediateSize, hiddenSize]
    package let ffnDown: FrozenMatrix  // [hiddenSize, intermediateSize]
    package let postFeedForwardNorm: UnsafePointer<Float>?  // [hiddenSize]
    package let input: Input?
    /// The layer's output is multiplied by this.
    package let outputScale: Float?

    /// How the layer takes its input besides the residual: `norm(projection(gelu(gate x) * input))` is added to x.
    package struct Input: @unchecked Sendable {
        package let gate: FrozenMatrix  // [layerInputSize, hiddenSize]
        package let projection: FrozenMatrix  // [hiddenSize, layerInputSize]
        package let norm: UnsafePointer<Float>  // [hiddenSize]
    }

    init(_ layer: GemmaWeights.Layer) {
        attnNorm = layer.attnNorm
        attnQ = FrozenMatrix(layer.attnQ)
        attnK = layer.attnK.map(FrozenMatrix.init)
        attnV = layer.attnV.map(FrozenMatrix.init)
        attnOutput = FrozenMatrix(layer.attnOutput)
        attnQNorm = layer.attnQNorm
        attnKNorm = layer.attnKNorm
        attnVNorm = layer.attnVNorm
        postAttentionNorm = layer.postAttentionNorm
        ffnNorm = layer.ffnNorm
        ffnGate = FrozenMatrix(layer.ffnGate)
        ffnUp = FrozenMatrix(layer.ffnUp)
        ffnDown = FrozenMatrix(layer.ffnDown)
        postFeedForwardNorm = layer.postFeedForwardNorm
        input = layer.input.map {
            Input(gate: FrozenMatrix($0.gate), projection: FrozenMatrix($0.projection), norm: $0.norm)
        }
        outputScale = layer.outputScale
    }
}

/// What the layers' inputs besides the residual are made of: `(norm(projection e / sqrt(hiddenSize)) +
/// sqrt(layerInputSize) * row) / sqrt(2)`, with the embedded token e and its row of the table.
package struct FrozenLayerInputs: @unchecked Sendable {
    package let table: FrozenMatrix  // [vocabularySize, layers * layerInputSize]
    /// The projection, cut into parts with rows for consecutive layers.
    package let projections: [FrozenMatrix]  // [layers of the part * layerInputSize, hiddenSize]
    package let norm: UnsafePointer<Float>  // [layerInputSize]
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
    /// What the layers' inputs are made of, if they have any besides the residual.
    package var frozenLayerInputs: FrozenLayerInputs? {
        weights.layerInputs.map {
            FrozenLayerInputs(
                table: FrozenMatrix($0.table), projections: $0.projections.map(FrozenMatrix.init),
                norm: $0.norm)
        }
    }
}
