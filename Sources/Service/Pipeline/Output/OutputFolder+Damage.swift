import Files
import Foundation
import Glibc
import Minutes
import Transcript

extension OutputFolder {
    /// Whether the minutes of `meeting` were cut off, which happens when a disk loses data that it had confirmed.
    ///
    /// Compares lengths only, so that the daemon can check thousands when it starts; `StateCheck` compares every byte.
    func isCutOff(_ meeting: MeetingID) -> Bool {
        guard let markdown = Self.length(markdownPath(of: meeting)),
            let json = Self.length(jsonPath(of: meeting))
        else { return true }
        return !Self.ends(
            htmlPath(of: meeting), with: "</html>\n" + Self.ending(markdown: markdown, json: json))
    }

    /// What stands behind the page: the lengths of the other two files in bytes.
    static func ending(markdown: Int, json: Int) -> String {
        "<!-- minutes.md: \(markdown) bytes, minutes.json: \(json) bytes -->\n"
    }

    private static func length(_ path: String) -> Int? {
        var status = stat()
        return stat(path, &status) == 0 ? Int(status.st_size) : nil
    }

    /// Whether a meeting's page was written in the layout of another version, or cannot be read.
    func isOutdated(_ meeting: MeetingID) -> Bool {
        guard let head = try? OpenFile(htmlPath(of: meeting), O_RDONLY).read(Self.headLength) else {
            return true
        }
        return !String(decoding: head, as: UTF8.self).contains(HTMLRenderer.generator)
    }

    /// The page names its generator within this many bytes.
    private static let headLength = 4096

    private static func ends(_ path: String, with end: String) -> Bool {
        let end = Array(end.utf8)
        guard let file = try? OpenFile(path, O_RDONLY),
            lseek(file.descriptor, -off_t(end.count), SEEK_END) >= 0
        else { return false }
        return (try? file.read(end.count)) == end
    }
}
