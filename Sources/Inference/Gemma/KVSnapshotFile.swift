import Files
import Glibc
import Tokenizer

/// An open snapshot file (``KVSnapshotLayout``), for reading and for changing it safely.
struct KVSnapshotFile: ~Copyable {
    /// One operation on the file.
    ///
    /// Between two `sync`s, writes may reach the disk in any order.
    enum Step: Sendable, Equatable {
        case write([UInt8], at: Int)
        case truncate(Int)
        case sync
    }

    /// Steps after which `slot` describes the file.
    struct Phase: Sendable, Equatable {
        var steps: [Step]
        var slot: KVSnapshotLayout.Slot
    }

    private let file: OpenFile
    private let layout: KVSnapshotLayout

    /// Opens the file at `path`; nil if there is none.
    init?(existing path: String, layout: KVSnapshotLayout) throws(GemmaError) {
        // O_NONBLOCK keeps open from waiting if there is a pipe of this name. On a file it has no effect.
        do {
            file = try OpenFile(path, O_RDWR | O_NOFOLLOW | O_NONBLOCK)
        } catch {
            if [ENOENT, ENOTDIR].contains(error.number) { return nil }
            throw GemmaError(error)
        }
        self.layout = layout
    }

    /// Creates an empty file at `path`, replacing any that is there.
    init(replacing path: String, layout: KVSnapshotLayout) throws(GemmaError) {
        unlink(path)
        do {
            file = try OpenFile(path, O_RDWR | O_CREAT | O_EXCL | O_NOFOLLOW, mode: 0o600)
        } catch {
            throw GemmaError(error)
        }
        self.layout = layout
    }

    // MARK: - Reading

    /// The valid slot with the highest generation; nil if neither slot is valid.
    func slot() -> KVSnapshotLayout.Slot? {
        let slots = [4096, 8192].compactMap { offset -> KVSnapshotLayout.Slot? in
            var bytes = [UInt8](repeating: 0, count: KVSnapshotLayout.slotBytes)
            // Ignored: a slot that cannot be read counts as invalid.
            guard bytes.withUnsafeMutableBytes({ (try? read($0, at: offset)) != nil }) else { return nil }
            return bytes.withUnsafeBytes { layout.slot($0, at: offset) }
        }
        return slots.max { $0.generation < $1.generation }
    }

    /// Checks the whole file and fills `cache`; returns the slot and the tokens whose keys and values the cache now
    /// holds.
    ///
    /// - Throws: `badSnapshot` if anything is wrong with the file, `file` if it cannot be read. The cache's content is
    ///   then undefined.
    func read(into cache: KVCache) throws(GemmaError) -> (slot: KVSnapshotLayout.Slot, tokens: [TokenID]) {
        precondition(layout.positionBytes == cache.positionBytes)
        let size = try size()
        try checkHeader()
        guard let slot = slot() else { throw refusal("neither of its two slots is valid") }
        guard slot.count <= cache.capacity else {
            throw refusal(
                "it holds \(slot.count) positions, which is more than the context of \(cache.capacity)")
        }
        guard layout.end(of: slot.count) <= size else { throw refusal("it is cut off") }
        let portion = max(1, (1 << 20) / layout.recordBytes)
        let buffer = UnsafeMutableRawBufferPointer.allocate(
            byteCount: portion * layout.recordBytes, alignment: 64)
        defer { buffer.deallocate() }
        var tokens: [TokenID] = []
        var chain = layout.headerChecksum
        while tokens.count < slot.count {
            let count = min(portion, slot.count - tokens.count)
            let records = UnsafeMutableRawBufferPointer(rebasing: buffer[..<(count * layout.recordBytes)])
            try read(records, at: layout.end(of: tokens.count))
            for index in 0..<count {
                let begin = index * layout.recordBytes
                let record = UnsafeRawBufferPointer(
                    rebasing: UnsafeRawBufferPointer(records)[begin..<(begin + layout.recordBytes)])
                try take(record, tokens: &tokens, chain: &chain, cache: cache)
            }
        }
        guard chain == slot.chain else { throw refusal("its tokens are not the ones that its slot names") }
        return (slot, tokens)
    }

