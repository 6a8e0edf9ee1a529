import Foundation
import Testing
import Weights

@Suite struct MappedFileTests {
    @Test func whatIsNoFileOfBytesIsRefused() throws {
        let folder = try TemporaryFolder()
        expectRefusal(.unreadable, "nowhere", "No such file") {
            _ = try MappedFile(path: folder.path + "/nowhere")
        }
        expectRefusal(.unreadable, "regular") { _ = try MappedFile(path: folder.path) }
        let empty = try folder.write([], as: "empty")
        expectRefusal(.unreadable, "empty") { _ = try MappedFile(path: empty) }
    }

    @Test func theBytesAreThoseOfTheFile() throws {
        let folder = try TemporaryFolder()
        let bytes = (0..<10_000).map { UInt8(truncatingIfNeeded: $0 * 7) }
        let file = try MappedFile(path: folder.write(bytes, as: "a"))
        file.prefetch()
        #expect(file.size == 10_000)
        #expect(file.modificationNanoseconds > 0)
        file.withUnsafeBytes { #expect($0.elementsEqual(bytes)) }
    }

    @Test func aReplacedFileIsNoticedAndTheOldBytesStay() throws {
        let folder = try TemporaryFolder()
        let file = try MappedFile(path: folder.write([1, 2, 3], as: "a"))
        #expect(file.isUnchanged())
        try folder.write([4, 5, 6, 7], as: "a")
        #expect(!file.isUnchanged())
        file.withUnsafeBytes { #expect(Array($0) == [1, 2, 3]) }
        try FileManager.default.removeItem(atPath: file.path)
        #expect(!file.isUnchanged())
    }
}
