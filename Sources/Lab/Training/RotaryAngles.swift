import Gemma

/// The engine's rotary tables for all positions of a sequence, with sines for the inverse rotation.
final class RotaryAngles: @unchecked Sendable {
    // Safety: nothing changes after init.
    private let tables: [RotaryTable]
    /// The negated sines of each table, `[positions, headDim / 2]`.
    private let negativeSines: [FloatMemory]
    /// Which table each layer uses.
    private let tableOfLayer: [Int]

    init(_ configuration: GemmaConfiguration, positions: Int) {
        tableOfLayer = configuration.layerRotations
        tables = RotaryTable.tables(for: configuration, sliceLimit: positions)
        negativeSines = tables.map { table in
            let half = table.pairCount
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

    /// The cosines of one position, `[headDim / 2]`.
    func cosines(layer: Int, position: Int) -> UnsafePointer<Float> {
        tables[tableOfLayer[layer]].cosines(position)
    }

    /// The sines of one position, `[headDim / 2]`; negated for the inverse rotation.
    func sines(layer: Int, position: Int, isInverse: Bool = false) -> UnsafePointer<Float> {
        let table = tableOfLayer[layer]
        guard isInverse else { return tables[table].sines(position) }
        return UnsafePointer(negativeSines[table].start + position * tables[table].pairCount)
    }
}
