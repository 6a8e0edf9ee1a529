import Files
import Foundation
import Glibc
import Ledger

/// Putting files back from a backup.
extension SpoolFolder {
    /// Puts a file of a backup into `folder` (`incoming`, `done` or `failed`), unless a file of this name is there; false
    /// then.
    ///
    /// One of `done` whose words are not in the ledger (`recorded` are the digests of those that are) was taken after the
    /// ledger was copied, so it waits in `incoming` to be taken again. Throws `FileError`.
    package func put(
        _ content: Data, _ name: String, in folder: String, recorded: Set<String>, _ entry: BackupFile.Entry
    ) throws -> Bool {
        let isUnknown =
            folder == "done" && !content.isEmpty && !recorded.contains(SpoolIntake.sha256(of: content))
        let place = isUnknown ? incoming + "/" + Self.original(of: name) : "\(path)/\(folder)/\(name)"
        guard access(place, F_OK) != 0 else { return false }
        // Under a name that the daemon ignores until it is complete.
        var file = try FileReplacement(of: place)
        try file.file.write(Array(content))
        guard fchmod(file.file.descriptor, mode_t(entry.mode & 0o777)) == 0 else {
            throw FileError(place, "given its mode")
        }
        let modified = timespec(tv_sec: entry.modified, tv_nsec: 0)
        guard futimens(file.file.descriptor, [modified, modified]) == 0 else {
            throw FileError(place, "dated")
        }
        if let owner = Self.owner(of: path) {
            // Ignored: who is not root leaves it as it is.
            _ = fchown(file.file.descriptor, owner.user, owner.group)
        }
        try file.takePlace()
        return true
    }

    private static func owner(of folder: String) -> (user: uid_t, group: gid_t)? {
        var status = stat()
        return stat(folder, &status) == 0 ? (status.st_uid, status.st_gid) : nil
    }
}
