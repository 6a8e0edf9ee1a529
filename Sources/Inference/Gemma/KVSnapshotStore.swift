import Foundation
import Synchronization
import Tokenizer

/// What snapshots take on the disk.
package struct KVSnapshotUsage: Sendable, Hashable {
    /// Snapshots.
    package var fileCount: Int
    /// Their size together.
    package var bytes: Int
    /// What they may take.
    package var bytesLimit: Int
}

/// A folder of snapshots, one file for each timeline, bounded in size.
///
/// A cache, not data: whatever is wrong with a file, the prompt can be read again. One process uses a folder. Writing
/// happens on a thread of its own, since it waits for the disk; everything else may be called from any thread.
actor KVSnapshotStore {
    /// A snapshot as it lies on the disk.
    struct Entry: Sendable, Hashable {
        var fileName: String
        var bytes: Int
        /// Seconds since 1970.
        var lastUse: Double
    }

    /// What is known to be in a file.
    private struct Saved: Sendable {
        var layout: KVSnapshotLayout
        var slot: KVSnapshotLayout.Slot
        var tokens: [TokenID]
    }

    /// Of what is computed without adapters.
    nonisolated let layout: KVSnapshotLayout
    private nonisolated let folder: String
    private nonisolated let bytesLimit: Int
    private let executor = ThreadExecutor(name: "snapshots")
    // Guards: what this process wrote or validated, by file name.
    private nonisolated let saved = Mutex<[String: Saved]>([:])

    nonisolated var unownedExecutor: UnownedSerialExecutor { executor.asUnownedSerialExecutor() }

    /// The folder is made when something is written.
    init(folder: String, bytesLimit: Int, layout: KVSnapshotLayout) {
        self.folder = folder
        self.bytesLimit = bytesLimit
        self.layout = layout
    }

    deinit { executor.stop() }

    /// The layout of what is computed with the adapter of that fingerprint, or without any.
    nonisolated func layout(adapter: String?) -> KVSnapshotLayout {
        adapter.map { layout.with(adapter: $0) } ?? layout
    }

    /// Fills `cache` from the snapshot of a timeline; returns the tokens it then stands for, none if there is no
    /// snapshot.
    ///
    /// - Throws: a refusal if the snapshot is not usable, which is removed then, or what keeps it from being read. The
    ///   cache's content is undefined.
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

    /// How many of `tokens`, from the first on, are saved.
    nonisolated func savedCount(of tokens: [TokenID], name: String, layout: KVSnapshotLayout) -> Int {
        known(Self.fileName(of: name), layout).map { commonPrefix($0.tokens, tokens) } ?? 0
    }

    /// What is known to be in a file, if it has this layout.
    private nonisolated func known(_ file: String, _ layout: KVSnapshotLayout) -> Saved? {
        saved.withLock { $0[file] }.flatMap { $0.layout == layout ? $0 : nil }
    }

    /// Saves positions behind those that are saved already.
    ///
    /// - Returns: false if those before `positions.first` are not saved (any more): nothing is done then.
    /// - Throws: an error if the folder cannot be written, or if the snapshot alone is more than may be kept.
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
            // Somebody removed or replaced it: it is written anew the next time.
            saved.withLock { $0[file] = nil }
            return false
        }
        try perform(from: known.slot, positions, on: snapshot, file: file)
        return true
    }

    private func create(_ file: String, _ positions: KVSnapshotPositions) throws(GemmaError) {
        try makeFolder()
        do {
            let snapshot = try KVSnapshotFile(replacing: path(file), layout: positions.layout)
            try perform(from: nil, positions, on: snapshot, file: file)
            try syncFolder()
        } catch {
            // A part of it would be of no use, and the disk may be full.
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

    /// Removes the snapshot of a timeline.
    func remove(_ name: String) { discard(Self.fileName(of: name)) }

    /// All snapshots, the longest unused first.
    nonisolated func entries() -> [Entry] {
        // Ignored: a folder that is not there has no files.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(Self.suffix) }.compactMap { name -> Entry? in
            var status = stat()
            guard lstat(path(name), &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
            return Entry(
                fileName: name, bytes: Int(status.st_size),
                lastUse: Double(status.st_mtim.tv_sec) + Double(status.st_mtim.tv_nsec) * 1e-9)
        }.sorted { ($0.lastUse, $0.fileName) < ($1.lastUse, $1.fileName) }
    }

    /// What the snapshots take.
    nonisolated var usage: KVSnapshotUsage {
        let entries = entries()
        return KVSnapshotUsage(
            fileCount: entries.count, bytes: entries.reduce(0) { $0 + $1.bytes }, bytesLimit: bytesLimit)
    }

    /// Removes the longest unused snapshots until `file` may have `size` bytes.
    private func makeRoom(for size: Int, of file: String) throws(GemmaError) {
        guard size <= bytesLimit else {
            throw GemmaError(
                .file,
                "\(path(file)): a snapshot of \(size >> 20) MiB is not written: all together may take "
                    + "\(bytesLimit >> 20) MiB; raise that limit")
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
        // Ignored: what is not there need not be removed.
        _ = unlink(path(file))
    }

    private func makeFolder() throws(GemmaError) {
        do {
            // What was said in a meeting can be read off its snapshot.
            try FileManager.default.createDirectory(
                atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700])
        } catch {
            throw GemmaError(.file, "\(folder): the folder cannot be made: \(error.localizedDescription)")
        }
    }

    private func syncFolder() throws(GemmaError) {
        let descriptor = open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        guard descriptor >= 0 else { throw KVSnapshotFile.failure("opened", folder) }
        defer { close(descriptor) }
        guard fsync(descriptor) == 0 else { throw KVSnapshotFile.failure("made durable", folder) }
    }

    private nonisolated func path(_ file: String) -> String { folder + "/" + file }

    private static let suffix = ".kv"
    private static let stemLimit = 200

    /// A file name for any timeline, another one for another: what is not a plain character becomes `%` and hex.
    static func fileName(of name: String) -> String {
        var stem = ""
        for byte in name.utf8 {
            let scalar = UnicodeScalar(byte)
            let isPlain =
                scalar.properties.isAlphabetic && scalar.isASCII
                || "0123456789-_".unicodeScalars.contains(scalar)
            // A dot is plain, but not in front, where it hides a file.
            if isPlain || byte == UInt8(ascii: "."), isPlain || !stem.isEmpty {
                stem.unicodeScalars.append(scalar)
            } else {
                stem += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
            }
        }
        if stem.isEmpty { stem = "%" }
        guard stem.utf8.count > stemLimit else { return stem + suffix }
        let hash = KVSnapshotChecksum.hash(Array(name.utf8)[...])
        return stem.prefix(stemLimit - 20) + "%~" + String(hash, radix: 16) + suffix
    }
}

/// How many elements two sequences of tokens begin with in common.
private func commonPrefix(_ one: [TokenID], _ other: [TokenID]) -> Int {
    zip(one, other).prefix { $0 == $1 }.count
}
