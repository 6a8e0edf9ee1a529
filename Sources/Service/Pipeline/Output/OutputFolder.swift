import Files
import Foundation
import Glibc
import Ledger
import Transcript

/// The folder of the minutes: `<folder>/<meeting>/minutes.md`, `minutes.json` and `minutes.html`.
///
/// Everything in it is derived from the ledger, so each file is replaced as a whole and can be written again at any
/// time. Only one process writes; others may read at any moment.
package struct OutputFolder: Sendable {
    /// The folder of all meetings.
    package let path: String
    /// Who may read the minutes; nil leaves it to the process's umask.
    package let readers: MinutesReaders?

    /// Creates the folder unless it exists; everybody may pass through it to what they may read.
    ///
    /// Throws `FileError`.
    package init(path: String, readers: MinutesReaders? = nil) throws(FileError) {
        self.path = path
        self.readers = readers
        let isNew = access(path, F_OK) != 0
        try Folder.make(path)
        guard readers != nil, isNew else { return }
        guard chmod(path, 0o751) == 0 else { throw FileError(path, "opened to readers") }
    }

    /// Corrects who may read the minutes that exist already; throws `FileError`.
    package func settleReaders() throws(FileError) {
        guard let readers else { return }
        // Ignored: a folder that cannot be listed shows that when it is written to.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? [] {
            guard let meeting = try? MeetingID(name) else { continue }
            try readers.settle(folder: "\(path)/\(name)", of: meeting)
        }
    }

    /// The minutes for people.
    package func markdownPath(of meeting: MeetingID) -> String {
        "\(path)/\(meeting.name)/minutes.md"
    }

    /// The minutes for programs.
    package func jsonPath(of meeting: MeetingID) -> String {
        "\(path)/\(meeting.name)/minutes.json"
    }

    /// The minutes as a page, with the transcript.
    package func htmlPath(of meeting: MeetingID) -> String {
        "\(path)/\(meeting.name)/minutes.html"
    }

    /// Writes what has changed; true if something had.
    ///
    /// `state` is the time of the last change that the minutes show: the files bear it as theirs. The clock by which the
    /// kernel dates what is written lags behind by some milliseconds, so that minutes would look older than their ledger.
    /// Throws `FileError`.
    @discardableResult
    package func write(
        markdown: String, json: String, html: String, of meeting: MeetingID, state: Date? = nil
    ) throws(FileError) -> Bool {
        try makeFolder(of: meeting)
        let group = readers?.group(of: meeting)
        let jsonChanged = try replaceIfChanged(jsonPath(of: meeting), json, group)
        let markdownChanged = try replaceIfChanged(markdownPath(of: meeting), markdown, group)
        // The last one says how long the others are, so that one that was cut off shows: see ``isCutOff(_:)``.
        let htmlChanged = try replaceIfChanged(
            htmlPath(of: meeting), html + Self.ending(markdown: markdown.utf8.count, json: json.utf8.count),
            group)
        if let state {
            for path in paths(of: meeting) { Self.date(path, state) }
        }
        return jsonChanged || markdownChanged || htmlChanged
    }

    /// Makes the folder of a meeting's minutes unless it is there; throws `FileError`.
    func makeFolder(of meeting: MeetingID) throws(FileError) {
        let folder = "\(path)/\(meeting.name)"
        guard access(folder, F_OK) != 0 else { return }
        try Folder.make(folder)
        try readers?.settle(folder: folder, of: meeting)
        try Folder.synchronize(path)
    }

    /// Writes the pages of meetings that differ from their files, and removes those of groups that have none any more.
    ///
    /// `page` gives the page of an index. Without meetings there are no pages. A page whose place is taken by the folder of
    /// a meeting of that name cannot be: with `skipsTaken` it is passed over. Throws `FileError`.
    func writeIndices(
        isEmpty: Bool, skipsTaken: Bool, _ page: (MinutesReaders.Index) throws -> String
    ) throws {
        let indices =
            isEmpty
            ? [] : readers?.indices ?? [.init(name: MinutesReaders.indexName, group: nil, hasAll: true)]
        // Ignored: a folder that cannot be listed shows that when it is written to.
        for name in (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        where name.wholeMatch(of: /\.?index(-.*)?\.html(\.tmp)?/) != nil
            && !indices.contains(where: { $0.name == name })
        {
            var status = stat()
            // A meeting may have such a name.
            guard lstat("\(path)/\(name)", &status) == 0, status.st_mode & S_IFMT == S_IFREG else { continue }
            guard unlink("\(path)/\(name)") == 0 || errno == ENOENT else {
                throw FileError("\(path)/\(name)", "removed")
            }
        }
        for index in indices {
            var status = stat()
            if skipsTaken, lstat("\(path)/\(index.name)", &status) == 0, status.st_mode & S_IFMT == S_IFDIR {
                continue
            }
            try removeIfShared(index)
            _ = try replaceIfChanged(
                "\(path)/\(index.name)", try page(index), index.group,
                isClosed: readers != nil && index.group == nil)
        }
    }

    /// Removes the page of an index that others than those of its group may read.
    private func removeIfShared(_ index: MinutesReaders.Index) throws(FileError) {
        var status = stat()
        let path = "\(path)/\(index.name)"
        guard readers != nil, lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return }
        let isRight =
            index.group.map { status.st_gid == $0 && status.st_mode & 0o777 == 0o640 }
            ?? (status.st_mode & 0o077 == 0)
        guard isRight || unlink(path) == 0 else { throw FileError(path, "removed") }
    }

    /// Removes the minutes of a meeting, with whatever else is in their folder; throws `FileError`.
    func remove(_ meeting: MeetingID) throws(FileError) {
        let folder = "\(path)/\(meeting.name)"
        guard access(folder, F_OK) == 0 else { return }
        do {
            try FileManager.default.removeItem(atPath: folder)
        } catch {
            throw FileError(folder, "removed", errno: errno == 0 ? EIO : errno)
        }
        try Folder.synchronize(path)
    }

    /// Removes what a crash left of files that were to replace others; throws `FileError`.
    func removeUnfinished(_ meeting: MeetingID) throws(FileError) {
        let unfinished = paths(of: meeting).map { path in
            let (folder, name) = Folder.split(path)
            return "\(folder)/.\(name).tmp"
        }
        for path in unfinished + unfinishedEarlier(meeting) {
            guard unlink(path) == 0 || errno == ENOENT else { throw FileError(path, "removed") }
        }
    }

    /// When the oldest of the files was written; nil if one is missing.
    package func writtenAt(_ meeting: MeetingID) -> Date? {
        let paths = paths(of: meeting)
        let times = paths.compactMap { path -> Date? in
            // Ignored: what cannot be looked at is as good as missing.
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return attributes?[.modificationDate] as? Date
        }
        return times.count == paths.count ? times.min() : nil
    }

    private func paths(of meeting: MeetingID) -> [String] {
        [markdownPath(of: meeting), jsonPath(of: meeting), htmlPath(of: meeting)]
    }

    /// Sets the time of a file; where that fails, the minutes are written once more at the next start.
    private static func date(_ path: String, _ time: Date) {
        let seconds = time.timeIntervalSince1970.rounded(.down)
        let nanoseconds = (time.timeIntervalSince1970 - seconds) * 1e9
        let modified = timespec(tv_sec: Int(seconds), tv_nsec: min(999_999_999, Int(nanoseconds)))
        _ = utimensat(AT_FDCWD, path, [modified, modified], 0)
    }

    func replaceIfChanged(
        _ path: String, _ text: String, _ group: gid_t?, isClosed: Bool = false
    ) throws(FileError) -> Bool {
        if isThere(path, text) { return false }
        FaultPoint.outputBegin.reach()
        var new = try FileReplacement(of: path)
        if let group { try new.file.give(to: group, mode: 0o640) }
        if isClosed, fchmod(new.file.descriptor, 0o600) != 0 { throw FileError(path, "closed to others") }
        try new.file.write(Array(text.utf8))
        FaultPoint.outputWritten.reach()
        try new.takePlace()
        FaultPoint.outputRenamed.reach()
        try Folder.synchronize(new.folder)
        return true
    }

    /// Whether the file at `path` has `text`; one that is missing or unreadable has not.
    private func isThere(_ path: String, _ text: String) -> Bool {
        var status = stat()
        // A file of another length need not be read: that of a meeting that goes on grows at almost every writing.
        guard stat(path, &status) == 0, status.st_size == text.utf8.count else { return false }
        return (try? Data(contentsOf: URL(filePath: path))) == Data(text.utf8)
    }
}
