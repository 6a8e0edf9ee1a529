import Files
import Foundation
import Glibc
import Ledger
import Transcript

/// Removing files for good; the only place where anything of the spool is deleted.
extension SpoolFolder {
    /// Removes the files of a meeting from all three folders, durably; returns how many held words.
    ///
    /// What was received is known by its content, under whatever name it lies, but for a numbered chunk of another
    /// meeting and what another meeting has received too under its own name. If the meeting `files.ownsName`, that is
    /// also what was refused under its name, and the file that ended it; while it is open, what waits under its name in
    /// `incoming/` as well. Hidden files that a producer left behind go with the file that they were to become; in
    /// `incoming/` only if they had not grown for an hour when it was `asked` for, since an upload may be running.
    /// Hints go with the last file that they are about. Throws `FileError`; may be repeated.
    package func erase(_ files: MeetingFiles, asked: Date) throws(FileError) -> Int {
        let content = Dictionary(grouping: files.received, by: \.byteCount).mapValues {
            Set($0.map(\.sha256))
        }
        var count = 0
        for folder in [incoming, done, failed] {
            let names = Self.names(in: folder)
            var removed: [String] = []
            for name in names {
                let path = folder + "/" + name
                guard isOwn(name, in: folder, content, files, asked) else { continue }
                try Self.remove(path)
                removed.append(name)
                FaultPoint.erasureFileRemoved.reach()
            }
            count += removed.count { chunk($0)?.isTranscript ?? !ChunkName.isIgnored($0) }
            try removeCompanions(of: removed, among: names, in: folder)
            if !removed.isEmpty { try Folder.synchronize(folder) }
        }
        return count
    }

    /// Removes one file of `done/` or `failed/` with what stands beside it, durably; false if it was gone.
    package func erase(_ name: String, in folder: String) throws(FileError) -> Bool {
        let names = Self.names(in: folder)
        guard names.contains(name) else { return false }
        try Self.remove(folder + "/" + name)
        try removeCompanions(of: [name], among: names, in: folder)
        try Folder.synchronize(folder)
        return true
    }

    /// The files of `done/`, with their sizes and the later of the times when their content and their name were
    /// changed.
    package func doneFiles() -> [(name: String, byteCount: Int, changedAt: Date)] {
        Self.names(in: done).sorted().compactMap { name in
            var status = stat()
            guard lstat(done + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                return nil
            }
            let seconds = max(status.st_mtim.tv_sec, status.st_ctim.tv_sec)
            return (name, Int(status.st_size), Date(timeIntervalSince1970: Double(seconds)))
        }
    }

    /// Where the reason stands why a file of `failed/` was refused.
    package func reasonPath(of name: String) -> String { failed + "/" + name + Self.reasonSuffix }

    private func isOwn(
        _ name: String, in folder: String, _ content: [Int: Set<String>], _ files: MeetingFiles,
        _ asked: Date
    ) -> Bool {
        var status = stat()
        guard lstat(folder + "/" + name, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
            return false
        }
        let size = Int(status.st_size)
        if size > 0, let digests = content[size], let digest = SpoolCheck.digest(folder + "/" + name),
            digests.contains(digest)
        {
            guard let chunk = chunk(name) else { return true }
            if chunk.isCalendar {
                // Those of a series are often the same: another meeting has it, too, or it waits for the next one.
                let isOthers = files.elsewhere[digest]?.contains(chunk.meeting.name) == true
                return !isOthers && (folder != incoming || files.isOpen)
            }
            guard chunk.meeting != files.calledName else { return true }
            return chunk.number == nil && files.elsewhere[digest]?.contains(chunk.meeting.name) != true
        }
        // A file without words is known by its name.
        if size == 0,
            files.received.contains(where: { $0.byteCount == 0 && $0.name == Self.original(of: name) })
        {
            return true
        }
        // Such as .standup.vtt, which was to become standup.vtt.
        let isRest = files.received.contains {
            name == ".\($0.name)" || name.hasPrefix(".\($0.name).") || name.hasPrefix("\($0.name).")
        }
        if isRest, ChunkName.isIgnored(name), !TranscriptHints.isHint(name) {
            return folder != incoming || Double(status.st_mtim.tv_sec) < asked.timeIntervalSince1970 - 3600
        }
        guard files.ownsName, let chunk = chunk(name), chunk.meeting == files.calledName else { return false }
        if folder == incoming { return files.isOpen }
        return folder == failed ? !name.hasSuffix(Self.reasonSuffix) : chunk.isEndMarker
    }

    /// What a file's name says, without the number that was put behind it.
    private func chunk(_ name: String) -> ChunkName? {
        // Ignored: a name of which no meeting's can be made is none of any meeting's files.
        (try? ChunkName(Self.original(of: name))) ?? nil
    }

    /// Removes reasons, and hints that are about no other file.
    private func removeCompanions(
        of removed: [String], among names: [String], in folder: String
    ) throws(FileError) {
        let left = Set(names).subtracting(removed)
        let leftOriginals = Set(left.map(Self.original))
        for name in removed {
            var companions = [name + Self.reasonSuffix]
            let original = Self.original(of: name)
            if !leftOriginals.contains(original), !CalendarFile.isCalendar(original) {
                let hints = Set(TranscriptHints.names(for: original))
                companions += left.filter { hints.contains(Self.original(of: $0)) }
            }
            for companion in companions where left.contains(companion) {
                try Self.remove(folder + "/" + companion)
            }
        }
    }

    /// A file that went away in between is as good as removed.
    private static func remove(_ path: String) throws(FileError) {
        guard unlink(path) == 0 || errno == ENOENT else { throw FileError(path, "removed") }
    }

    /// The names of all files in a folder, hidden ones as well.
    static func names(in folder: String) -> [String] {
        // Ignored: a folder that is not there holds nothing.
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }
}
