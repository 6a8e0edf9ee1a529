import Errors
import Foundation
import Glibc
import Logging
import Minutes
import Summaries
import Synchronization
import Testing
import Transcript

@testable import Application

/// Who may read minutes, on the disk and through the control socket.
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

    @Test func minutectlShowsThemToTheSame() async throws {
        let pipeline = fixture.pipeline(ScriptedModel())
        let board = try fixture.deliver(5, to: "board.1", endsMeeting: true)
        _ = try fixture.deliver(5, to: "standup", endsMeeting: true)
        try await pipeline.drain()
        let output = try OutputFolder(path: fixture.folder.path, readers: readers("board=\(group)"))
        let service = ControlService(
            ledger: fixture.ledger, pipeline: pipeline, output: output, settings: Settings(),
            profile: ScriptedModel().profile)
        let member = PeerCredentials(user: 4321, process: 1, groups: [4321, group])
        let stranger = PeerCredentials(user: 4321, process: 1, groups: [4321])
        func show(_ name: String, _ peer: PeerCredentials) async throws -> ControlReply {
            try await self.ask(service, #"{"version":1,"command":"show","meeting":"\#(name)"}"#, peer)
        }
        #expect(try await show("board.1", member).shown?.markdown == fixture.markdown(board))
        for (name, peer) in [("standup", member), ("board.1", stranger)] {
            let reply = try await show(name, peer)
            #expect(reply.error?.code == "forbidden" && reply.shown == nil)
            #expect(reply.error?.message.contains("output.group") == true)
        }
        #expect(try await show("standup", PeerCredentials(user: 0, process: 1, groups: [0])).shown != nil)
    }

    @Test func whoMayNotReadThemWatchesWithoutTheirWords() async throws {
        let pipeline = fixture.pipeline(ScriptedModel())
        let output = try OutputFolder(path: fixture.folder.path, readers: .nobodyElse)
        let service = ControlService(
            ledger: fixture.ledger, pipeline: pipeline, output: output, settings: Settings(),
            profile: ScriptedModel().profile)
        let seen = Mutex<[ProgressEvent]>([])
        let meeting = try fixture.deliver(9, to: "m")
        let stranger = PeerCredentials(user: 4321, process: 1, groups: [4321])
        // Ignored: it is ended by what `send` throws.
        try? await service.answer(#"{"version":1,"command":"watch","meeting":"m"}"#, of: stranger) { line in
            let reply = try ControlCoding.value(ControlReply.self, line)
            if reply.watched != nil {
                Task {
                    _ = try await pipeline.end(meeting)
                    try await pipeline.drain()
                }
            }
            guard let event = reply.event else { return }
            seen.withLock { $0.append(event) }
            if event.kind == .finished { throw ControlService.SendingFailed() }
        }
        let events = seen.withLock { $0 }
        #expect(events.contains { $0.kind == .summarised } && events.last?.kind == .finished)
        #expect(!events.contains { $0.kind == .text || $0.kind == .summarised && $0.text != nil })
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

    private func ask(
        _ service: ControlService, _ line: String, _ peer: PeerCredentials
    ) async throws -> ControlReply {
        let answer = Mutex("")
        try await service.answer(line, of: peer) { line in answer.withLock { $0 = line } }
        return try ControlCoding.value(ControlReply.self, answer.withLock { $0 })
    }
}
