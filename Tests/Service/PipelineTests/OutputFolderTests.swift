import Errors
import Files
import Foundation
import Glibc
import TestSupport
import Testing
import Transcript

@testable import Pipeline

@Suite struct OutputFolderTests {
    private let scratch: Scratch
    private let folder: OutputFolder
    private let meeting: MeetingID

    init() throws {
        scratch = try Scratch()
        folder = try OutputFolder(path: scratch.path + "/a/b")
        meeting = try MeetingID("standup")
    }

    @Test func writesOnlyWhatChanged() throws {
        #expect(folder.writtenAt(meeting) == nil)
        #expect(try folder.write(markdown: "# one\n", json: "1", html: "<p>1", of: meeting))
        #expect(folder.writtenAt(meeting) != nil)
        let inodes = try (inode(folder.markdownPath(of: meeting)), inode(folder.jsonPath(of: meeting)))
        #expect(try !folder.write(markdown: "# one\n", json: "1", html: "<p>1", of: meeting))
        #expect(try folder.write(markdown: "# one\n", json: "2", html: "<p>1", of: meeting))
        #expect(try inode(folder.markdownPath(of: meeting)) == inodes.0)
        #expect(try inode(folder.jsonPath(of: meeting)) != inodes.1)
        let names = try FileManager.default.contentsOfDirectory(atPath: folder.path + "/standup").sorted()
        #expect(try folder.write(markdown: "# one\n", json: "2", html: "<p>2", of: meeting))
        let state = Date(timeIntervalSince1970: 1_700_000_000.123_456)
        #expect(try !folder.write(markdown: "# one\n", json: "2", html: "<p>2", of: meeting, state: state))
        #expect(abs(try #require(folder.writtenAt(meeting)).timeIntervalSince(state)) < 0.0001)
        #expect(names == ["minutes.html", "minutes.json", "minutes.md"])
    }

    @Test func minutesWithoutAPageAreStale() throws {
        try folder.write(markdown: "#", json: "{}", html: "<p>", of: meeting)
        #expect(folder.writtenAt(meeting) != nil)
        try FileManager.default.removeItem(atPath: folder.htmlPath(of: meeting))
        #expect(folder.writtenAt(meeting) == nil)
    }

    /// A reader that comes at any moment finds a whole file, the old one or the new one.
    @Test func readersNeverSeeAPart() async throws {
        let texts = ["a", "b", "c"].map { String(repeating: $0, count: 300_000) }
        try folder.write(markdown: texts[0], json: "", html: "", of: meeting)
        let path = folder.markdownPath(of: meeting)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for round in 1...60 {
                    try folder.write(markdown: texts[round % 3], json: "", html: "", of: meeting)
                    await Task.yield()
                }
            }
            group.addTask {
                for _ in 1...200 {
                    let seen = try String(contentsOfFile: path, encoding: .utf8)
                    #expect(texts.contains(seen), "\(seen.count) characters")
                    await Task.yield()
                }
            }
            try await group.waitForAll()
        }
    }

    @Test func aLeftOverTemporaryFileIsInNobodysWay() throws {
        try folder.write(markdown: "old", json: "", html: "", of: meeting)
        let temporary = folder.path + "/standup/.minutes.md.tmp"
        try Data("half a file that is longer than the new one".utf8).write(to: URL(filePath: temporary))
        try folder.write(markdown: "new", json: "", html: "", of: meeting)
        #expect(try String(contentsOfFile: folder.markdownPath(of: meeting), encoding: .utf8) == "new")
        #expect(!FileManager.default.fileExists(atPath: temporary))
    }

    @Test func whatCannotBeWrittenIsNamed() throws {
        try Data().write(to: URL(filePath: folder.path + "/standup"))
        let error = #expect(throws: FileError.self) {
            try folder.write(markdown: "", json: "x", html: "", of: meeting)
        }
        #expect(error?.path.hasPrefix(folder.path + "/standup") == true)
    }

    private func inode(_ path: String) throws -> UInt64 {
        var status = stat()
        try #require(stat(path, &status) == 0)
        return UInt64(status.st_ino)
    }
}
