import Foundation
import Glibc
import Testing

@testable import Intake

@Suite("The folders of the spool")
struct SpoolFolderTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    /// The group drops files and can neither list nor remove those of others; what was taken is the daemon's alone.
    @Test func theGroupMayDropFilesAndNothingElse() throws {
        func modes() throws -> [Int] {
            try [home.spool.path, home.spool.incoming, home.spool.done, home.spool.failed].map {
                let attributes = try FileManager.default.attributesOfItem(atPath: $0)
                return try #require(attributes[.posixPermissions] as? Int) & 0o7777
            }
        }
        #expect(try modes() == [0o750, 0o3730, 0o700, 0o700])
        // What an older release made is put right.
        for folder in [home.spool.path, home.spool.incoming, home.spool.done, home.spool.failed] {
            try #require(chmod(folder, 0o2770) == 0)
        }
        _ = try SpoolFolder(path: home.spool.path)
        #expect(try modes() == [0o750, 0o3730, 0o700, 0o700])
    }

    @Test func aFileInTheWayIsRefused() throws {
        let path = home.path + "/other"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)
        try Data().write(to: URL(fileURLWithPath: path + "/done"))
        #expect(throws: IntakeError.self) { try SpoolFolder(path: path) }
    }

    @Test func longNamesAreCutRatherThanLost() throws {
        let name = String(repeating: "ä", count: 125) + ".vtt"
        for number in 1...3 {
            try home.drop(name, "\(number)")
            let moved = try #require(try home.spool.moveToFailed(name, reason: "because"))
            #expect(moved.utf8.count <= 248)
            #expect(home.text(of: home.spool.failed + "/" + moved) == "\(number)")
            try home.drop(name, "\(number)")
            let done = try #require(try home.spool.moveToDone(name))
            #expect(home.text(of: home.spool.done + "/" + done) == "\(number)")
        }
        #expect(home.names(in: home.spool.failed).count == 6)
        #expect(home.names(in: home.spool.done).count == 3)
    }

    @Test func aReasonWithoutAFileIsNotOverwritten() throws {
        try Data("left by a crash".utf8).write(to: URL(fileURLWithPath: home.spool.failed + "/a.vtt.reason"))
        try home.drop("a.vtt", "")
        #expect(try home.spool.moveToFailed("a.vtt", reason: "because") == "a.vtt.2")
        #expect(home.text(of: home.spool.failed + "/a.vtt.reason") == "left by a crash")
        #expect(home.text(of: home.spool.failed + "/a.vtt.2.reason") == "because")
    }

    @Test func movingWhatIsGoneIsNoError() throws {
        #expect(try home.spool.moveToDone("gone.vtt") == nil)
        #expect(try home.spool.moveToFailed("gone.vtt", reason: "because") == nil)
        #expect(home.names(in: home.spool.failed).isEmpty)
    }

    @Test func whatTheKernelTellsIsRead() throws {
        func event(_ mask: UInt32, _ name: String) -> [UInt8] {
            let padded =
                Array(name.utf8) + [UInt8](repeating: 0, count: name.isEmpty ? 0 : 16 - name.utf8.count)
            let header = [1, mask, 0, UInt32(padded.count)]
            return header.flatMap { value in withUnsafeBytes(of: value) { Array($0) } } + padded
        }
        let bytes =
            event(0x100, "made") + event(0x20, "made") + event(0x8, "made") + event(0x80, "moved")
            + event(0x4000_0100, "folder") + event(0x4000, "") + event(0x400, "") + [1, 2, 3]
        #expect(
            DirectoryWatch.parse(bytes[...]) == [
                .created("made"), .opened("made"), .completed("made"), .completed("moved"), .overflow,
                .folderGone,
            ])
    }
}
