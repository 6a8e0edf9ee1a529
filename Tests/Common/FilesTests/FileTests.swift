import Files
import Foundation
import Glibc
import Testing

/// Files on disk: read, written and replaced whole.
@Suite struct FileTests {
    private let folder: TemporaryFolder
    private var path: String { folder.path + "/a" }

    init() throws { folder = try TemporaryFolder(in: "/tmp") }

    private func write(_ text: String, to name: String = "a") throws {
        try Data(text.utf8).write(to: URL(filePath: folder.path + "/" + name))
    }

    private func text() throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func names() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
    }

    @Test func whatASignalInterruptsIsDoneAgain() {
        var results = [-1, -1, 7]
        let result = uninterrupted {
            errno = EINTR
            return results.removeFirst()
        }
        #expect(result == 7 && results.isEmpty)
        let failure = uninterrupted {
            errno = EIO
            return -1
        }
        #expect(failure == -1 && errno == EIO)
    }

    @Test func readingEndsWithTheFile() throws {
        try write("abcdef")
        let file = try OpenFile(path, O_RDONLY)
        #expect(try file.read(4) == Array("abcd".utf8))
        #expect(try file.read(4) == Array("ef".utf8))
        #expect(try file.read(4) == [])
        var bytes = [UInt8](repeating: 0, count: 3)
        #expect(try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 1) } == 3)
        #expect(bytes == Array("bcd".utf8))
        #expect(try bytes.withUnsafeMutableBytes { try file.read(into: $0, at: 5) } == 1)
    }

    @Test func writingGoesOnOrWhereItIsTold() throws {
        let file = try OpenFile(path, O_RDWR | O_CREAT, mode: 0o600)
        try file.write(Array("abc".utf8))
        try file.write(Array("def".utf8))
        try file.write(Array("XY".utf8), at: 1)
        #expect(try text() == "aXYdef")
        try file.truncate(to: 2)
        #expect(try text() == "aX")
    }

    @Test func anErrorNamesTheFileWhatAndWhy() throws {
        func error(_ body: () throws -> Void) -> String? {
            do {
                try body()
                return nil
            } catch {
                return "\(error)"
            }
        }
        #expect(
            error { _ = try OpenFile(path, O_RDONLY) }
                == "\(path): cannot be opened: No such file or directory")
        #expect(
            error { _ = try FileReplacement(of: path + "/b") }
                == "\(path)/b: cannot be written: No such file or directory")
        try write("")
        #expect(error { try Folder.make(path + "/b") } == "\(path): cannot be made: File exists")
        #expect(error { try Folder.make(path) } == "\(path): cannot be made: File exists")
        #expect(
            error { try OpenFile(path, O_RDONLY).write([1]) }
                == "\(path): cannot be written: Bad file descriptor")
    }

    @Test(arguments: [FileReplacement.Naming.fixed, .unique])
    func aFileIsReplacedWholeOrNotAtAll(naming: FileReplacement.Naming) throws {
        try write("old")
        func begin() throws {
            let new = try FileReplacement(of: path, naming: naming)
            try new.file.write(Array("half a".utf8))
            #expect(try names().count == 2)
        }
        try begin()
        #expect(try text() == "old")
        #expect(try names() == ["a"])
        var new = try FileReplacement(of: path, naming: naming)
        try new.file.write(Array("new".utf8))
        #expect(try text() == "old")
        try new.takePlace()
        try Folder.synchronize(new.folder)
        #expect(try text() == "new")
        #expect(try names() == ["a"])
    }

    @Test func whatACrashLeftBehindIsOverwritten() throws {
        try write("half a file that is longer than the new one", to: ".a.tmp")
        var new = try FileReplacement(of: path)
        try new.file.write(Array("new".utf8))
        try new.takePlace()
        #expect(try text() == "new")
        #expect(try names() == ["a"])
    }

    @Test func aLinkIsNotFollowed() throws {
        try write("mine", to: "other")
        try #require(symlink(folder.path + "/other", folder.path + "/.a.tmp") == 0)
        #expect(throws: FileError.self) { _ = try FileReplacement(of: path) }
        #expect(try String(contentsOfFile: folder.path + "/other", encoding: .utf8) == "mine")
    }

    @Test func foldersAreMadeWithThoseAboveThem() throws {
        let inner = folder.path + "/b/c/"
        try Folder.make(inner, mode: 0o700)
        try Folder.make(inner)
        #expect(try OpenFile(inner, O_RDONLY | O_DIRECTORY).status().st_mode & 0o777 == 0o700)
        #expect(Folder.split("/a") == ("/", "a"))
        #expect(Folder.split("a") == (".", "a"))
        #expect(Folder.split("/a/b/c") == ("/a/b", "c"))
    }

    @Test func aTemporaryFolderGoesWithItsValue() throws {
        func make() throws -> String {
            let folder = try TemporaryFolder()
            try Data().write(to: URL(filePath: folder.path + "/a"))
            return folder.path
        }
        #expect(!FileManager.default.fileExists(atPath: try make()))
    }
}
