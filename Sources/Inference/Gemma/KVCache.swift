import CKernels
import Glibc

/// The keys and values of one sequence in all layers, as `[layer][key|value][kvHead][capacity][headDim]`.
///
/// A layer that shares another's keys and values takes no memory: what is asked of it is answered by the other.
///
/// Address space for the whole capacity is reserved at once, but takes memory only where positions have been written,
/// so a short meeting in a long context costs no more than it uses. Keys are stored after rotation. Rewinding costs
/// nothing, since positions past the sequence's end are simply overwritten later.
final class KVCache {
    /// How keys and values are stored: in the full precision of the forward pass, or in half of it.
    enum ElementType: String, Sendable {
        case f32, f16

        var kernelType: ck_type { self == .f32 ? CK_F32 : CK_F16 }
        var byteCount: Int { self == .f32 ? 4 : 2 }
    }

    let elementType: ElementType
    let kvHeadCount: Int
    /// The width of a head in each layer.
    let headDims: [Int]
    /// The layers that have keys and values of their own.
    let ownLayers: [Int]
    /// The most positions that the cache can hold.
    let capacity: Int
    private let memory: UnsafeMutableRawPointer
    private let byteCount: Int
    /// Where each layer's keys begin, in bytes.
    private let offsets: [Int]

    init(configuration: GemmaConfiguration, capacity: Int, elementType: ElementType) throws(GemmaError) {
        self.elementType = elementType
        kvHeadCount = configuration.kvHeadCount
        headDims = configuration.layers.map(\.headDim)
        self.capacity = capacity
        ownLayers = configuration.ownKeyValueLayers
        var (offsets, end) = ([Int](), 0)
        for (index, layer) in configuration.layers.enumerated() {
            offsets.append(layer.keyValueLayer.map { offsets[$0] } ?? end)
            if layer.keyValueLayer == nil {
                end += 2 * capacity * configuration.kvSize(index) * elementType.byteCount
            }
        }
        self.offsets = offsets
        byteCount = end
        let memory = mmap(
            nil, byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0)
        guard let memory, memory != MAP_FAILED else {
            throw GemmaError(
                .badOption,
                "no address space for a KV cache of \(byteCount >> 20) MiB: lower the context length")
        }
        self.memory = memory
    }

    deinit { munmap(memory, byteCount) }

    /// The number of bytes that one position takes in all layers together.
    static func bytesPerToken(of configuration: GemmaConfiguration, elementType: ElementType) -> Int {
        2 * configuration.ownKeyValueLayers.reduce(0) { $0 + configuration.kvSize($1) }
            * elementType.byteCount
    }

    /// The keys of one head, `[capacity, headDim]`.
    func keys(layer: Int, head: Int) -> UnsafeMutableRawPointer { rows(layer: layer, part: 0, head: head) }

    /// The values of one head, `[capacity, headDim]`.
    func values(layer: Int, head: Int) -> UnsafeMutableRawPointer { rows(layer: layer, part: 1, head: head) }

    /// Stores the keys and values of one position, each `[kvHeadCount * headDim]`.
    func store(layer: Int, position: Int, keys: UnsafePointer<Float>, values: UnsafePointer<Float>) {
        precondition(position >= 0 && position < capacity)
        let headDim = headDims[layer]
        for head in 0..<kvHeadCount {
            write(keys + head * headDim, headDim, to: self.keys(layer: layer, head: head), position)
            write(values + head * headDim, headDim, to: self.values(layer: layer, head: head), position)
        }
    }

    private func write(
        _ vector: UnsafePointer<Float>, _ headDim: Int, to rows: UnsafeMutableRawPointer, _ position: Int
    ) {
        let row = rows + position * headDim * elementType.byteCount
        switch elementType {
        case .f32: row.copyMemory(from: vector, byteCount: headDim * 4)
        case .f16: ck_f32_to_f16(vector, row.assumingMemoryBound(to: UInt16.self), headDim)
        }
    }

    /// Copies the first `count` positions from another cache of the same shape.
    func copyPrefix(of other: KVCache, count: Int) {
        precondition(
            other.elementType == elementType && other.headDims == headDims && other.ownLayers == ownLayers
                && other.kvHeadCount == kvHeadCount
                && count <= capacity && count <= other.capacity)
        for layer in ownLayers {
            let bytes = count * headDims[layer] * elementType.byteCount
            for head in 0..<kvHeadCount {
                keys(layer: layer, head: head)
                    .copyMemory(from: other.keys(layer: layer, head: head), byteCount: bytes)
                values(layer: layer, head: head)
                    .copyMemory(from: other.values(layer: layer, head: head), byteCount: bytes)
            }
        }
    }

    private func rows(layer: Int, part: Int, head: Int) -> UnsafeMutableRawPointer {
        precondition(layer < headDims.count && head < kvHeadCount)
        return memory + offsets[layer]
            + (part * kvHeadCount + head) * capacity * headDims[layer] * elementType.byteCount
    }
}

extension GemmaConfiguration {
    /// The layers that have keys and values of their own.
    var ownKeyValueLayers: [Int] { layers.indices.filter { layers[$0].keyValueLayer == nil } }
}
