import Files
import Foundation
import Glibc
import Synchronization
import Transcript

/// The current work of the process: if it crashes, it writes this into a file, which the next process reads.
///
/// Only faults count: a trap, an invalid memory access, an abort (which is also what a service manager's watchdog
/// sends). The handler of these signals writes the table of current work and lets the process die. A process that is
/// killed (`kill -9`, out of memory, power failure) writes nothing, and its work is not blamed.
///
/// Work of a single thread is blamed exactly: if that thread faults, its own work is blamed and nothing else.
package final class AtHand: Sendable {
    /// A piece of work that may crash the process.
    package enum Work: Sendable, Hashable {
        /// A file of the spool, as it was at that time.
        case file(name: String, byteCount: Int, modified: Int)
        /// A line of a connection, by ``digest(of:)``.
        case line(UInt64)
        /// Cutting a meeting into windows and letting the model read ahead.
        case input(MeetingID)
        /// Summarising a window.
        case window(MeetingID, Int)
        /// Summarising a whole meeting.
        case whole(MeetingID)
    }

    /// How a process died.
    package struct Death: Sendable, Hashable {
        /// The signal that ended the process.
        package let signal: Int32
        /// The work that is blamed for it.
        package let works: [Work]

        /// Makes one from its parts.
        package init(signal: Int32, works: [Work]) {
            self.signal = signal
            self.works = works
        }
    }

    /// How the previous process died; nil if that was not by a fault.
    package let lastDeath: Death?

    private let descriptor: CInt
    // Safety: a slot is written by whoever got it from `free`, and otherwise read by the handler alone, which finds an
    // entry either whole or with a length of 0.
    nonisolated(unsafe) private let table: UnsafeMutableRawBufferPointer
    // Guards: the numbers of slots that nobody has.
    private let free = Mutex(Array(0..<slotCount))

    /// Opens the file at `path` and reads how the previous process died.
    ///
    /// Only one process may use the file.
    /// Throws ``LedgerError`` if it cannot be written.
    package init(path: String) throws {
        descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else { throw Self.failure("opened", path) }
        table = .allocate(byteCount: Self.byteCount, alignment: 16)
        table.initializeMemory(as: UInt8.self, repeating: 0)
        let count = pread(descriptor, table.baseAddress, table.count, 0)
        lastDeath = count == table.count ? Self.death(UnsafeRawBufferPointer(table)) : nil
        table.initializeMemory(as: UInt8.self, repeating: 0)
        // Allocates its blocks, so that it can be written even when the disk is full.
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

    /// The work in this slot is done.
    package func end(_ slot: Int?) {
        guard let slot else { return }
        table.storeBytes(of: 0, toByteOffset: Self.place(of: slot).lowerBound, as: UInt64.self)
        free.withLock { $0.append(slot) }
    }

    /// The digest that identifies a line of a connection: FNV-1a of its bytes.
    package static func digest(of line: some Sequence<UInt8>) -> UInt64 { line.fnv1a }

    /// The environment variable by which tests make the process trap when it begins work whose key contains its value.
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
        // A process that was told to die, by the watchdog, was stuck in any of its work.
        let own = works.filter { isSent || $0.thread == thread }
        return Death(signal: signal, works: (own.isEmpty ? works.filter { $0.thread == 0 } : own).map(\.work))
    }

    // MARK: - Faults

    /// Installs the handler that writes the table when this process faults.
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

// Used by the handler only, and set before it can be called.
nonisolated(unsafe) private var faultTable: UnsafeMutableRawPointer?
nonisolated(unsafe) private var faultDescriptor: CInt = -1
nonisolated(unsafe) private var faultByteCount = 0

/// Writes the table into the file and lets the process die; calls only async-signal-safe functions.
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
    /// The key by which later processes know the work.
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

    /// The meeting that is worked on; nil for files and lines.
    package var meeting: MeetingID? {
        switch self {
        case .file, .line: nil
        case .input(let meeting), .window(let meeting, _), .whole(let meeting): meeting
        }
    }
}

/// Without a table, as in tests and tools, work is done without being noted.
extension AtHand? {
    /// Notes that `work` is at hand while `body` runs on this thread.
    package func doing<Result>(_ work: AtHand.Work, _ body: () throws -> Result) rethrows -> Result {
        guard let self else { return try body() }
        return try self.doing(work, body)
    }

    /// Notes that `work` is at hand, on whatever threads, until ``end(_:)``.
    package func begin(_ work: AtHand.Work) -> Int? { self.flatMap { $0.begin(work) } }

    /// The work in this slot is done.
    package func end(_ slot: Int?) { self?.end(slot) }
}
