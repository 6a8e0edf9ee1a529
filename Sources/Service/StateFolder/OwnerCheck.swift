import Foundation
import Glibc
import Settings

/// Finds files that the daemon has to write but that belong to root, because root ran a program in the daemon's folders.
struct OwnerCheck {
    let settings: Settings

    /// The files and folders that belong to root below folders of another user.
    ///
    /// Models are the administrator's, and files in the spool belong to whoever dropped them.
    func problems() -> [(area: StateCheck.Finding.Area, path: String)] {
        let folders = settings.folders
        guard DaemonUser.owner(of: folders.state) != nil else { return [] }
        let ledger = [folders.lock] + ["", "-wal", "-shm"].map { folders.ledger + $0 }
        let spool = [folders.spool] + ["incoming", "done", "failed"].map { "\(folders.spool)/\($0)" }
        let caches = URL(filePath: folders.caches).deletingLastPathComponent().path(percentEncoded: false)
        return
            (ledger.map { (.ledger, $0) } + spool.map { (.spool, $0) }
            + tree(folders.output).map { (.minutes, $0) } + tree(caches).map { (.cache, $0) })
            .filter { isRoots($0.1) }
    }

    /// Gives a file to the owner of the state folder, which only root can do; false if that fails.
    func mend(_ path: String) -> Bool {
        guard let owner = DaemonUser.owner(of: settings.folders.state) else { return false }
        // The owner of the folder may have put a link there, symbolic or hard, to a file of root.
        let descriptor = open(path, O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, Self.isOrdinary(status) else { return false }
        return fchown(descriptor, owner.user, owner.group) == 0
    }

    private func tree(_ folder: String) -> [String] {
        // Ignored: what cannot be looked into is left out.
        [folder]
            + ((try? FileManager.default.subpathsOfDirectory(atPath: folder)) ?? []).sorted()
            .map { "\(folder)/\($0)" }
    }

    private func isRoots(_ path: String) -> Bool {
        var status = stat()
        return lstat(path, &status) == 0 && status.st_uid == 0 && Self.isOrdinary(status)
    }

    private static func isOrdinary(_ status: stat) -> Bool {
        switch status.st_mode & S_IFMT {
        case S_IFDIR: true
        case S_IFREG: status.st_nlink == 1
        default: false
        }
    }
}
