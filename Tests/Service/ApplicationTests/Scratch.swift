import Foundation

/// A folder of its own for one test, removed with it: a suite keeps it as a property.
final class Scratch: Sendable {
    let path: String

    init() throws {
        // Short, because socket paths are limited to 107 bytes.
        path = "/tmp/mt-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    /// Writes a file and returns its path.
    func file(_ name: String, _ text: String) throws -> String {
        let file = path + "/" + name
        try Data(text.utf8).write(to: URL(filePath: file))
        return file
    }

    deinit {
        // Ignored: what is left in /tmp does no harm.
        try? FileManager.default.removeItem(atPath: path)
    }
}
