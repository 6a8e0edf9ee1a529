import Foundation
import Testing
import Weights

/// A temporary folder that is removed when the value is released.
final class TemporaryFolder: Sendable {
    let path: String

    init() throws {
        // In memory if possible, since tests write thousands of small files.
        let memory = "/dev/shm"
        let parent =
            FileManager.default.isWritableFile(atPath: memory)
            ? memory : FileManager.default.temporaryDirectory.path
        path = parent + "/weights-" + UUID().uuidString
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit {
        try? FileManager.default.removeItem(atPath: path)
    }

    /// Writes a new file and returns its path.
    @discardableResult
    func write(_ bytes: [UInt8], as name: String) throws -> String {
        let file = path + "/" + name
        // An old file must not be overwritten, since it may be mapped.
        try? FileManager.default.removeItem(atPath: file)
        try Data(bytes).write(to: URL(fileURLWithPath: file))
        return file
    }
}

/// Opens a temporary file of these bytes, which is removed when this returns.
func opening<File>(_ bytes: [UInt8], as name: String, _ open: (String) throws -> File) throws -> File {
    let folder = try TemporaryFolder()
    defer { withExtendedLifetime(folder) {} }
    return try open(folder.write(bytes, as: name))
}

/// The folder with the fixtures in the repository.
let fixtures = URL(fileURLWithPath: #filePath).deletingLastPathComponent().path + "/Fixtures"

/// The bytes of a safetensors file with the given header and data.
func safetensors(_ header: String, data: [UInt8]) -> [UInt8] {
    littleEndian(UInt64(header.utf8.count)) + Array(header.utf8) + data
}

/// Expects `body` to throw an error of this kind whose message contains all of `parts`.
func expectRefusal(
    _ code: WeightsError.Code, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation,
    by body: () throws -> Void
) {
    do {
        try body()
        Issue.record("a refusal expected", sourceLocation: sourceLocation)
    } catch let error as WeightsError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        for part in parts {
            #expect(error.message.contains(part), "\(error)", sourceLocation: sourceLocation)
        }
    } catch {
        Issue.record("\(error)", sourceLocation: sourceLocation)
    }
}
