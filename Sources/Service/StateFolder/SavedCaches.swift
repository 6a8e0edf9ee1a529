import Files
import Foundation
import Gemma
import Glibc

/// The folder of saved caches, for who removes some of them without the model that made them.
struct SavedCaches {
    /// `cache/kv` of the state folder.
    let folder: String

    /// Removes the saved cache of a meeting, durably, if there is one; throws `FileError`.
    func remove(_ meeting: String) throws(FileError) {
        try remove(file: KVSnapshotInspection.fileName(ofTimeline: meeting))
    }

    /// Removes a file, durably, if it is there; throws `FileError`.
    func remove(file name: String) throws(FileError) {
        let path = folder + "/" + name
        guard unlink(path) == 0 else {
            guard errno == ENOENT || errno == ENOTDIR else { throw FileError(path, "removed") }
            return
        }
        try Folder.synchronize(folder)
    }

    /// The files with the times of their last use, and the meeting of each if it is one of `meetings`.
    func all(meetings: [String]) -> [(file: String, meeting: String?, usedAt: Date)] {
        let known = Dictionary(
            meetings.map { (KVSnapshotInspection.fileName(ofTimeline: $0), $0) }, uniquingKeysWith: { $1 })
        // Ignored: a folder that is not there holds no caches.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".kv") }.sorted().compactMap { name in
            var status = stat()
            guard lstat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                return nil
            }
            return (name, known[name], Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec)))
        }
    }
}
