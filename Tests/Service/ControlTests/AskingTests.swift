import Errors
import Foundation
import Glibc
import Ledger
import Logging
import Pipeline
import ServiceLifecycle
import ServiceTestSupport
import Settings
import Summaries
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import Control

/// Questions through the control socket.
@Suite struct AskingTests {
    private let fixture: MeetingFixture
    private let path: String
    private static let question = "Who comes to an end with matter m3?"

    init() throws {
        fixture = try MeetingFixture()
        path = fixture.scratch.path + "/run/control.sock"
    }

    private func service(_ pipeline: Pipeline, readers: String = "") throws -> ControlService {
        let output = try OutputFolder(
            path: fixture.folder.path,
            readers: readers.isEmpty
                ? .nobodyElse : try MinutesReaders(#require(ChoiceByKind(readers) { !$0.contains("=") })))
        return ControlService(
            ledger: fixture.ledger, pipeline: pipeline, output: output, settings: Settings(),
            profile: ScriptedModel().profile,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }

    private func ask(
        _ service: ControlService, _ question: String?, of meeting: String?, _ peer: PeerCredentials
    ) async throws -> ControlReply {
        var request = ControlRequest(.ask, meeting: meeting)
        request.question = question
        let answer = Mutex("")
        try await service.answer(ControlCoding.line(request), of: peer) { line in
            answer.withLock { $0 = line }
        }
        return try ControlCoding.value(ControlReply.self, answer.withLock { $0 })
    }

    @Test func whoMayReadTheMinutesMayAsk() async throws {
        let group = geteuid() == 0 ? 65_534 : getegid()
        _ = try fixture.deliver(5, to: "m")
        let service = try service(fixture.pipeline(ScriptedModel()), readers: "m=\(group)")
        let root = PeerCredentials(user: 0, process: 1, groups: [0])
        let member = PeerCredentials(user: 4321, process: 1, groups: [4321, group])
        let stranger = PeerCredentials(user: 4321, process: 1, groups: [4321])
        for peer in [root, member] {
            let answered = try #require(try await ask(service, Self.question, of: "m", peer).answered)
            #expect(answered.answer.turns.contains(3) && answered.answer.question == Self.question)
            #expect(answered.page.hasPrefix("file://") && answered.page.hasSuffix("/m/minutes.html"))
        }
        #expect(try await ask(service, Self.question, of: "m", stranger).error?.code == "forbidden")
        #expect(try await ask(service, Self.question, of: "none", root).error?.code == "unknownMeeting")
        for question in [nil, "", "\u{1B}", String(repeating: "m3 ", count: 5000)] {
            #expect(try await ask(service, question, of: "m", root).error?.code == "badRequest")
        }
        #expect(try await ask(service, Self.question, of: nil, root).error?.code == "badRequest")
    }

    /// Whoever waits for an answer when the daemon stops is told so, over the socket.
    @Test func whoeverWaitsIsToldThatTheDaemonStops() async throws {
        let model = ScriptedModel { call in
            if call.timeline.hasSuffix("/question") { try await Task.sleep(for: .seconds(3600)) }
        }
        _ = try fixture.deliver(5, to: "m")
        let service = try service(fixture.pipeline(model))
        let server = try await ControlServer(
            path: path, service: service,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let group = ServiceGroup(
            configuration: .init(
                services: [.init(service: server, successTerminationBehavior: .ignore)],
                logger: service.logger))
        let running = Task { try await group.run() }
        let asked = Task {
            var request = ControlRequest(.ask, meeting: "m")
            request.question = Self.question
            return try await ControlClient(socketPath: path).request(request)
        }
        #expect(await eventually { model.completions.count == 1 })
        await group.triggerGracefulShutdown()
        let error = await #expect(throws: ApplicationError.self) { try await asked.value }
        #expect(error?.code == .busy && error?.message.contains("stopping") == true, "\(error as Any)")
        try await running.value
        #expect(access(path, F_OK) != 0)
    }

    /// A client that goes away ends the work on its question.
    @Test func aClientThatGoesAwayEndsItsQuestion() async throws {
        let isEnded = Mutex(false)
        let model = ScriptedModel { call in
            guard call.timeline.hasSuffix("/question") else { return }
            do {
                try await Task.sleep(for: .seconds(3600))
            } catch {
                isEnded.withLock { $0 = true }
                throw error
            }
        }
        _ = try fixture.deliver(5, to: "m")
        let server = try await ControlServer(
            path: path, service: try service(fixture.pipeline(model)),
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        let running = Task { try await server.run() }
        let descriptor = try #require(unixConnection(to: path))
        var request = ControlRequest(.ask, meeting: "m")
        request.question = Self.question
        let line = try ControlCoding.line(request) + "\n"
        #expect(send(descriptor, line, line.utf8.count, Int32(MSG_NOSIGNAL)) == line.utf8.count)
        #expect(await eventually { model.completions.count == 1 })
        close(descriptor)
        #expect(await eventually { isEnded.withLock { $0 } })
        running.cancel()
        _ = try await running.value
    }
}
