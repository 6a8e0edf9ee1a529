import Foundation

/// A folder of its own, which is removed with the value.
package final class TemporaryFolder: Sendable {
    /// Where it is.
    package let path: String

    /// Creates a folder in `parent`, or in the system's folder for temporary files.
    package init(in parent: String? = nil) throws(FileError) {
        let parent = parent ?? FileManager.default.temporaryDirectory.path(percentEncoded: false)
        var template = Array("\(parent)/minuted-XXXXXX".utf8CString)
        guard let made = mkdtemp(&template) else { throw FileError(parent, "written") }
        path = String(cString: made)
    }

    deinit {
        // Ignored: what is left over lies where temporary files are cleaned up.
        try? FileManager.default.removeItem(atPath: path)
    }
}
