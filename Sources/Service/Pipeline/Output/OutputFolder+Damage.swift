import Files
import Foundation
import Glibc
import Minutes
import Transcript

extension OutputFolder {
    /// Whether the minutes of `meeting` were cut off, as a disk leaves them that lost what it had promised to keep.
    ///
    /// Looks at the ends of the files only, so that thousands can be looked at when the daemon starts;
    /// ``StateCheck`` compares every byte.
    func isCutOff(_ meeting: MeetingID) -> Bool {
        !Self.ends(jsonPath(of: meeting), with: "}\n") || !Self.ends(markdownPath(of: meeting), with: "\n")
            || !Self.ends(htmlPath(of: meeting), with: "</html>\n")
    }

    /// Whether a meeting's page was written in the layout of another version; what cannot be read is.
    func isOutdated(_ meeting: MeetingID) -> Bool {
        guard let head = try? OpenFile(htmlPath(of: meeting), O_RDONLY).read(Self.headLength) else {
            return true
        }
        return !String(decoding: head, as: UTF8.self).contains(HTMLRenderer.generator)
    }

    /// The page names its generator within so many bytes.
    private static let headLength = 4096

    private static func ends(_ path: String, with end: String) -> Bool {
        let end = Array(end.utf8)
        guard let file = try? OpenFile(path, O_RDONLY),
            lseek(file.descriptor, -off_t(end.count), SEEK_END) >= 0
        else { return false }
        return (try? file.read(end.count)) == end
    }
}
