import Glibc

/// Cosines and sines of the rotary embedding for the tokens of one pass, `[sliceLimit, headDim / 2]` each.
///
/// Layers with the same rotation share a table, so a Gemma model needs at most two.
package final class RotaryTable {
    private let frequencies: [Double]
    private let scratch = ScratchMemory()
    private let cosineRows: UnsafeMutablePointer<Float>
    private let sineRows: UnsafeMutablePointer<Float>

    init(_ rotation: GemmaConfiguration.Rotation, sliceLimit: Int) {
        let (half, width) = (rotation.headDim / 2, Double(rotation.headDim))
        frequencies = (0..<half).map {
            $0 < rotation.pairs ? 1 / (pow(rotation.theta, Double(2 * $0) / width) * rotation.scale) : 0
        }
        cosineRows = scratch.floats(sliceLimit * half).baseAddress!
        sineRows = scratch.floats(sliceLimit * half).baseAddress!
    }

    /// One table for each distinct rotation of the model, in the order of ``GemmaConfiguration/rotations``.
    package static func tables(for configuration: GemmaConfiguration, sliceLimit: Int) -> [RotaryTable] {
        configuration.rotations.map { RotaryTable($0, sliceLimit: sliceLimit) }
    }

    /// Computes a row of the table for a token at `position`.
    package func prepare(row: Int, position: Int) {
        let half = frequencies.count
        for (index, frequency) in frequencies.enumerated() {
            let angle = Double(position) * frequency
            cosineRows[row * half + index] = Float(cos(angle))
            sineRows[row * half + index] = Float(sin(angle))
        }
    }

    /// The number of pairs that a head has, `headDim / 2`.
    package var pairCount: Int { frequencies.count }

    /// The cosines in a token's row, `[headDim / 2]`.
    package func cosines(_ token: Int) -> UnsafePointer<Float> {
        UnsafePointer(cosineRows + token * frequencies.count)
    }

    /// The sines in a token's row, `[headDim / 2]`.
    package func sines(_ token: Int) -> UnsafePointer<Float> {
        UnsafePointer(sineRows + token * frequencies.count)
    }
}

extension GemmaConfiguration {
    /// A rotation, which several layers may share.
    struct Rotation: Hashable {
        var headDim: Int
        /// How many pairs are rotated; the angle of the others is 0.
        var pairs: Int
        var theta: Double
        var scale: Double
    }

    /// The distinct rotations, in the order of the layers that first use them.
    var rotations: [Rotation] {
        var found: [Rotation] = []
        for layer in layers where !found.contains(layer.rotation) {
            found.append(layer.rotation)
        }
        return found
    }

    /// Which of ``rotations`` each layer uses.
    package var layerRotations: [Int] {
        let rotations = rotations
        return layers.map { rotations.firstIndex(of: $0.rotation)! }
    }
}

extension GemmaConfiguration.Layer {
    fileprivate var rotation: GemmaConfiguration.Rotation {
        GemmaConfiguration.Rotation(
            headDim: headDim, pairs: rotatedPairs ?? headDim / 2, theta: ropeTheta, scale: ropeScale)
    }
}
