import Errors
import Foundation
import Glibc
import Ledger
import Logging
import Minutes
import Pipeline
import ServiceTestSupport
import Settings
import Summaries
import Synchronization
import TestSupport
import Testing

@testable import Control

/// The control socket from both sides, over a real socket.
@Suite struct ControlTests {
    private let fixture: MeetingFixture
    private let path: String

    init() throws {
        fixture = try MeetingFixture()
        path = fixture.scratch.path + "/run/control.sock"
    }

    @Test func statusListShowAndEnd() async throws {
        let open = try fixture.deliver(7, to: "open")
        let done = try fixture.deliver(5, to: "done", endsMeeting: true)
        let pipeline = fixture.pipeline(ScriptedModel())
        try await pipeline.drain()
        try await serving(pipeline) {
            let client = ControlClient(socketPath: path)
            let status = try #require(try await client.request(ControlRequest(.status)).status)
            #expect(status.model == "scripted")
            #expect(status.process == getpid())
            #expect((status.openMeetings, status.endedMeetings, status.finishedMeetings) == (1, 0, 1))
            #expect(status.activity == nil)

            let meetings = try #require(try await client.request(ControlRequest(.list)).meetings)
            #expect(meetings.map(\.id) == [open, done])
            #expect(meetings.map(\.utteranceCount) == [7, 5])

            let shown = try #require(try await client.request(ControlRequest(.show, meeting: "done")).shown)
            #expect(shown.meeting.state == .finished)
            let markdown = try fixture.markdown(done)
            #expect(shown.markdown == markdown)
            #expect(shown.jsonPath == fixture.folder.jsonPath(of: done))

            #expect(try await client.request(ControlRequest(.end, meeting: "open")).ended == true)
            #expect(try await client.request(ControlRequest(.end, meeting: "open")).ended == false)
            #expect(try fixture.ledger.meeting(open)?.state == .ended)
        }
        // Stopped, and its socket is gone.
        #expect(access(path, F_OK) != 0)
    }

    @Test func watchingShowsTheTextAsItIsWritten() async throws {
        let meeting = try fixture.deliver(9, to: "m")
        let pipeline = fixture.pipeline(ScriptedModel())
        try await serving(pipeline) {
            let seen = Mutex<[ProgressEvent]>([])
            try await ControlClient(socketPath: path).watch(meeting: "m") { reply in
                if let state = reply.watched {
                    #expect(state.id == meeting)
                    // Only now is there anything to see.
                    Task {
                        _ = try await pipeline.end(meeting)
                        try await pipeline.drain()
                    }
                }
                guard let event = reply.event else { return true }
                seen.withLock { $0.append(event) }
                return event.kind != .finished
            }
            let events = seen.withLock { $0 }
            let text = events.filter { $0.kind == .text && $0.window == 0 }.compactMap(\.text).joined()
            let summaries = try fixture.ledger.windows(of: meeting).compactMap(\.summary?.text)
            #expect(text.trimmingCharacters(in: .whitespaces) == summaries.first)
            #expect(events.filter { $0.kind == .summarised }.map(\.text) == summaries)
        }
    }

