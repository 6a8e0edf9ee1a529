import Files
import Foundation
import Glibc
import Ledger
import Transcript

/// Putting files back from a backup.
extension SpoolFolder {
    /// Puts a file of a backup into `folder` (`incoming`, `done` or `failed`), unless a file of this name is there;
    /// false then.
    ///
    /// One of `done` whose words are not in the ledger (`recorded` are the digests of those that are) was taken after
    /// the ledger was copied, so it waits in `incoming` to be taken again; `hints` gets the names of the files with
    /// hints about it, which are put back after it and beside it. If another file waits under its name, it is put into
    /// `failed`, with the reason. Throws `FileError`.
    package func put(
        _ content: Data, _ name: String, in folder: String, recorded: Set<String>, _ entry: BackupFile.Entry,
        hints: inout Set<String>
    ) throws -> Bool {
        let original = Self.original(of: name)
        var isUnknown = false
        if folder == "done", !content.isEmpty {
            isUnknown =
                ChunkName.isIgnored(original)
                ? hints.contains(original) : !recorded.contains(SpoolIntake.sha256(of: content))
        }
        if isUnknown, !ChunkName.isIgnored(original), !CalendarFile.isCalendar(original) {
            hints.formUnion(TranscriptHints.names(for: original))
        }
        var place = isUnknown ? incoming + "/" + original : "\(path)/\(folder)/\(name)"
        if isUnknown, access(place, F_OK) == 0, !ChunkName.isIgnored(original) {
            // Ignored: what cannot be read is not the same.
            if let waiting = try? Data(contentsOf: URL(filePath: place)), waiting == content { return false }
            place = failed + "/" + name
            guard access(place, F_OK) != 0 else { return false }
            let reason =
                "another file \(original) waits in \(incoming): try this one again when that one is taken\n"
            try write(Data(reason.utf8), to: reasonPath(of: name), mode: 0o640, modified: entry.modified)
        }
        guard access(place, F_OK) != 0 else { return false }
        try write(content, to: place, mode: entry.mode, modified: entry.modified)
        return true
    }

    private func write(_ content: Data, to place: String, mode: UInt32, modified: Int) throws {
        // Under a name that the daemon ignores until it is complete.
        var file = try FileReplacement(of: place)
        try file.file.write(Array(content))
        guard fchmod(file.file.descriptor, mode_t(mode & 0o777)) == 0 else {
            throw FileError(place, "given its mode")
        }
        let time = timespec(tv_sec: modified, tv_nsec: 0)
        guard futimens(file.file.descriptor, [time, time]) == 0 else {
            throw FileError(place, "dated")
        }
        if let owner = Self.owner(of: path) {
            // Ignored: who is not root leaves it as it is.
            _ = fchown(file.file.descriptor, owner.user, owner.group)
        }
        try file.takePlace()
    }

    private static func owner(of folder: String) -> (user: uid_t, group: gid_t)? {
        var status = stat()
        return stat(folder, &status) == 0 ? (status.st_uid, status.st_gid) : nil
    }
}
