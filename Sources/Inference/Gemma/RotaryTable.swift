import Glibc

/// Cosines and sines of the rotary embedding for the tokens of one pass, `[sliceLimit, headDim / 2]` each.
///
/// Layers with the same base and scale share a table, so a Gemma model needs at most two.
package final class RotaryTable {
    private let frequencies: [Double]
    private let scratch = ScratchMemory()
    private let cosineRows: UnsafeMutablePointer<Float>
    private let sineRows: UnsafeMutablePointer<Float>

    init(theta: Double, scale: Double, headDim: Int, sliceLimit: Int) {
        let half = headDim / 2
        frequencies = (0..<half).map { 1 / (pow(theta, Double(2 * $0) / Double(headDim)) * scale) }
        cosineRows = scratch.floats(sliceLimit * half).baseAddress!
        sineRows = scratch.floats(sliceLimit * half).baseAddress!
    }

    /// One table for each distinct rotation of the model, in the order of ``GemmaConfiguration/rotations``.
    package static func tables(for configuration: GemmaConfiguration, sliceLimit: Int) -> [RotaryTable] {
        configuration.rotations.map {
            RotaryTable(
                theta: $0.theta, scale: $0.scale, headDim: configuration.headDim, sliceLimit: sliceLimit)
        }
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
    /// The base and scale of a rotation, which several layers may share.
    struct Rotation: Hashable {
        var theta: Double
        var scale: Double
    }

    /// The distinct rotations, in the order of the layers that first use them.
    var rotations: [Rotation] {
        var found: [Rotation] = []
        for layer in layers {
            let rotation = Rotation(theta: layer.ropeTheta, scale: layer.ropeScale)
            if !found.contains(rotation) { found.append(rotation) }
        }
        return found
    }

    /// Which of ``rotations`` each layer uses.
    package var layerRotations: [Int] {
        let rotations = rotations
        return layers.map { layer in
            rotations.firstIndex { $0.theta == layer.ropeTheta && $0.scale == layer.ropeScale } ?? 0
        }
    }
}
