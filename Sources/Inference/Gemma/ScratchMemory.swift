/// Memory that is allocated once and freed together with its owner.
final class ScratchMemory {
    private var blocks: [UnsafeMutableRawPointer] = []

    deinit { for block in blocks { block.deallocate() } }

    /// Allocates `count` zeros, aligned to a cache line.
    func floats(_ count: Int) -> UnsafeMutableBufferPointer<Float> {
        let block = UnsafeMutableRawPointer.allocate(byteCount: max(1, count) * 4, alignment: 64)
        blocks.append(block)
        let floats = block.bindMemory(to: Float.self, capacity: count)
        floats.initialize(repeating: 0, count: count)
        return UnsafeMutableBufferPointer(start: floats, count: count)
    }
}
