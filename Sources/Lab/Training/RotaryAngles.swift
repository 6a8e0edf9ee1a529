import Gemma

/// The engine's rotary tables for all positions of a sequence, and the sines that turn back.
final class RotaryAngles: @unchecked Sendable {
    // Safety: immutable once made.
    private let tables: [RotaryTable]
    /// Of each table, `[positions, headDim / 2]`: its sines with the other sign.
    private let negativeSines: [FloatMemory]
    private let half: Int
    /// Which table each layer uses.
    private let tableOfLayer: [Int]

    init(_ configuration: GemmaConfiguration, positions: Int) {
        let half = configuration.headDim / 2
        self.half = half
        tableOfLayer = configuration.layerRotations
        tables = RotaryTable.tables(for: configuration, sliceLimit: positions)
        negativeSines = tables.map { table in
            let memory = FloatMemory(positions * half)
            for position in 0..<positions {
                table.prepare(row: position, position: position)
                for index in 0..<half {
                    memory.start[position * half + index] = -table.sines(position)[index]
                }
            }
            return memory
        }
    }

    /// Of one position, `[headDim / 2]`.
    func cosines(layer: Int, position: Int) -> UnsafePointer<Float> {
        tables[tableOfLayer[layer]].cosines(position)
    }

    /// Of one position, `[headDim / 2]`; negative ones turn back.
    func sines(layer: Int, position: Int, isInverse: Bool = false) -> UnsafePointer<Float> {
        let table = tableOfLayer[layer]
        guard isInverse else { return tables[table].sines(position) }
        return UnsafePointer(negativeSines[table].start + position * half)
    }
}
