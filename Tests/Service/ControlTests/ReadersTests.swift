import Errors
import Foundation
import Glibc
import Ledger
import Pipeline
import ServiceTestSupport
import Settings
import Synchronization
import Testing
import Transcript

@testable import Control

/// Who may read minutes through the control socket.
@Suite struct ReadersTests {
    private let fixture: MeetingFixture
    /// One that this process may give files to.
    private let group = geteuid() == 0 ? 65_534 : getegid()

    init() throws { fixture = try MeetingFixture() }

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

    @Test func whatIsSaidIsFoundByThoseWhoMayReadIt() async throws {
        let pipeline = fixture.pipeline(ScriptedModel())
        let board = try fixture.deliver(5, to: "board.1", endsMeeting: true)
        _ = try fixture.deliver(5, to: "standup", endsMeeting: true)
        let word = try #require(
            fixture.ledger.utterances(of: board, in: 0..<1).first?.text.split(separator: " ").first)
        func search(_ peer: PeerCredentials, meeting: String? = nil, _ readers: String) async throws
            -> ControlReply
        {
            let output = try OutputFolder(
                path: fixture.folder.path, readers: readers.isEmpty ? .nobodyElse : self.readers(readers))
            let service = ControlService(
                ledger: fixture.ledger, pipeline: pipeline, output: output, settings: Settings(),
                profile: ScriptedModel().profile)
            var request = ControlRequest(.search)
            request.search = SearchRequest(String(word), meeting: try meeting.map { try MeetingID($0) })
            return try await ask(service, ControlCoding.line(request), peer)
        }
        let root = PeerCredentials(user: 0, process: 1, groups: [0])
        let member = PeerCredentials(user: 4321, process: 1, groups: [4321, group])
        let stranger = PeerCredentials(user: 4321, process: 1, groups: [4321])
        let all = try await search(root, "").found
        #expect(Set(all?.hits.map(\.meeting.name) ?? []) == ["board.1", "standup"])
        #expect(all?.hits.first?.link?.hasPrefix("file://") == true)
        #expect(all?.hits.allSatisfy { $0.link?.contains("/minutes.html#u") == true } == true)
        let some = try await search(member, "board=\(group)").found
        #expect(Set(some?.hits.map(\.meeting) ?? []) == [board])
        #expect(try await search(stranger, "board=\(group)").found?.hits == [])
        #expect(try await search(stranger, "").error?.code == "forbidden")
        #expect(try await search(member, meeting: "standup", "board=\(group)").error?.code == "forbidden")
        #expect(try await search(root, meeting: "none", "").error?.code == "unknownMeeting")
        let nothing = try await ask(
            service(pipeline), #"{"version":1,"command":"search","search":{"words":"?","limit":1}}"#, root)
        #expect(nothing.error?.code == "badRequest")
    }

    private func service(_ pipeline: Pipeline) -> ControlService {
        ControlService(
            ledger: fixture.ledger, pipeline: pipeline, output: fixture.folder, settings: Settings(),
            profile: ScriptedModel().profile)
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

    private func ask(
        _ service: ControlService, _ line: String, _ peer: PeerCredentials
    ) async throws -> ControlReply {
        let answer = Mutex("")
        try await service.answer(line, of: peer) { line in answer.withLock { $0 = line } }
        return try ControlCoding.value(ControlReply.self, answer.withLock { $0 })
    }

    private func readers(_ text: String) throws -> MinutesReaders {
        try MinutesReaders(#require(ChoiceByKind(text) { !$0.contains("=") }))
    }
}
