/// Memory of the forward pass: allocated once, freed with its owner.
final class ScratchMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { for block in blocks { block.deallocate() } }

    /// `count` zeros, on a cache line of their own.
    func floats(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * 4, alignment: 64)
        blocks.append(block)
        let floats = block.bindMemory(to: Float.self, capacity: count)
        floats.initialize(repeating: 0, count: count)
        return UnsafeMutableBufferPointer(start: floats, count: count)
    }
}
