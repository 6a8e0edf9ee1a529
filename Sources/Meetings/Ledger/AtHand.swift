import Files
import Foundation
import Glibc
import Synchronization
import Transcript

/// What the process is at, written into a file by the process that dies of it, so that the next one knows.
///
/// Only faults count: a trap, an access to what is not there, an abort (which is also what a service manager's watchdog
/// sends). A handler of their signals writes the table of what is at hand, and lets the process die. Whoever is killed
/// (`kill -9`, for want of memory, with the power) writes nothing, and nothing is held against what was at hand.
///
/// What a thread does alone is attributed exactly: if that thread faults, to it and to nothing else.
package final class AtHand: Sendable {
    /// A piece of work that a process can die of.
    package enum Work: Sendable, Hashable {
        /// A file of the spool, as it was.
        case file(name: String, byteCount: Int, modified: Int)
        /// A line of a connection, by ``digest(of:)``.
        case line(UInt64)
        /// What came of a meeting is cut into windows, and read ahead by the model.
        case input(MeetingID)
        /// A window's summary.
        case window(MeetingID, Int)
        /// The summary of the whole.
        case whole(MeetingID)
    }

    /// How a process died.
    package struct Death: Sendable, Hashable {
        /// The signal that it died of.
        package let signal: Int32
        /// What it is attributed to.
        package let works: [Work]

        /// Makes one from its parts.
        package init(signal: Int32, works: [Work]) {
            self.signal = signal
            self.works = works
        }
    }

    /// How the process before this one died; nil if it did not die of a fault.
    package let lastDeath: Death?

    private let descriptor: CInt
    // Safety: a slot is written by whoever got it from `free`, and otherwise read by the handler alone, which finds an
    // entry either whole or with a length of 0.
    nonisolated(unsafe) private let table: UnsafeMutableRawBufferPointer
    // Guards: the numbers of slots that nobody has.
    private let free = Mutex(Array(0..<slotCount))

    /// Opens the file at `path` and reads how the process before died.
    ///
    /// One process uses it.
    /// Throws ``LedgerError`` if it cannot be written.
    package init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("opened", path) }
        table = .allocate(byteCount: Self.byteCount, alignment: 16)
        table.initializeMemory(as: UInt8.self, repeating: 0)
        let count = pread(descriptor, table.baseAddress, table.count, 0)
        lastDeath = count == table.count ? Self.death(UnsafeRawBufferPointer(table)) : nil
        table.initializeMemory(as: UInt8.self, repeating: 0)
        // Its blocks are there from now on, so that it can be written on a full disk too.
        guard pwrite(descriptor, table.baseAddress, table.count, 0) == table.count else {
            close(descriptor)
            table.deallocate()
            throw Self.failure("written", path)
        }
    }

    deinit {
        if faultTable == table.baseAddress { faultTable = nil }
        close(descriptor)
        table.deallocate()
    }

    private static func failure(_ what: String, _ path: String) -> LedgerError {
        LedgerError(.storage, "\(path) cannot be \(what): \(String(cString: strerror(errno)))")
    }

    // MARK: - Work

    /// Notes that `work` is at hand while `body` runs on this thread.
    package func doing<Result>(_ work: Work, _ body: () throws -> Result) rethrows -> Result {
        let slot = begin(work, onThisThread: true)
        defer { end(slot) }
        return try body()
    }

    /// Notes that `work` is at hand, on whatever threads or on this one alone, until ``end(_:)``; nil if no more can be
    /// noted.
    package func begin(_ work: Work, onThisThread: Bool = false) -> Int? {
        let key = Array(work.key.utf8)
        guard key.count <= Self.keyBytesLimit, let slot = free.withLock({ $0.popLast() }) else { return nil }
        let bytes = UnsafeMutableRawBufferPointer(rebasing: table[Self.place(of: slot)])
        bytes.storeBytes(of: onThisThread ? UInt64(pthread_self()) : 0, toByteOffset: 8, as: UInt64.self)
        UnsafeMutableRawBufferPointer(rebasing: bytes[16...]).copyBytes(from: key)
        bytes.storeBytes(of: UInt64(key.count), toByteOffset: 0, as: UInt64.self)
        Self.dieIfAsked(of: work)
        return slot
    }

    /// The work of this slot is no longer at hand.
    package func end(_ slot: Int?) {
        guard let slot else { return }
        table.storeBytes(of: 0, toByteOffset: Self.place(of: slot).lowerBound, as: UInt64.self)
        free.withLock { $0.append(slot) }
    }

    /// What a line of a connection is known by: FNV-1a, of its bytes.
    package static func digest(of line: some Sequence<UInt8>) -> UInt64 { line.fnv1a }

    /// The variable by which a test has the process trap at the work that has its value in its key.
    package static let trapVariable = "MINUTED_TRAP_AT"
    private static let trap = ProcessInfo.processInfo.environment[trapVariable]

    private static func dieIfAsked(of work: Work) {
        guard let trap, work.key.contains(trap) else { return }
        fatalError("\(trapVariable) asks for it")
    }

    // MARK: - The table

    // A header: magic, signal, whether it was sent by another process, the thread that got it. Then slots: length of
    // the key, thread or 0, key.
    private static let byteCount = 65_536
    private static let slotBytes = 512
    private static let slotCount = byteCount / slotBytes - 1
    private static let keyBytesLimit = slotBytes - 16
    static let magic: UInt64 = 0x3164_6E61_6874_6100

    private static func place(of slot: Int) -> Range<Int> {
        let start = (slot + 1) * slotBytes
        return start..<start + slotBytes
    }

    private static func death(_ table: UnsafeRawBufferPointer) -> Death? {
        func number(_ offset: Int) -> UInt64 { table.loadUnaligned(fromByteOffset: offset, as: UInt64.self) }
        guard number(0) == magic, let signal = Int32(exactly: number(8)) else { return nil }
        let (isSent, thread) = (number(16) != 0, number(24))
        var works: [(work: Work, thread: UInt64)] = []
        for slot in 0..<slotCount {
            let place = place(of: slot)
            let length = number(place.lowerBound)
            guard length > 0, length <= UInt64(keyBytesLimit) else { continue }
            let key = table[(place.lowerBound + 16)...].prefix(Int(length))
            guard let work = Work(key: String(decoding: key, as: UTF8.self)) else { continue }
            works.append((work, number(place.lowerBound + 8)))
        }
        // Who was told to die, by the watchdog, did not come round with something.
        let own = works.filter { isSent || $0.thread == thread }
        return Death(signal: signal, works: (own.isEmpty ? works.filter { $0.thread == 0 } : own).map(\.work))
    }

    // MARK: - Faults

    /// From now on a fault of this process is noted before it dies of it.
    package func watchFaults() {
        (faultTable, faultDescriptor, faultByteCount) = (table.baseAddress, descriptor, Self.byteCount)
        for signal in [SIGILL, SIGTRAP, SIGSEGV, SIGBUS, SIGFPE, SIGABRT] {
            var action = sigaction()
            action.__sigaction_handler.sa_sigaction = noteFault
            // SA_RESETHAND, which does not fit into what Swift takes it for: the second time, it dies.
            action.sa_flags = SA_SIGINFO | SA_ONSTACK | CInt(bitPattern: 0x8000_0000)
            // Ignored: cannot fail for these signals; a fault would go unnoted.
            _ = sigaction(signal, &action, nil)
        }
    }

    /// Gives this thread a stack to note a fault on even when its own has overflowed; lasts as long as the process.
    package static func useFaultStack() {
        let size = 64 << 10
        var stack = stack_t(ss_sp: malloc(size), ss_flags: 0, ss_size: size)
        // Ignored: without it an overflow of the stack goes unnoted.
        _ = sigaltstack(&stack, nil)
    }
}

