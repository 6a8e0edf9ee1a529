import Foundation
import Glibc

/// A listening Unix stream socket: made at a path, or handed over by the service manager.
struct ListeningSocket: Sendable {
    let descriptor: CInt
    /// Where it was made and which inode it is, to be removed at the end; nil if it was handed over.
    private let made: (path: String, inode: UInt64)?

    static let backlog: CInt = 1024
    private static let mode: mode_t = 0o660

    /// Makes a socket at `path` (0660) and listens.
    ///
    /// A socket file without a listener is replaced. Anything else at the path is left alone
    /// and refused (`socketInUse`, `socketUnusable`).
    init(path: String) throws {
        try Self.removeLeftover(path)
        let descriptor = try Self.makeSocket()
        do {
            // The mode is set before anybody can connect: until listen(2) they are refused.
            guard try Self.withAddress(path, { bind(descriptor, $0, $1) }) == 0, chmod(path, Self.mode) == 0,
                listen(descriptor, Self.backlog) == 0
            else { throw IntakeError.system("cannot make the socket \(path)", code: .socketUnusable) }
        } catch {
            close(descriptor)
            throw error
        }
        self.descriptor = descriptor
        made = (path, Self.inode(path) ?? 0)
    }

    /// Takes over a socket that listens already (socket activation); it is not removed at the end.
    init(adopting descriptor: CInt) throws {
        func option(_ name: CInt) -> CInt? {
            var value: CInt = 0
            var size = socklen_t(MemoryLayout<CInt>.size)
            return getsockopt(descriptor, SOL_SOCKET, name, &value, &size) == 0 ? value : nil
        }
        guard option(SO_DOMAIN) == AF_UNIX, option(SO_TYPE) == CInt(SOCK_STREAM.rawValue),
            option(SO_ACCEPTCONN) == 1
        else {
            throw IntakeError(
                .socketUnusable,
                "descriptor \(descriptor) is not a listening Unix stream socket: use ListenStream=/path in the unit"
            )
        }
        // Ignored: both only fail for a bad descriptor.
        _ = fcntl(descriptor, F_SETFD, FD_CLOEXEC)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        self.descriptor = descriptor
        made = nil
    }

    /// Removes the file, if it is still the one that was made.
    func remove() {
        guard let made, Self.inode(made.path) == made.inode else { return }
        unlink(made.path)
    }

    private static func makeSocket() throws -> CInt {
        let type = CInt(SOCK_STREAM.rawValue) | CInt(SOCK_CLOEXEC.rawValue) | CInt(SOCK_NONBLOCK.rawValue)
        let descriptor = socket(AF_UNIX, type, 0)
        guard descriptor >= 0 else { throw IntakeError.system("cannot make a socket", code: .socketUnusable) }
        return descriptor
    }

    private static func removeLeftover(_ path: String) throws {
        var status = stat()
        guard lstat(path, &status) == 0 else { return }
        guard status.st_mode & S_IFMT == S_IFSOCK else {
            throw IntakeError(
                .socketUnusable, "\(path) is in the way and not a socket: move it, or choose another path")
        }
        let descriptor = try makeSocket()
        defer { close(descriptor) }
        let result = try withAddress(path) { connect(descriptor, $0, $1) }
        switch result == 0 ? 0 : errno {
        case ECONNREFUSED: unlink(path)
        case ENOENT: break
        case 0, EAGAIN:
            // EAGAIN: somebody listens and is busy.
            throw IntakeError(
                .socketInUse, "another process listens on \(path): stop it, or choose another path")
        default: throw IntakeError.system("cannot tell who listens on \(path)", code: .socketUnusable)
        }
    }

    private static func withAddress(
        _ path: String, _ body: (UnsafePointer<sockaddr>, socklen_t) -> CInt
    ) throws -> CInt {
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        let capacity = MemoryLayout.size(ofValue: address.sun_path)
        guard !path.isEmpty, path.utf8.count < capacity else {
            throw IntakeError(
                .socketUnusable,
                "the socket's path has \(path.utf8.count) bytes, at most \(capacity - 1) are possible: \(path)"
            )
        }
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        return withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                body($0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
    }

    private static func inode(_ path: String) -> UInt64? {
        var status = stat()
        return lstat(path, &status) == 0 ? UInt64(status.st_ino) : nil
    }
}
