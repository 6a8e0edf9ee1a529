import Files
import Foundation
import Glibc
import Transcript

/// Sets of minutes whose place others have taken: `minutes.1.md` and `minutes.1.json` are the first, and so on.
extension OutputFolder {
    /// A set of minutes whose place another one has taken.
    struct EarlierSet {
        /// From 1 on.
        var number: Int
        /// The minutes for people.
        var markdown: String
        /// The minutes for programs.
        var json: String
    }

    /// The minutes for people of an earlier set.
    package func markdownPath(of meeting: MeetingID, set number: Int) -> String {
        "\(path)/\(meeting.name)/minutes.\(number).md"
    }

    /// The minutes for programs of an earlier set.
    package func jsonPath(of meeting: MeetingID, set number: Int) -> String {
        "\(path)/\(meeting.name)/minutes.\(number).json"
    }

    /// Writes the sets whose files differ, and removes files of others.
    ///
    /// The ledger may have been brought back from a copy that is older than these. Throws `FileError`.
    func write(_ sets: [EarlierSet], of meeting: MeetingID) throws(FileError) {
        let folder = "\(path)/\(meeting.name)"
        let wanted = Set(sets.flatMap { ["minutes.\($0.number).md", "minutes.\($0.number).json"] })
        for name in names(in: folder) where name.wholeMatch(of: /minutes\.[0-9]+\.(md|json)/) != nil {
            guard wanted.contains(name) || unlink("\(folder)/\(name)") == 0 || errno == ENOENT else {
                throw FileError("\(folder)/\(name)", "removed")
            }
        }
        guard !sets.isEmpty else { return }
        try makeFolder(of: meeting)
        let group = readers?.group(of: meeting)
        for set in sets {
            _ = try replaceIfChanged(jsonPath(of: meeting, set: set.number), set.json, group)
            _ = try replaceIfChanged(markdownPath(of: meeting, set: set.number), set.markdown, group)
        }
    }

    /// What a crash may have left of such files.
    func unfinishedEarlier(_ meeting: MeetingID) -> [String] {
        let folder = "\(path)/\(meeting.name)"
        return names(in: folder).filter { $0.wholeMatch(of: /\.minutes\.[0-9]+\.(md|json)\.tmp/) != nil }
            .map { "\(folder)/\($0)" }
    }

    private func names(in folder: String) -> [String] {
        // Ignored: nothing was written yet.
        (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []
    }
}
