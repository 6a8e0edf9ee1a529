import Language
import Ledger
import Transcript

/// Decides which files of the spool are complete, and in which order they are taken.
///
/// Does no I/O. A file is complete
/// - at once if the kernel said that it came by rename or was closed after writing;
/// - never while the kernel said that somebody made it and writes it;
/// - else (there before the watch was, linked, events lost) once size and time have not changed for `settle`.
///
/// Within a meeting chunks go in order of their numbers, then a whole file, then a calendar, then the end marker. A
/// chunk whose predecessor is missing waits for `gapWait` after it was first seen, and as long as the predecessor is
/// there but not complete.
struct SpoolQueue {
    typealias Instant = ContinuousClock.Instant

    /// A file that is to be taken now.
    struct Candidate: Equatable {
        var name: String
        /// Nil where no meeting's name can be made of it, or it is no file: it will be refused.
        var chunk: ChunkName?
        var kind: SpoolEntry.Kind
        /// What is missing before it, or that it is late, for the minutes.
        var gap: Note?
        /// How often it could not be taken.
        var attempts = 0
    }

    private enum Hint {
        case created, writing, complete
    }

    private struct Waiting {
        var entry: SpoolEntry
        var chunk: ChunkName?
        var firstSeen: Instant
        var unchangedSince: Instant
        var attempts = 0
        var retryAt: Instant?
    }

    private let settle: Duration
    private let gapWait: Duration
    private static let retryFirst = Duration.seconds(1)
    private static let retryLimit = Duration.seconds(300)
    private var hints: [String: Hint] = [:]
    private var waiting: [String: Waiting] = [:]

    init(settle: Duration, gapWait: Duration) {
        self.settle = settle
        self.gapWait = gapWait
    }

    /// The number of waiting files.
    var count: Int { waiting.count }

    // MARK: - What is known

    mutating func note(_ event: DirectoryWatch.Event) {
        switch event {
        case .created(let name): hints[name] = .created
        case .opened(let name): if hints[name] == .created { hints[name] = .writing }
        case .completed(let name): hints[name] = .complete
        case .overflow, .folderGone:
            // The event that a file was closed may be among the lost ones.
            hints = hints.filter { $0.value == .complete }
        }
    }

    /// Updates the queue from a listing of `incoming/`.
    mutating func update(_ entries: [SpoolEntry], now: Instant) {
        var next: [String: Waiting] = [:]
        for entry in entries where entry.kind != .folder && !ChunkName.isIgnored(entry.name) {
            if var known = waiting[entry.name], known.entry.inode == entry.inode {
                if known.entry != entry {
                    known.entry = entry
                    known.unchangedSince = now
                }
                next[entry.name] = known
            } else {
                let chunk = try? ChunkName(entry.name)  // A bad name is refused when its turn comes.
                next[entry.name] = Waiting(
                    entry: entry, chunk: chunk ?? nil, firstSeen: now, unchangedSince: now)
            }
        }
        waiting = next
        hints = hints.filter { next[$0.key] != nil }
    }

    /// Removes a file that was dealt with.
    mutating func remove(_ name: String) {
        waiting[name] = nil
        hints[name] = nil
    }

    /// Puts off a file that could not be taken; true the first time, when it is worth a log line.
    mutating func postpone(_ name: String, now: Instant) -> Bool {
        guard var file = waiting[name] else { return false }
        file.retryAt = now + Self.delay(afterAttempts: file.attempts)
        file.attempts += 1
        waiting[name] = file
        return file.attempts == 1
    }

    /// Doubles from 1 s to 5 min.
    static func delay(afterAttempts attempts: Int) -> Duration {
        min(retryFirst * (1 << min(attempts, 16)), retryLimit)
    }

    // MARK: - Whose turn it is

    /// Complete files in the order in which they are to be taken; ask ``turn(of:now:progress:)`` before each.
    func complete(now: Instant) -> [String] {
        waiting.values.filter { isComplete($0, now: now) && ($0.retryAt ?? now) <= now }
            .sorted { Self.order($0) < Self.order($1) }
            .map(\.entry.name)
    }

