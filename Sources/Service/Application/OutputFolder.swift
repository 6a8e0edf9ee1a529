import Foundation
import Glibc
import Transcript

/// Where the minutes stand: `<folder>/<meeting>/minutes.md`, `minutes.json` and `minutes.html`.
///
/// Everything in it is derived from the ledger, so each file is replaced as a whole and can be written again at any
/// time. One process writes; whoever may read it may do so at any moment.
package struct OutputFolder: Sendable {
    /// The folder of all meetings.
    package let path: String
    /// Who may read what stands there; nil leaves it to the process's umask.
    package let readers: MinutesReaders?

    /// Makes the folder if it is not there, for everybody to pass through to what they may read.
    ///
    /// Throws ``ApplicationError``.
    package init(path: String, readers: MinutesReaders? = nil) throws(ApplicationError) {
        self.path = path
        self.readers = readers
        let isNew = access(path, F_OK) != 0
        try makeFolder(path)
        guard readers != nil, isNew else { return }
        guard chmod(path, 0o751) == 0 else { throw fileError("opened to readers", path) }
    }

    /// Puts right who may read the minutes that are there already; throws ``ApplicationError``.
    package func settleReaders() throws(ApplicationError) {
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
    @discardableResult
    package func write(
        markdown: String, json: String, html: String, of meeting: MeetingID
    ) throws(ApplicationError) -> Bool {
        let folder = "\(path)/\(meeting.name)"
        if access(folder, F_OK) != 0 {
            try makeFolder(folder)
            try readers?.settle(folder: folder, of: meeting)
            try syncFolder(path)
        }
        let group = readers?.group(of: meeting)
        let jsonChanged = try replaceIfChanged(jsonPath(of: meeting), json, group)
        let markdownChanged = try replaceIfChanged(markdownPath(of: meeting), markdown, group)
        let htmlChanged = try replaceIfChanged(htmlPath(of: meeting), html, group)
        return jsonChanged || markdownChanged || htmlChanged
    }

    /// When the oldest of the files was written; nil if one is missing.
    package func writtenAt(_ meeting: MeetingID) -> Date? {
        let paths = [markdownPath(of: meeting), jsonPath(of: meeting), htmlPath(of: meeting)]
        let times = paths.compactMap { path -> Date? in
            // Ignored: what cannot be looked at is as good as missing.
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return attributes?[.modificationDate] as? Date
        }
        return times.count == paths.count ? times.min() : nil
    }

    private func replaceIfChanged(
        _ path: String, _ text: String, _ group: gid_t?
    ) throws(ApplicationError) -> Bool {
        // Ignored: a file that is missing or unreadable is replaced.
        let old = try? Data(contentsOf: URL(filePath: path))
        if old == Data(text.utf8) { return false }
        try replaceFile(at: path, with: text, group: group)
        return true
    }
}
