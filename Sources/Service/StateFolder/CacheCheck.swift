import Foundation
import Gemma

/// Checks that each saved cache belongs to an unfinished meeting and is intact.
struct CacheCheck {
    /// `cache/kv` of the state folder.
    let folder: String

    /// What is wrong, by path.
    ///
    /// Removing the file is always the remedy, since a cache only saves time.
    ///
    /// - Parameter meetings: names of those that may have a cache.
    func problems(meetings: [String]) -> [(path: String, what: String)] {
        let known = Set(meetings.map { KVSnapshotInspection.fileName(ofTimeline: $0) })
        // Ignored: a folder that is not there holds no caches.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
        return names.filter { $0.hasSuffix(".kv") }.sorted().compactMap { name in
            let path = folder + "/" + name
            if !known.contains(name) { return (path, "it belongs to no meeting that goes on") }
            return KVSnapshotInspection.problem(in: path).map { (path, $0) }
        }
    }
}