// What the handler uses: set before it can be called, and read by it alone.
nonisolated(unsafe) private var faultTable: UnsafeMutableRawPointer?
nonisolated(unsafe) private var faultDescriptor: CInt = -1
nonisolated(unsafe) private var faultByteCount = 0

/// Writes the table into the file, and dies of the signal; only calls what a handler may call.
private func noteFault(
    signal: CInt, info: UnsafeMutablePointer<siginfo_t>?, context: UnsafeMutableRawPointer?
) {
    if let faultTable {
        // SI_USER and SI_QUEUE: from another process.
        let isSent = info.map { $0.pointee.si_code == 0 || $0.pointee.si_code == -1 } ?? false
        faultTable.storeBytes(of: UInt64(signal), toByteOffset: 8, as: UInt64.self)
        faultTable.storeBytes(of: isSent ? 1 : 0, toByteOffset: 16, as: UInt64.self)
        faultTable.storeBytes(of: UInt64(pthread_self()), toByteOffset: 24, as: UInt64.self)
        faultTable.storeBytes(of: AtHand.magic, toByteOffset: 0, as: UInt64.self)
        _ = pwrite(faultDescriptor, faultTable, faultByteCount, 0)
    }
    // It is blocked until this returns.
    raise(signal)
}

extension AtHand.Work {
    /// What it is known by over the lives of processes.
    package var key: String {
        switch self {
        case .file(let name, let byteCount, let modified): "file \(byteCount) \(modified) \(name)"
        case .line(let digest): "line \(String(digest, radix: 16))"
        case .input(let meeting): "input \(meeting)"
        case .window(let meeting, let number): "window \(number) \(meeting)"
        case .whole(let meeting): "whole \(meeting)"
        }
    }

    init?(key: String) {
        let splits = key.hasPrefix("file ") ? 3 : 2
        let parts = key.split(separator: " ", maxSplits: splits, omittingEmptySubsequences: false).map(
            String.init)
        let meeting = parts.last.flatMap { try? MeetingID($0) }  // A file and a line have none.
        switch (parts.first, parts.count) {
        case ("file", 4):
            guard let byteCount = Int(parts[1]), let modified = Int(parts[2]) else { return nil }
            self = .file(name: parts[3], byteCount: byteCount, modified: modified)
        case ("line", 2):
            guard let digest = UInt64(parts[1], radix: 16) else { return nil }
            self = .line(digest)
        case ("window", 3):
            guard let number = Int(parts[1]), number >= 0, let meeting else { return nil }
            self = .window(meeting, number)
        case ("input", 2):
            guard let meeting else { return nil }
            self = .input(meeting)
        case ("whole", 2):
            guard let meeting else { return nil }
            self = .whole(meeting)
        default: return nil
        }
    }

    /// The meeting that is worked at; nil for what comes.
    package var meeting: MeetingID? {
        switch self {
        case .file, .line: nil
        case .input(let meeting), .window(let meeting, _), .whole(let meeting): meeting
        }
    }
}

/// Where nothing is noted, as in tests and tools, work is done all the same.
extension AtHand? {
    /// Notes that `work` is at hand while `body` runs on this thread.
    package func doing<Result>(_ work: AtHand.Work, _ body: () throws -> Result) rethrows -> Result {
        guard let self else { return try body() }
        return try self.doing(work, body)
    }

    /// Notes that `work` is at hand, on whatever threads, until ``end(_:)``.
    package func begin(_ work: AtHand.Work) -> Int? { self.flatMap { $0.begin(work) } }

    /// The work of this slot is no longer at hand.
    package func end(_ slot: Int?) { self?.end(slot) }
}
