import Errors
import Foundation
import Glibc
import Logging
import Minutes
import ServiceTestSupport
import Settings
import Summaries
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import Pipeline

/// Who may read minutes on the disk.
@Suite struct MinutesReadersTests {
    private let fixture: MeetingFixture
    private let meeting: MeetingID
    /// One that this process may give files to.
    private let group = geteuid() == 0 ? 65_534 : getegid()

    init() throws {
        fixture = try MeetingFixture()
        meeting = try MeetingID("board.1")
    }

    @Test func withoutAGroupNobodyElseReadsThem() throws {
        let folder = try OutputFolder(path: fixture.scratch.path + "/out", readers: .nobodyElse)
        try folder.write(markdown: "#", json: "{}", html: "<p>", of: meeting)
        #expect(try access(folder.path).mode == 0o751)
        #expect(try access(folder.path + "/board.1").mode == 0o700)
    }

    @Test func aGroupReadsTheMinutesOfItsKindAlone() throws {
        let readers = try readers("board=\(group)")
        let folder = try OutputFolder(path: fixture.scratch.path + "/out", readers: readers)
        try folder.write(markdown: "#", json: "{}", html: "<p>", of: meeting)
        let other = try MeetingID("standup")
        try folder.write(markdown: "#", json: "{}", html: "<p>", of: other)
        #expect(try access(folder.path + "/board.1") == Access(mode: 0o750, group: group))
        for path in [
            folder.markdownPath(of: meeting), folder.jsonPath(of: meeting), folder.htmlPath(of: meeting),
        ] {
            #expect(try access(path) == Access(mode: 0o640, group: group))
        }
        #expect(try access(folder.path + "/standup").mode == 0o700)
    }

    /// An upgrade, or another `output.group`.
    @Test func whatIsThereIsPutRightAtTheStart() throws {
        let path = fixture.scratch.path + "/out"
        let before = try OutputFolder(path: path)
        for name in ["board.1", "standup"] {
            try before.write(markdown: "#", json: "{}", html: "<p>", of: MeetingID(name))
            try #require(chmod(path + "/" + name, 0o2750) == 0)
        }
        let after = try OutputFolder(path: path, readers: readers("board=\(group)"))
        try after.settleReaders()
        #expect(try access(path + "/standup").mode == 0o700)
        #expect(try access(path + "/board.1") == Access(mode: 0o750, group: group))
        #expect(try access(after.markdownPath(of: meeting)) == Access(mode: 0o640, group: group))
        // And taken away again.
        try OutputFolder(path: path, readers: .nobodyElse).settleReaders()
        #expect(try access(path + "/board.1").mode == 0o700)
    }

    @Test func groupsThatCannotBeAreNamed() {
        let error = #expect(throws: ApplicationError.self) { try readers("board=no-such-group") }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("there is no group 'no-such-group'") == true)
    }

    private struct Access: Equatable {
        let mode: mode_t
        var group: gid_t?
    }

    private func access(_ path: String) throws -> Access {
        var status = stat()
        try #require(lstat(path, &status) == 0)
        return Access(mode: status.st_mode & 0o7777, group: status.st_gid)
    }

    private func readers(_ text: String) throws -> MinutesReaders {
        try MinutesReaders(#require(ChoiceByKind(text) { !$0.contains("=") }))
    }
}
