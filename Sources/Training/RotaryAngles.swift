import Gemma
import Glibc

/// Cosines and sines of the rotary embedding for all positions of a sequence, for each distinct rotation.
final class RotaryAngles: @unchecked Sendable {
    /// `[positions, headDim / 2]` each; the sines once more with the other sign, to turn back.
    private struct Table {
        let cosines: FloatMemory
        let sines: FloatMemory
        let negativeSines: FloatMemory
    }

    private let half: Int
    private let tables: [Table]
    /// Which table each layer uses.
    private let tableOfLayer: [Int]

    init(_ configuration: GemmaConfiguration, positions: Int) {
        half = configuration.headDim / 2
        var distinct: [GemmaConfiguration.Layer] = []
        tableOfLayer = configuration.layers.map { layer in
            let same = distinct.firstIndex {
                $0.ropeTheta == layer.ropeTheta && $0.ropeScale == layer.ropeScale
            }
            if let same { return same }
            distinct.append(layer)
            return distinct.count - 1
        }
        let half = half
        tables = distinct.map { layer in
            let table = Table(
                cosines: FloatMemory(positions * half), sines: FloatMemory(positions * half),
                negativeSines: FloatMemory(positions * half))
            for index in 0..<half {
                let share = Double(2 * index) / Double(configuration.headDim)
                let frequency = 1 / (pow(layer.ropeTheta, share) * layer.ropeScale)
                for position in 0..<positions {
                    let angle = Double(position) * frequency
                    table.cosines.start[position * half + index] = Float(cos(angle))
                    table.sines.start[position * half + index] = Float(sin(angle))
                    table.negativeSines.start[position * half + index] = -Float(sin(angle))
                }
            }
            return table
        }
    }

    /// Of one position, `[headDim / 2]`.
    func cosines(layer: Int, position: Int) -> UnsafePointer<Float> {
        UnsafePointer(tables[tableOfLayer[layer]].cosines.start + position * half)
    }

    /// Of one position, `[headDim / 2]`; negative ones turn back.
    func sines(layer: Int, position: Int, isInverse: Bool = false) -> UnsafePointer<Float> {
        let table = tables[tableOfLayer[layer]]
        return UnsafePointer((isInverse ? table.negativeSines : table.sines).start + position * half)
    }
}
