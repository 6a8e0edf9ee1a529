import Foundation
import Glibc
import Ledger
import Transcript

/// Compares the spool with the ledger.
package struct SpoolCheck {
    /// A file that is not where it should be, or lacks what belongs to it.
    package struct Problem: Sendable, Hashable {
        /// The repair that a problem needs.
        enum Mending: Sendable, Hashable {
            case takeAgain, moveToDone, remove, explain
        }

        /// The file's path.
        package let path: String
        /// The problem, in words.
        package let what: String
        /// What ``SpoolCheck/mend(_:)`` does.
        package let remedy: String
        let mending: Mending
    }

    private let folder: SpoolFolder
    private let digests: Set<String>
    private let ledger: Ledger

    /// Checks the spool at `path` against `ledger`; throws what that throws.
    package init(path: String, ledger: Ledger) throws {
        folder = SpoolFolder(unprepared: path)
        self.ledger = ledger
        digests = try ledger.recordedDigests()
    }

    /// Returns all problems and the number of files that were examined.
    package func problems() throws -> (all: [Problem], fileCount: Int) {
        let (done, failed) = (Self.names(in: folder.done), Self.names(in: folder.failed))
        var all = try done.compactMap(problemOfDone)
        let reasons = Set(failed.filter { $0.hasSuffix(SpoolFolder.reasonSuffix) })
        for name in failed {
            let path = folder.failed + "/" + name
            if reasons.contains(name) {
                guard !failed.contains(String(name.dropLast(SpoolFolder.reasonSuffix.utf8.count))) else {
                    continue
                }
                all.append(
                    Problem(
                        path: path, what: "it gives the reason of a file that is not there",
                        remedy: "remove it",
                        mending: .remove))
            } else if !reasons.contains(name + SpoolFolder.reasonSuffix) {
                all.append(
                    Problem(
                        path: path, what: "no reason stands beside it", remedy: "say that it is not known",
                        mending: .explain))
            }
        }
        for name in Self.names(in: folder.incoming) where !ChunkName.isIgnored(name) {
            let path = folder.incoming + "/" + name
            // Ignored: a name of which no meeting's can be made is refused when its turn comes.
            guard let chunk = (try? ChunkName(name)) ?? nil, !Self.isEmpty(path),
                let digest = Self.digest(path),
                try ledger.hasTaken(sha256: digest, called: chunk.meeting, chunk: chunk.number)
            else { continue }
            all.append(
                Problem(
                    path: path, what: "it is recorded already", remedy: "move it to done/",
                    mending: .moveToDone))
        }
        return (all, done.count + failed.count)
    }

    /// Repairs a problem; a file that has gone in the meantime is not an error.
    package func mend(_ problem: Problem) throws {
        let name = (problem.path as NSString).lastPathComponent
        switch problem.mending {
        case .takeAgain: _ = try folder.moveToIncoming(name, from: folder.done)
        case .moveToDone: _ = try folder.moveToDone(name)
        case .remove: unlink(problem.path)
        case .explain:
            _ = try SpoolFolder.write(
                "The reason was lost. Move the file to \(folder.incoming) to have it tried again.\n",
                toNew: problem.path + SpoolFolder.reasonSuffix)
        }
        try folder.synchronize()
    }

    private func problemOfDone(_ name: String) throws -> Problem? {
        let path = folder.done + "/" + name
        let what: String
        // Ignored: a name of which no meeting's can be made was never taken.
        if let chunk = (try? ChunkName(SpoolFolder.original(of: name))) ?? nil, chunk.isEndMarker {
            if try ledger.latestMeeting(called: chunk.meeting) != nil { return nil }
            what = "it ended a meeting that the ledger does not know"
        } else {
            guard let digest = Self.digest(path), !digests.contains(digest) else { return nil }
            what = "what it says is not in the ledger"
        }
        return Problem(path: path, what: what, remedy: "put it back into incoming/", mending: .takeAgain)
    }

    /// The digest of a file's content; nil if it cannot be read, or is a folder.
    static func digest(_ path: String) -> String? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue,
            let data = try? Data(contentsOf: URL(filePath: path), options: .mappedIfSafe)
        else { return nil }
        return SpoolIntake.sha256(of: data)
    }

    private static func isEmpty(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_size == 0
    }

    private static func names(in folder: String) -> [String] {
        SpoolFolder.names(in: folder).filter { !$0.hasPrefix(".") }.sorted()
    }
}