    private func take(
        _ record: UnsafeRawBufferPointer, tokens: inout [TokenID], chain: inout UInt64, cache: KVCache
    ) throws(GemmaError) {
        let position = tokens.count
        let token = TokenID(bitPattern: record.number(at: 4, UInt32.self))
        guard record.number(at: 0, UInt32.self) == position, token >= 0, Int(token) < layout.vocabularySize
        else {
            throw refusal("position \(position) is damaged")
        }
        chain = layout.link(chain, position: position, token: token)
        let data = UnsafeRawBufferPointer(rebasing: record[KVSnapshotLayout.recordHeaderBytes...])
        guard record.number(at: 8, UInt64.self) == XXHash64.hash(data, seed: chain),
            let address = data.baseAddress
        else { throw refusal("the checksum of position \(position) is wrong") }
        cache.fill(position: position, from: address)
        tokens.append(token)
    }

    private func checkHeader() throws(GemmaError) {
        var header = [UInt8](repeating: 0, count: KVSnapshotLayout.headerBytes)
        let isRead = header.withUnsafeMutableBytes { (try? read($0, at: 0)) != nil }
        guard isRead, header.starts(with: KVSnapshotLayout.magic) else { throw refusal("it is no snapshot") }
        guard header != layout.header else { return }
        let body = header.dropLast(8)
        let (version, checksum) = header.withUnsafeBytes {
            ($0.number(at: 8, UInt32.self), $0.number(at: body.count, UInt64.self))
        }
        if let problem = KVSnapshotLayout.problem(ofVersion: version) { throw refusal(problem) }
        guard XXHash64.hash(body) == checksum else { throw refusal("its header is damaged") }
        throw refusal("it was made by another model, or with another adapter or other settings")
    }

    private func size() throws(GemmaError) -> Int {
        let status = try filing { () throws(FileError) in try file.status() }
        guard status.st_mode & S_IFMT == S_IFREG else { throw refusal("it is not a file") }
        return Int(status.st_size)
    }

    private func read(_ buffer: UnsafeMutableRawBufferPointer, at offset: Int) throws(GemmaError) {
        let count = try filing { () throws(FileError) in try file.read(into: buffer, at: offset) }
        guard count == buffer.count else { throw refusal("it is cut off") }
    }

    private func refusal(_ reason: String) -> GemmaError {
        GemmaError(.badSnapshot, "\(file.path): the snapshot is not used: \(reason)")
    }

    // MARK: - Changing

    /// The phases that turn a file described by `current` (nil: an empty file) into one that holds `positions`.
    ///
    /// - Precondition: the tokens before `positions.first` are the same as in the file.
    static func phases(
        from current: KVSnapshotLayout.Slot?, to positions: consuming KVSnapshotPositions,
        layout: KVSnapshotLayout
    ) -> [Phase] {
        precondition(positions.first <= current?.count ?? 0)
        var phases: [Phase] = []
        var generation = current?.generation ?? 0
        let first = positions.first
        if let current, first < current.count {
            generation += 1
            let slot = KVSnapshotLayout.Slot(
                generation: generation, count: first, chain: layout.chain(of: positions.tokens[..<first]))
            phases.append(
                Phase(
                    steps: [
                        .write(layout.bytes(of: slot), at: slot.offset), .sync,
                        .truncate(layout.end(of: first)),
                    ], slot: slot))
        }
        guard first < positions.tokens.count else { return phases }
        let chain = positions.seal(layout)
        let slot = KVSnapshotLayout.Slot(
            generation: generation + 1, count: positions.tokens.count, chain: chain)
        let header: [Step] = current == nil ? [.write(layout.header, at: 0)] : []
        phases.append(
            Phase(
                steps: header + [
                    .write(positions.records, at: layout.end(of: first)), .sync,
                    .write(layout.bytes(of: slot), at: slot.offset), .sync,
                ], slot: slot))
        return phases
    }

    /// Carries out the steps of a phase; throws if the file cannot be written.
    func perform(_ phase: Phase) throws(GemmaError) {
        try filing { () throws(FileError) in
            for step in phase.steps {
                switch step {
                case .write(let bytes, let offset): try file.write(bytes, at: offset)
                case .truncate(let size): try file.truncate(to: size)
                case .sync: try file.synchronizeData()
                }
            }
        }
    }

    /// Records the time of this use in the file's modification time.
    func touch() {
        // Ignored: the time only decides which file is removed first.
        _ = futimens(file.descriptor, nil)
    }
}

extension GemmaError {
    /// A file or folder of snapshots cannot be used.
    init(_ error: FileError) { self.init(.file, "\(error)") }
}

/// What `body` does with files of snapshots.
func filing<Result>(_ body: () throws(FileError) -> Result) throws(GemmaError) -> Result {
    do {
        return try body()
    } catch {
        throw GemmaError(error)
    }
}
