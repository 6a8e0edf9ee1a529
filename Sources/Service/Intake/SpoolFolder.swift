import Files
import Foundation
import Glibc

/// The folders through which transcripts come as files.
///
///     <spool>/incoming/   producers put files here; taken from here
///     <spool>/done/       what is in the ledger
///     <spool>/failed/     what was refused, each with <name>.reason beside it
///
/// A file moves by a single rename, so all three are on one file system. Nothing is deleted or overwritten: where
/// a name is taken, `.2`, `.3`, … is appended.
package struct SpoolFolder: Sendable, Hashable {
    /// The folder that holds the three.
    package let path: String
    /// Where producers put files.
    package var incoming: String { path + "/incoming" }
    /// Where files go once they are in the ledger.
    package var done: String { path + "/done" }
    /// Where refused files go.
    package var failed: String { path + "/failed" }

    /// Opens the spool at `path`: creates missing folders, and corrects the modes of existing ones.
    ///
    /// Members of the group put files into `incoming/`, which belong to the group then, and neither see nor remove those
    /// of others; `done/` and `failed/` are the daemon's alone.
    ///
    /// Throws `spoolUnusable` if a folder cannot be made or written, or is on another file system.
    package init(path: String) throws {
        self.path = path
        try prepare()
    }

    /// Opens the spool at `path` without creating or changing anything.
    init(unprepared path: String) { self.path = path }

    /// Creates missing folders and checks existing ones; also used when a folder has gone away.
    func prepare() throws {
        var devices: Set<dev_t> = []
        for (folder, mode) in modes {
            try Self.make(folder, mode)
            var status = stat()
            guard stat(folder, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
                throw IntakeError(
                    .spoolUnusable, "\(folder) is not a folder: move it away or choose another spool")
            }
            guard access(folder, R_OK | W_OK | X_OK) == 0 else {
                throw IntakeError.system(
                    "\(folder) must be readable and writable for the daemon", code: .spoolUnusable)
            }
            if folder != path { devices.insert(status.st_dev) }
        }
        guard devices.count == 1 else {
            throw IntakeError(
                .spoolUnusable,
                "incoming/, done/ and failed/ of \(path) have to be on one file system, since files are renamed"
            )
        }
    }

    /// The folders and their modes; systemd-tmpfiles makes them the same.
    ///
    /// In `incoming/`: setgid, so that files belong to the group; sticky, so that only their owners and the daemon remove
    /// them.
    private var modes: [(folder: String, mode: mode_t)] {
        [(path, 0o750), (incoming, 0o3730), (done, 0o700), (failed, 0o700)]
    }

    private static func make(_ folder: String, _ mode: mode_t) throws {
        if mkdir(folder, 0o700) == 0 {
            // mkdir applies the umask.
            guard chmod(folder, mode) == 0 else {
                throw IntakeError.system("cannot set the mode of \(folder)", code: .spoolUnusable)
            }
        } else if errno != EEXIST {
            throw IntakeError.system("cannot make the folder \(folder)", code: .spoolUnusable)
        }
        var status = stat()
        // A folder of an older release has its mode corrected; another user's is left as its owner wants it.
        guard lstat(folder, &status) == 0, status.st_uid == geteuid(), status.st_mode & 0o7777 != mode else {
            return
        }
        // Ignored: under systemd the daemon may set no setgid bit, and systemd-tmpfiles has done it before.
        _ = chmod(folder, mode)
    }

    // MARK: - Looking

    /// Lists `incoming/`; names that are not UTF-8 are left out and counted.
    func list() throws -> (entries: [SpoolEntry], unreadableNameCount: Int) {
        guard let directory = opendir(incoming) else { throw IntakeError.system("cannot list \(incoming)") }
        defer { closedir(directory) }
        var entries: [SpoolEntry] = []
        var unreadableNameCount = 0
        while true {
            errno = 0
            guard let item = readdir(directory) else {
                guard errno == 0 else { throw IntakeError.system("cannot list \(incoming)") }
                return (entries, unreadableNameCount)
            }
            // Safety: d_name is NUL-terminated and lives until the next readdir.
            let name = withUnsafePointer(to: &item.pointee.d_name) { pointer in
                pointer.withMemoryRebound(to: CChar.self, capacity: Int(NAME_MAX) + 1) {
                    String(validatingCString: $0)
                }
            }
            guard let name else {
                unreadableNameCount += 1
                continue
            }
            // A file that went away in between is simply not there.
            if name != ".", name != "..", let entry = entry(name) { entries.append(entry) }
        }
    }

    /// The entry of this name in `incoming/`; nil if there is none.
    func entry(_ name: String) -> SpoolEntry? {
        var status = stat()
        guard lstat(incoming + "/" + name, &status) == 0 else { return nil }
        return SpoolEntry(name: name, status)
    }

    /// Reads a file of `incoming/`.
    func read(_ name: String, byteLimit: Int) throws(SpoolReadFailure) -> [UInt8] {
        // O_NONBLOCK, so that a pipe under this name cannot hold the thread.
        let file = try Self.reading { () throws(FileError) in
            try OpenFile(incoming + "/" + name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
        }
        let before = SpoolEntry(name: name, try Self.reading { () throws(FileError) in try file.status() })
        guard before.kind == .file else { throw .notAFile }
        guard before.byteCount <= byteLimit else { throw .tooLarge(before.byteCount) }
        // One more byte than expected, to notice a file that grows.
        let (bytes, after) = try Self.reading { () throws(FileError) in
            (try file.read(before.byteCount + 1), try file.status())
        }
        guard bytes.count == before.byteCount, SpoolEntry(name: name, after) == before else {
            throw .changing
        }
        return bytes
    }

    private static func reading<Result: ~Copyable>(
        _ body: () throws(FileError) -> Result
    ) throws(SpoolReadFailure) -> Result {
        do {
            return try body()
        } catch {
            throw error.number == ENOENT ? .gone : .hindrance(error.number)
        }
    }
}

/// An entry of `incoming/`.
struct SpoolEntry: Sendable, Hashable {
    enum Kind: Sendable, Hashable {
        case file, folder, link, special
    }

    var name: String
    var kind: Kind
    var byteCount: Int
    var inode: UInt64
    /// Nanoseconds since 1970, wrapped where there are too many: it only tells whether the file was changed.
    var modified: Int

    init(name: String, kind: Kind = .file, byteCount: Int, inode: UInt64 = 0, modified: Int) {
        self.name = name
        self.kind = kind
        self.byteCount = byteCount
        self.inode = inode
        self.modified = modified
    }

    init(name: String, _ status: stat) {
        let kind: Kind =
            switch status.st_mode & S_IFMT {
            case S_IFREG: .file
            case S_IFDIR: .folder
            case S_IFLNK: .link
            default: .special
            }
        self.init(
            name: name, kind: kind, byteCount: Int(status.st_size), inode: UInt64(status.st_ino),
            modified: Int(status.st_mtim.tv_sec) &* 1_000_000_000 &+ Int(status.st_mtim.tv_nsec))
    }
}

/// Why a file could not be read.
enum SpoolReadFailure: Error {
    /// The file is no longer there.
    case gone
    /// The file was changed while it was read; to be tried again later.
    case changing
    /// It is a link, a pipe or a device.
    case notAFile
    /// The file is larger than the limit; its size in bytes.
    case tooLarge(Int)
    /// A system call failed with this error number; a later attempt may succeed.
    case hindrance(CInt)
}