    @Test(arguments: [
        ("nonsense", "badRequest", "not a request"),
        (#"{"version":2,"command":"status"}"#, "badRequest", "version 2"),
        (
            #"{"version":1,"command":"dance"}"#, "badRequest",
            "unknown command 'dance': use one of status, list"
        ),
        (#"{"version":1,"command":"show"}"#, "badRequest", "needs a \"meeting\""),
        (#"{"version":1,"command":"show","meeting":"x"}"#, "unknownMeeting", "there is no meeting 'x'"),
        (#"{"version":1,"command":"end","meeting":"../x"}"#, "unknownMeeting", "there is no meeting '../x'"),
        (#"{"version":1,"command":"watch","meeting":"x"}"#, "unknownMeeting", "there is no meeting 'x'"),
    ])
    func wrongRequestsAreAnswered(line: String, code: String, message: String) async throws {
        try await serving(fixture.pipeline(ScriptedModel())) {
            // The connection goes on after it.
            let lines = await answers(line + "\n" + #"{"version":1,"command":"list"}"# + "\n", from: path)
                .split(separator: "\n").map(String.init)
            try #require(lines.count == 2)
            let reply = try ControlCoding.value(ControlReply.self, lines[0])
            #expect(reply.error?.code == code)
            #expect(reply.error?.message.contains(message) == true, "\(reply)")
            #expect(try ControlCoding.value(ControlReply.self, lines[1]).meetings == [])
        }
    }

    /// `echo … | socat - UNIX-CONNECT:…` closes its sending side at once, and sends no line feed with printf.
    @Test func aClientThatHasSaidAllIsStillAnswered() async throws {
        try await serving(fixture.pipeline(ScriptedModel())) {
            let answer = await answers(#"{"version":1,"command":"list"}"#, from: path)
            #expect(answer == #"{"meetings":[],"version":1}"# + "\n")
        }
    }

    @Test func withoutDaemonTheSocketIsNamed() async throws {
        let error = await #expect(throws: ApplicationError.self) {
            try await ControlClient(socketPath: path).request(ControlRequest(.status))
        }
        #expect(error?.code == .unreachable)
        #expect(error?.exitStatus == 69)
        #expect(error?.message.contains(path) == true)
        #expect(error?.message.contains("systemctl start minuted") == true)
    }

    @Test func aSocketInUseIsLeftAlone() async throws {
        let pipeline = fixture.pipeline(ScriptedModel())
        try await serving(pipeline) {
            let error = await #expect(throws: ApplicationError.self) { try await server(pipeline) }
            #expect(error?.code == .alreadyRunning)
            let reply = try await ControlClient(socketPath: path).request(ControlRequest(.list))
            #expect(reply.meetings == [])
        }
    }

    /// Neither idle clients nor many of them keep the operator out.
    @Test func whoAsksForNothingIsDisconnectedAndNobodyTakesAllConnections() async throws {
        let limits = ControlServer.Limits(connections: 8, connectionsPerUser: 4, silence: .seconds(2))
        try await serving(fixture.pipeline(ScriptedModel()), limits) {
            // A watch may be silent for as long as nothing happens.
            let watching = try #require(unixConnection(to: path))
            defer { close(watching) }
            let request = #"{"version":1,"command":"watch"}"# + "\n"
            #expect(send(watching, request, request.utf8.count, Int32(MSG_NOSIGNAL)) == request.utf8.count)
            try await Task.sleep(for: .milliseconds(500))
            let idle = try (0..<30).map { _ in try #require(unixConnection(to: path)) }
            defer { for descriptor in idle { close(descriptor) } }
            let began = ContinuousClock.now
            var refusals = 0
            while true {
                let answer = await answers(#"{"version":1,"command":"list"}"# + "\n", from: path)
                if answer.contains("meetings") { break }
                #expect(answer.contains("too many clients are connected"), "\(answer)")
                refusals += 1
                try #require(ContinuousClock.now - began < .seconds(60))
                try await Task.sleep(for: .milliseconds(50))
            }
            #expect(refusals > 0)
            try await Task.sleep(for: .seconds(3))
            // Neither closed nor refused: there is only nothing more to read.
            var buffer = [UInt8](repeating: 0, count: 4096)
            var count = 0
            repeat { count = recv(watching, &buffer, buffer.count, Int32(MSG_DONTWAIT)) } while count > 0
            #expect(count < 0 && errno == EAGAIN)
        }
    }

    private func server(_ pipeline: Pipeline, _ limits: ControlServer.Limits = .init()) async throws
        -> ControlServer
    {
        try await ControlServer(
            path: path,
            service: ControlService(
                ledger: fixture.ledger, pipeline: pipeline, output: fixture.folder, settings: Settings(),
                profile: ScriptedModel().profile),
            limits: limits, logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func serving(
        _ pipeline: Pipeline, _ limits: ControlServer.Limits = .init(), _ body: () async throws -> Void
    ) async throws {
        let server = try await server(pipeline, limits)
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await server.run() }
            defer { group.cancelAll() }
            try await body()
        }
    }
}
