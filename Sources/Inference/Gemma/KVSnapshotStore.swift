import Files
import Foundation
import Synchronization
import Tokenizer

/// How much disk space snapshots take.
package struct KVSnapshotUsage: Sendable, Hashable {
    /// The number of snapshots.
    package var fileCount: Int
    /// Their total size in bytes.
    package var bytes: Int
    /// The most bytes that they may take together.
    package var bytesLimit: Int
}

/// A folder of snapshots, one file for each timeline, bounded in size.
///
/// Snapshots are only a cache: if anything is wrong with a file, the prompt can be read again. Only one process may use
/// a folder. Writing waits for the disk, so it has a thread of its own; everything else may be called from any thread.
actor KVSnapshotStore {
    /// A snapshot file on the disk.
    struct Entry: Sendable, Hashable {
        var fileName: String
        var bytes: Int
        /// The time of the last use, in seconds since 1970.
        var lastUse: Double
    }

    /// The content that a file is known to have.
    private struct Saved: Sendable {
        var layout: KVSnapshotLayout
        var slot: KVSnapshotLayout.Slot
        var tokens: [TokenID]
    }

    /// The layout of snapshots that were computed without an adapter.
    nonisolated let layout: KVSnapshotLayout
    private nonisolated let folder: String
    private nonisolated let bytesLimit: Int
    private let executor = ThreadExecutor(name: "snapshots")
    // Guards: the content that this process has written or validated, by file name.
    private nonisolated let saved = Mutex<[String: Saved]>([:])

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// Only stores its arguments; the folder is created when the first snapshot is written.
    init(folder: String, bytesLimit: Int, layout: KVSnapshotLayout) {
        self.folder = folder
        self.bytesLimit = bytesLimit
        self.layout = layout
    }

    deinit { executor.stop() }

    /// The layout of snapshots that were computed with the adapter of this fingerprint; nil stands for no adapter.
    nonisolated func layout(adapter: String?) -> KVSnapshotLayout {
        adapter.map { layout.with(adapter: $0) } ?? layout
    }

    /// Fills `cache` from the snapshot of a timeline; returns the tokens whose keys and values it then holds, none if
    /// there is no snapshot.
    ///
    /// - Throws: `badSnapshot` if the snapshot cannot be used; its file is then removed. `file` if it cannot be read.
    ///   The cache's content is then undefined.
    nonisolated func restore(
        _ name: String, into cache: KVCache, layout: KVSnapshotLayout
    ) throws(GemmaError) -> [TokenID] {
        let file = Self.fileName(of: name)
        do {
            guard let snapshot = try KVSnapshotFile(existing: path(file), layout: layout) else { return [] }
            let (slot, tokens) = try snapshot.read(into: cache)
            snapshot.touch()
            saved.withLock { $0[file] = Saved(layout: layout, slot: slot, tokens: tokens) }
            return tokens
        } catch {
            if error.code == .badSnapshot { discard(file) }
            throw error
        }
    }

    /// How many of `tokens`, counted from the first, are saved.
    nonisolated func savedCount(of tokens: [TokenID], name: String, layout: KVSnapshotLayout) -> Int {
        known(Self.fileName(of: name), layout).map { commonPrefix($0.tokens, tokens) } ?? 0
    }

    /// The known content of a file, if it has this layout.
    private nonisolated func known(_ file: String, _ layout: KVSnapshotLayout) -> Saved? {
        saved.withLock { $0[file] }.flatMap { $0.layout == layout ? $0 : nil }
    }

    /// Appends positions to those that are saved already.
    ///
    /// - Returns: false, without writing anything, if the positions before `positions.first` are not (or no longer)
    ///   saved.
    /// - Throws: an error if the folder cannot be written, or if this snapshot alone is larger than the folder may be.
    func write(_ positions: KVSnapshotPositions, name: String) throws(GemmaError) -> Bool {
        let file = Self.fileName(of: name)
        let layout = positions.layout
        let known = known(file, layout)
        let common = known.map { commonPrefix($0.tokens, positions.tokens) } ?? 0
        guard common >= positions.first else { return false }
        try makeRoom(for: layout.end(of: positions.tokens.count), of: file)
        guard let known else {
            try create(file, positions)
            return true
        }
        guard let snapshot = try KVSnapshotFile(existing: path(file), layout: layout),
            snapshot.slot() == known.slot
        else {
            // The file was removed or replaced from outside; the next call creates it again.
            saved.withLock { $0[file] = nil }
            return false
        }
        try perform(from: known.slot, positions, on: snapshot, file: file)
        return true
    }

    private func create(_ file: String, _ positions: KVSnapshotPositions) throws(GemmaError) {
        // A snapshot reveals what was said in a meeting, so only the owner may enter the folder.
        try filing { () throws(FileError) in try Folder.make(folder, mode: 0o700) }
        do {
            let snapshot = try KVSnapshotFile(replacing: path(file), layout: positions.layout)
            try perform(from: nil, positions, on: snapshot, file: file)
            try filing { () throws(FileError) in try Folder.synchronize(folder) }
        } catch {
            // An incomplete file is of no use, and the disk may be full.
            discard(file)
            throw error
        }
    }

    private func perform(
        from slot: KVSnapshotLayout.Slot?, _ positions: KVSnapshotPositions,
        on snapshot: borrowing KVSnapshotFile,
        file: String
    ) throws(GemmaError) {
        for phase in KVSnapshotFile.phases(from: slot, to: positions, layout: positions.layout) {
            try snapshot.perform(phase)
            let tokens = Array(positions.tokens[..<phase.slot.count])
            saved.withLock { $0[file] = Saved(layout: positions.layout, slot: phase.slot, tokens: tokens) }
        }
    }

    /// Removes the snapshot of a timeline, if there is one.
    func remove(_ name: String) { discard(Self.fileName(of: name)) }

    /// All snapshots, the least recently used first.
    nonisolated func entries() -> [Entry] {
        // Ignored: a folder that does not exist has no files.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(Self.suffix) }.compactMap { name -> Entry? in
            var status = stat()
            guard lstat(path(name), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            return Entry(
                fileName: name, bytes: Int(status.st_size),
                lastUse: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9)
        }.sorted { ($0.lastUse, $0.fileName) < ($1.lastUse, $1.fileName) }
    }

    /// How much disk space the snapshots take now.
    nonisolated var usage: KVSnapshotUsage {
        let entries = entries()
        return KVSnapshotUsage(
            fileCount: entries.count, bytes: entries.reduce(0) { $0 + $1.bytes }, bytesLimit: bytesLimit)
    }

    /// Removes the least recently used snapshots until there is room for `file` to have `size` bytes.
    private func makeRoom(for size: Int, of file: String) throws(GemmaError) {
        guard size <= bytesLimit else {
            throw GemmaError(
                .file,
                "\(path(file)): a snapshot of \(size >> 20) MiB is not written: all snapshots together may "
                    + "take \(bytesLimit >> 20) MiB; raise that limit")
        }
        let others = entries().filter { $0.fileName != file }
        var bytes = others.reduce(0) { $0 + $1.bytes }
        for other in others where bytes + size > bytesLimit {
            discard(other.fileName)
            bytes -= other.bytes
        }
    }

    private nonisolated func discard(_ file: String) {
        saved.withLock { $0[file] = nil }
        // Ignored: the file may not exist.
        _ = unlink(path(file))
    }

    private nonisolated func path(_ file: String) -> String { folder + "/" + file }

    private static let suffix = ".kv"
    private static let stemLimit = 200

    /// The file name for a timeline, different for each: all but plain characters are written as `%` and two hex
    /// digits.
    static func fileName(of name: String) -> String {
        var stem = ""
        for byte in name.utf8 {
            let scalar = UnicodeScalar(byte)
            let isPlain =
                scalar.properties.isAlphabetic && scalar.isASCII
                || "0123456789-_".unicodeScalars.contains(scalar)
            // A dot is plain except at the beginning, where it would hide the file.
            if isPlain || byte == UInt8(ascii: "."), isPlain || !stem.isEmpty {
                stem.unicodeScalars.append(scalar)
            } else {
                stem += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        if stem.isEmpty { stem = "%" }
        guard stem.utf8.count > stemLimit else { return stem + suffix }
        let hash = XXHash64.hash(Array(name.utf8)[...])
        return stem.prefix(stemLimit - 20) + "%~" + String(hash, radix: 16) + suffix
    }
}

/// The length of the prefix that two sequences of tokens have in common.
private func commonPrefix(_ one: [TokenID], _ other: [TokenID]) -> Int {
    zip(one, other).prefix { $0 == $1 }.count
}
