import Foundation
import Transcript

/// Where the minutes stand: `<folder>/<meeting>/minutes.md` and `minutes.json`.
///
/// Everything in it is derived from the ledger, so each file is replaced as a whole and can be written again at any
/// time. One process writes; anybody may read at any moment.
public struct OutputFolder: Sendable {
    /// The folder of all meetings.
    public let path: String

    /// Makes the folder if it is not there; throws ``ApplicationError``.
    public init(path: String) throws(ApplicationError) {
        self.path = path
        try makeFolder(path)
    }

    /// The minutes for people.
    public func markdownPath(of meeting: MeetingID) -> String {
        "\(path)/\(meeting.name)/minutes.md"
    }

    /// The minutes for programs.
    public func jsonPath(of meeting: MeetingID) -> String {
        "\(path)/\(meeting.name)/minutes.json"
    }

    /// Writes what has changed; true if something had.
    @discardableResult
    public func write(markdown: String, json: String, of meeting: MeetingID) throws(ApplicationError) -> Bool
    {
        let folder = "\(path)/\(meeting.name)"
        if access(folder, F_OK) != 0 {
            try makeFolder(folder)
            try syncFolder(path)
        }
        let jsonChanged = try replaceIfChanged(jsonPath(of: meeting), json)
        let markdownChanged = try replaceIfChanged(markdownPath(of: meeting), markdown)
        return jsonChanged || markdownChanged
    }

    /// When the older of the two files was written; nil if one is missing.
    public func writtenAt(_ meeting: MeetingID) -> Date? {
        let times = [markdownPath(of: meeting), jsonPath(of: meeting)].map { path -> Date? in
            let attributes = try? FileManager.default.attributesOfItem(atPath: path)
            return attributes?[.modificationDate] as? Date
        }
        guard case let (markdown?, json?) = (times[0], times[1]) else { return nil }
        return min(markdown, json)
    }

    private func replaceIfChanged(_ path: String, _ text: String) throws(ApplicationError) -> Bool {
        // Ignored: a file that is missing or unreadable is replaced.
        let old = try? Data(contentsOf: URL(filePath: path))
        if old == Data(text.utf8) { return false }
        try replaceFile(at: path, with: text)
        return true
    }
}
