import Files
import Glibc
import Tokenizer

/// A copy of the keys and values of some positions of a timeline, as a snapshot's records; the timeline can change
/// while they are written.
struct KVSnapshotPositions: Sendable {
    /// All tokens up to the end of the records.
    let tokens: [TokenID]
    /// The position of the first record.
    let first: Int
    /// The layout of the file that the records are for.
    let layout: KVSnapshotLayout
    /// The `tokens.count - first` records, complete except for their checksums.
    fileprivate(set) var records: [UInt8]

    /// Copies the positions `first..<tokens.count` from a cache that holds the keys and values of `tokens`.
    init(of tokens: [TokenID], from first: Int, cache: KVCache, layout: KVSnapshotLayout) {
        precondition(first >= 0 && first <= tokens.count && tokens.count <= cache.capacity)
        precondition(layout.positionBytes == cache.positionBytes)
        self.tokens = tokens
        self.first = first
        self.layout = layout
        let size = (tokens.count - first) * layout.recordBytes
        records = [UInt8](unsafeUninitializedCapacity: size) { buffer, count in
            var rest = UnsafeMutableRawBufferPointer(buffer)
            for position in first..<tokens.count {
                rest.store(UInt32(position), littleEndianAt: 0)
                rest.store(UInt32(bitPattern: tokens[position]), littleEndianAt: 4)
                rest.store(UInt64(0), littleEndianAt: 8)
                cache.copy(position: position, to: rest.baseAddress! + KVSnapshotLayout.recordHeaderBytes)
                rest = UnsafeMutableRawBufferPointer(rebasing: rest[layout.recordBytes...])
            }
            count = size
        }
    }

    /// Fills in the checksums; returns the chain value of the last position.
    mutating func seal(_ layout: KVSnapshotLayout) -> UInt64 {
        var chain = layout.chain(of: tokens[..<first])
        let (tokens, first) = (tokens, first)
        records.withUnsafeMutableBytes { bytes in
            for position in first..<tokens.count {
                chain = layout.link(chain, position: position, token: tokens[position])
                let begin = (position - first) * layout.recordBytes
                let record = UnsafeMutableRawBufferPointer(
                    rebasing: bytes[begin..<(begin + layout.recordBytes)])
                let data = UnsafeRawBufferPointer(
                    rebasing: record[KVSnapshotLayout.recordHeaderBytes...])
                record.store(XXHash64.hash(data, seed: chain), littleEndianAt: 8)
            }
        }
        return chain
    }
}

extension KVCache {
    /// The number of bytes that one position takes in all layers together.
    var positionBytes: Int {
        2 * kvHeadCount * ownLayers.reduce(0) { $0 + headDims[$1] } * elementType.byteCount
    }

    /// Copies a position to `target`, as `[layer][key|value][kvHead][headDim]`.
    func copy(position: Int, to target: UnsafeMutableRawPointer) {
        forEachRow(of: position) { offset, row, bytes in
            (target + offset).copyMemory(from: row, byteCount: bytes)
        }
    }

    /// Fills a position from `source`, `[layer][key|value][kvHead][headDim]`.
    func fill(position: Int, from source: UnsafeRawPointer) {
        forEachRow(of: position) { offset, row, bytes in
            row.copyMemory(from: source + offset, byteCount: bytes)
        }
    }

    private func forEachRow(of position: Int, _ body: (Int, UnsafeMutableRawPointer, Int) -> Void) {
        precondition(position >= 0 && position < capacity)
        var offset = 0
        for layer in ownLayers {
            let bytes = headDims[layer] * elementType.byteCount
            for isValue in [false, true] {
                for head in 0..<kvHeadCount {
                    let rows =
                        isValue ? values(layer: layer, head: head) : keys(layer: layer, head: head)
                    body(offset, rows + position * bytes, bytes)
                    offset += bytes
                }
            }
        }
    }
}
