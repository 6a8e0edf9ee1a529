import Errors
import Foundation
import Ledger
import Pipeline
import ServiceTestSupport
import Settings
import StateFolder
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import Control

/// Putting minutes right, by request.
@Suite struct EditingTests {
    private let fixture: MeetingFixture

    init() throws { fixture = try MeetingFixture() }

    private static let administrator = PeerCredentials(user: 0, process: 1, groups: [0])

    private func service(_ pipeline: Pipeline) throws -> ControlService {
        let settings = Settings(state: fixture.scratch.path, runtime: fixture.scratch.path + "/run")
        return ControlService(
            ledger: fixture.ledger, pipeline: pipeline,
            output: try OutputFolder(path: fixture.folder.path, readers: .nobodyElse), settings: settings,
            profile: ScriptedModel().profile,
            keeper: try StateKeeper(settings: settings, ledger: fixture.ledger, pipeline: pipeline))
    }

    private func ask(
        _ service: ControlService, _ meeting: String, _ edit: String, _ peer: PeerCredentials = administrator
    ) async throws -> ControlReply {
        let answer = Mutex("")
        let request = #"{"version":1,"command":"edit","meeting":"\#(meeting)""# + edit + "}"
        try await service.answer(request, of: peer) { line in answer.withLock { $0 = line } }
        return try ControlCoding.value(ControlReply.self, answer.withLock { $0 })
    }

    private static func rename(_ name: String, _ newName: String) -> String {
        #","edit":{"rename":{"name":"\#(name)","newName":"\#(newName)","turns":[],"times":[]}}"#
    }

    @Test func whoMayReadMinutesMayPutThemRight() async throws {
        let pipeline = fixture.pipeline(ScriptedModel())
        let meeting = try fixture.deliver(12, to: "standup")
        try await pipeline.drain()
        let service = try service(pipeline)
        let stranger = PeerCredentials(user: 4321, process: 1, groups: [4321])
        #expect(
            try await ask(service, "standup", Self.rename("Ada", "Eve"), stranger).error?.code == "forbidden")
        let reply = try await ask(service, "standup", Self.rename("Ada", "Ada Okafor"))
        #expect(reply.edited?.utteranceCount == 6, "\(reply)")
        // They are written before the answer comes.
        let markdown = try fixture.markdown(meeting)
        #expect(markdown.contains("Ada Okafor") && !markdown.contains("Eve"))
    }

    @Test func whatDoesNotFitIsRefused() async throws {
        let pipeline = fixture.pipeline(ScriptedModel())
        _ = try fixture.deliver(2, to: "standup")
        let service = try service(pipeline)
        let nobody = try await ask(service, "standup", Self.rename("Marta", "x"))
        #expect(nobody.error?.code == "badRequest" && nobody.error?.message.contains("'Ada', 'Ben'") == true)
        #expect(try await ask(service, "other", Self.rename("Ada", "x")).error?.code == "unknownMeeting")
        let nothing = try await ask(service, "standup", "")
        #expect(nothing.error?.message.contains(#"needs an "edit""#) == true)
    }
    /// Whatever a reader sends, the daemon goes on.
    @Test func turnsThatNoMeetingHasAreRefused() async throws {
        let pipeline = fixture.pipeline(ScriptedModel())
        _ = try fixture.deliver(2, to: "standup")
        let service = try service(pipeline)
        let many = Array(repeating: "0", count: 10_001).joined(separator: ",")
        for (turns, times) in [
            ("9223372036854775807", ""), ("-1", ""), ("-9223372036854775808", ""), ("0,2147483647", ""),
            (many, ""), ("", "1e300"), ("", "-1"), ("", "1e9"), ("", many),
        ] {
            let edit =
                #","edit":{"rename":{"name":"Ada","newName":"x","turns":[\#(turns)],"times":[\#(times)]}}"#
            let reply = try await ask(service, "standup", edit)
            #expect(reply.error?.code == "badRequest", "\(turns.prefix(30)) \(times.prefix(30)): \(reply)")
        }
        let last = #","edit":{"rename":{"name":"Ada","newName":"x","turns":[2147483646],"times":[]}}"#
        let none = try await ask(service, "standup", last)
        #expect(none.error?.message.contains("has no turn 2147483647") == true, "\(none)")
        #expect(try await ask(service, "standup", Self.rename("Ada", "Ada Okafor")).edited != nil)
    }
}
