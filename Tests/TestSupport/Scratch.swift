import Files
import Foundation

/// A folder of its own for one test, removed with it: a suite keeps it as a property.
package final class Scratch: Sendable {
    // Short, because a socket's path has at most 107 bytes.
    private let folder: TemporaryFolder

    /// Where it is.
    package var path: String { folder.path }

    /// Makes the folder.
    package init() throws {
        folder = try TemporaryFolder(in: "/tmp")
        // Programs that run as another user have to get in.
        try FileManager.default.setAttributes([.posixPermissions: 0o755], ofItemAtPath: folder.path)
    }

    /// Writes a file, with the folders in its name, and returns its path.
    @discardableResult
    package func write(_ text: String, to name: String) throws -> String {
        let file = path + "/" + name
        try Folder.make(Folder.split(file).folder)
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }

    /// What a file says; nothing if it is not there.
    package func read(_ name: String) -> String {
        // Ignored: absent is empty.
        (try? String(contentsOfFile: path + "/" + name, encoding: .utf8)) ?? ""
    }
}
