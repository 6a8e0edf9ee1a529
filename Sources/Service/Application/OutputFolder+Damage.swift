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
        let descriptor = open(htmlPath(of: meeting), O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return true }
        defer { close(descriptor) }
        var bytes = [UInt8](repeating: 0, count: Self.headLength)
        let count = max(0, pread(descriptor, &bytes, bytes.count, 0))
        return !String(decoding: bytes[..<count], as: UTF8.self).contains(HTMLRenderer.generator)
    }

    /// The page names its generator within so many bytes.
    private static let headLength = 4096

    private static func ends(_ path: String, with end: String) -> Bool {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return false }
        defer { close(descriptor) }
        let count = end.utf8.count
        var bytes = [UInt8](repeating: 0, count: count)
        let size = lseek(descriptor, 0, SEEK_END)
        return size >= count && pread(descriptor, &bytes, count, size - off_t(count)) == count
            && bytes == Array(end.utf8)
    }
}
