import Files
import Foundation
import Glibc

/// Watches a folder by inotify; its events are hints to look again, and may be incomplete.
///
/// To be used by one thread only.
final class DirectoryWatch {
    enum Event: Equatable {
        /// A name appeared: made by a writer, or linked.
        case created(String)
        /// Somebody opened a file.
        case opened(String)
        /// A file was closed after writing, or came by rename: it is complete.
        case completed(String)
        /// Events were lost.
        case overflow
        /// The folder itself is gone.
        case folderGone
    }

    /// To be polled for reading.
    let descriptor: CInt

    init(_ path: String) throws {
        descriptor = inotify_init1(Int32(IN_NONBLOCK) | Int32(IN_CLOEXEC))
        guard descriptor >= 0 else {
            throw IntakeError.system("inotify is not available (fs.inotify.max_user_instances?)")
        }
        let mask =
            UInt32(IN_CREATE) | UInt32(IN_OPEN) | UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO)
            | UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_ONLYDIR)
        guard inotify_add_watch(descriptor, path, mask) >= 0 else {
            let error = IntakeError.system("cannot watch \(path)")
            close(descriptor)
            throw error
        }
    }

    deinit { close(descriptor) }

    /// Returns all waiting events without blocking.
    func events() -> [Event] {
        var events: [Event] = []
        var buffer = [UInt8](repeating: 0, count: 64 * 1024)
        while true {
            // Safety: the kernel writes at most the buffer, within the closure.
            let count = buffer.withUnsafeMutableBytes { buffer in
                uninterrupted { read(descriptor, buffer.baseAddress, buffer.count) }
            }
            guard count > 0 else { return events }
            events += Self.parse(buffer[..<count])
        }
    }

    /// Reads `struct inotify_event` (inotify(7)): wd, mask, cookie, len, then len bytes of a padded name.
    static func parse(_ bytes: ArraySlice<UInt8>) -> [Event] {
        let headerBytes = 16
        var events: [Event] = []
        var rest = bytes
        while rest.count >= headerBytes {
            func field(_ index: Int) -> UInt32 {
                rest.dropFirst(index * 4).prefix(4).withUnsafeBytes { $0.loadUnaligned(as: UInt32.self) }
            }
            let mask = field(1)
            let nameBytes = Int(field(3))
            let name = String(
                validating: rest.dropFirst(headerBytes).prefix(nameBytes).prefix { $0 != 0 }, as: UTF8.self)
            rest = rest.dropFirst(headerBytes + nameBytes)
            if mask & UInt32(IN_Q_OVERFLOW) != 0 {
                events.append(.overflow)
            } else if mask & (UInt32(IN_DELETE_SELF) | UInt32(IN_MOVE_SELF) | UInt32(IN_IGNORED)) != 0 {
                events.append(.folderGone)
            } else if mask & UInt32(IN_ISDIR) == 0, let name, !name.isEmpty {
                if mask & (UInt32(IN_CLOSE_WRITE) | UInt32(IN_MOVED_TO)) != 0 {
                    events.append(.completed(name))
                }
                if mask & UInt32(IN_CREATE) != 0 { events.append(.created(name)) }
                if mask & UInt32(IN_OPEN) != 0 { events.append(.opened(name)) }
            }
        }
        return events
    }
}

/// A pipe that wakes a polling thread and tells it to stop.
final class StopPipe: Sendable {
    /// To be polled for reading: readable from the moment when the thread is to stop.
    let descriptor: CInt
    private let writing: CInt

    init() throws {
        var ends: [CInt] = [0, 0]
        guard pipe(&ends) == 0 else { throw IntakeError.system("cannot make a pipe") }
        (descriptor, writing) = (ends[0], ends[1])
        for end in ends {
            // Ignored: cannot fail for a descriptor that was just made.
            _ = fcntl(end, F_SETFD, FD_CLOEXEC)
        }
    }

    func stop() {
        var byte: UInt8 = 0
        // Ignored: a full pipe has woken the thread already.
        _ = write(writing, &byte, 1)
    }

    /// Whether the thread is to stop; does not block.
    var isStopped: Bool {
        var poll = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) > 0
    }

    deinit {
        close(descriptor)
        close(writing)
    }
}