    /// The candidate, if nothing that comes before it is missing, or the wait for that is over.
    func turn(
        of name: String, now: Instant, progress: (MeetingID) throws -> ChunkProgress?
    ) rethrows -> Candidate? {
        guard let file = waiting[name] else { return nil }
        var candidate = Candidate(
            name: name, chunk: file.chunk, kind: file.entry.kind, attempts: file.attempts)
        guard let chunk = file.chunk, file.entry.kind == .file else { return candidate }
        switch chunk.part {
        case .whole: return candidate
        case .calendar: return hasOthers(of: chunk.meeting, than: name) ? nil : candidate
        case .chunk(let number):
            let known = try progress(chunk.meeting)
            if let known, known.isOpen, let highest = known.highestNumber, number < highest {
                candidate.gap = Note(.chunkLate, .text("\(number)"), .text("\(highest)"))
            }
            guard let missing = Self.missing(before: number, progress: known) else { return candidate }
            if isAwaited(missing, of: chunk.meeting) || now < file.firstSeen + gapWait { return nil }
            candidate.gap = Note(.chunksMissing, .text(Self.chunks(missing)), .text("\(number)"))
        case .endMarker(let last):
            if hasOthers(of: chunk.meeting, than: name) { return nil }
            let known = try progress(chunk.meeting)
            let missing = last.flatMap { Self.missing(before: $0 + 1, progress: known) }
            guard missing != nil || known == nil else { return candidate }
            if now < file.firstSeen + gapWait { return nil }
            candidate.gap = missing.map { Note(.chunksMissingAtEnd, .text(Self.chunks($0))) }
        }
        return candidate
    }

    /// When to look again although nothing happened; nil if only events can change anything.
    func nextDeadline(now: Instant) -> Instant? {
        waiting.values.compactMap { file -> Instant? in
            if let retryAt = file.retryAt, retryAt > now { return retryAt }
            guard isComplete(file, now: now) else {
                return hints[file.entry.name] == .writing ? nil : file.unchangedSince + settle
            }
            return file.firstSeen + gapWait > now ? file.firstSeen + gapWait : nil
        }.min()
    }

    // MARK: - Rules

    private func isComplete(_ file: Waiting, now: Instant) -> Bool {
        if file.entry.kind != .file { return true }
        switch hints[file.entry.name] {
        // Some make an empty file, close it, and fill it afterwards.
        case .complete where file.entry.byteCount > 0 || file.chunk?.isEndMarker == true: return true
        case .writing: return false
        case .complete, .created, nil: return file.unchangedSince + settle <= now
        }
    }

    /// Meeting, then chunks by number, the whole, a calendar, the end marker; then the name.
    private static func order(_ file: Waiting) -> (String, Int, Int, String) {
        guard let chunk = file.chunk else { return (file.entry.name, 0, 0, file.entry.name) }
        let (rank, number) =
            switch chunk.part {
            case .chunk(let number): (0, number)
            case .whole: (1, 0)
            case .calendar: (2, 0)
            case .endMarker: (3, 0)
            }
        return (chunk.meeting.name, rank, number, file.entry.name)
    }

    /// Chunk numbers that should have come before `number`; nil if there are none.
    ///
    /// Counting begins at 0 or 1. A number that is already there is no matter of gaps: it is a duplicate, a
    /// conflict, or begins the next meeting of the name.
    private static func missing(before number: Int, progress: ChunkProgress?) -> Range<Int>? {
        var next = 1
        if let progress, let highest = progress.highestNumber {
            if number <= highest {
                if progress.isOpen { return nil }
            } else {
                next = highest + 1
            }
        }
        return next < number ? next..<number : nil
    }

    /// Whether one of these chunks is there but not complete yet.
    private func isAwaited(_ numbers: Range<Int>, of meeting: MeetingID) -> Bool {
        waiting.values.contains { file in
            guard let chunk = file.chunk, chunk.meeting == meeting, let number = chunk.number else {
                return false
            }
            return numbers.contains(number) && file.attempts == 0
        }
    }

    private func hasOthers(of meeting: MeetingID, than name: String) -> Bool {
        waiting.values.contains { file in
            file.chunk?.meeting == meeting && file.entry.name != name && file.attempts == 0
                && file.chunk?.isTranscript == true
        }
    }

    /// Such as `3` or `3–5`.
    private static func chunks(_ numbers: Range<Int>) -> String {
        numbers.count == 1
            ? "\(numbers.lowerBound)" : "\(numbers.lowerBound)–\(numbers.upperBound - 1)"
    }
}
