import Files
import Foundation
import Tokenizer

/// Inspects snapshots without the model that they belong to: tells whether one is intact, not whether it fits a model.
package enum KVSnapshotInspection {
    /// The name of the file in which the cache of `timeline` is saved.
    package static func fileName(ofTimeline timeline: String) -> String {
        KVSnapshotStore.fileName(of: timeline)
    }

    /// What is wrong with the snapshot at `path`; nil if it is intact.
    package static func problem(in path: String) -> String? {
        do {
            let data = try Data(contentsOf: URL(filePath: path), options: .alwaysMapped)
            return data.withUnsafeBytes { problem(in: $0) }
        } catch {
            return "it cannot be read"
        }
    }

    private static func problem(in bytes: UnsafeRawBufferPointer) -> String? {
        guard bytes.count >= KVSnapshotLayout.recordsOffset, bytes.starts(with: KVSnapshotLayout.magic) else {
            return "it is no snapshot, or cut off"
        }
        let version = bytes.number(at: 8, UInt32.self)
        if let problem = KVSnapshotLayout.problem(ofVersion: version) { return problem }
        guard let layout = layout(bytes) else { return "its header is damaged" }
        let slots = [4096, 8192].compactMap {
            layout.slot(UnsafeRawBufferPointer(rebasing: bytes[$0..<$0 + KVSnapshotLayout.slotBytes]), at: $0)
        }
        guard let slot = slots.max(by: { $0.generation < $1.generation }) else {
            return "neither of its two slots is valid"
        }
        guard slot.count <= (bytes.count - KVSnapshotLayout.recordsOffset) / layout.recordBytes else {
            return "it is cut off"
        }
        return records(bytes, slot, layout)
    }

    /// The layout that the header describes; nil if the header is damaged.
    private static func layout(_ bytes: UnsafeRawBufferPointer) -> KVSnapshotLayout? {
        let positionBytes = Int(bytes.number(at: 12, UInt32.self))
        let nameCount = Int(bytes.number(at: 20, UInt32.self))
        guard nameCount <= KVSnapshotLayout.fingerprintLimit, positionBytes > 0 else { return nil }
        let layout = KVSnapshotLayout(
            fingerprint: String(decoding: bytes[24..<24 + nameCount], as: UTF8.self),
            vocabularySize: Int(bytes.number(at: 16, UInt32.self)), positionBytes: positionBytes)
        return bytes.starts(with: layout.header) ? layout : nil
    }

    private static func records(
        _ bytes: UnsafeRawBufferPointer, _ slot: KVSnapshotLayout.Slot, _ layout: KVSnapshotLayout
    ) -> String? {
        var chain = layout.headerChecksum
        for position in 0..<slot.count {
            let begin = layout.end(of: position)
            let token = TokenID(bitPattern: bytes.number(at: begin + 4, UInt32.self))
            chain = layout.link(chain, position: position, token: token)
            let data = UnsafeRawBufferPointer(
                rebasing: bytes[begin + KVSnapshotLayout.recordHeaderBytes..<begin + layout.recordBytes])
            guard bytes.number(at: begin, UInt32.self) == position,
                bytes.number(at: begin + 8, UInt64.self) == XXHash64.hash(data, seed: chain)
            else { return "position \(position) is damaged" }
        }
        return chain == slot.chain ? nil : "its tokens are not the ones that its slot names"
    }
}
