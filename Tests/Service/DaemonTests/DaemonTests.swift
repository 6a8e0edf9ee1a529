import Control
import Errors
import Foundation
import Ledger
import Logging
import Minutes
import ServiceLifecycle
import ServiceManager
import ServiceTestSupport
import Settings
import Summaries
import Synchronization
import TestSupport
import Testing
import Transcript

@testable import Daemon

/// The whole daemon in this process, with real folders and sockets and a scripted model.
@Suite struct DaemonTests {
    private let scratch: Scratch
    private let settings: Settings

    init() throws {
        scratch = try Scratch()
        var settings = Settings(state: scratch.path + "/state", runtime: scratch.path + "/run")
        settings.model.path = try scratch.write("", to: "model.gguf")
        settings.segmentation.maximumTokens = 70
        settings.segmentation.minimumTokens = 10
        settings.segmentation.pauseSeconds = 60
        settings.segmentation.findsTopics = false
        settings.output.refreshSeconds = 0
        settings.logLevel = .critical
        self.settings = settings
    }

    @Test func filesAndLinesBecomeMinutes() async throws {
        try await running {
            let incoming = settings.folders.spool + "/incoming/"
            let lines = (0..<12).map {
                "Ada: we should now really come to a good end with matter \($0) today\n"
            }
            try Data(lines.joined().utf8).write(to: URL(filePath: incoming + ".review.txt"))
            try FileManager.default.moveItem(
                atPath: incoming + ".review.txt", toPath: incoming + "review.txt")

            let spoken =
                #"{"meeting":"standup","ack":true}"# + "\n" + lines.joined() + #"{"end":true}"# + "\n"
            let acknowledged = await answers(spoken, from: settings.sockets.ingest)
            #expect(acknowledged.contains(#"{"ack":11}"#))
            #expect(acknowledged.contains(#"{"ended":"standup"}"#))

            let client = ControlClient(socketPath: settings.sockets.control)
            for name in ["review", "standup"] {
                let isFinished = try await eventually {
                    let meetings = try await client.request(ControlRequest(.list)).meetings
                    return meetings?.contains { $0.id.name == name && $0.state == .finished } == true
                }
                #expect(isFinished)
                let shown = try await client.request(ControlRequest(.show, meeting: name)).shown
                let document = try JSONRenderer.read(try #require(shown?.json))
                #expect(document.coverage.percent == 100)
                #expect(document.coverage.utterances == 12)
                #expect(document.windows.count == 3)
                #expect(shown?.markdown?.contains("matter") == true)
            }
            #expect(FileManager.default.fileExists(atPath: settings.folders.spool + "/done/review.txt"))
        }
    }

    /// What a stop interrupts goes on at the next start.
    @Test func aStopLosesNothing() async throws {
        let stuck = ScriptedModel { _ in try await Task.sleep(for: .seconds(3600)) }
        try await running(stuck) {
            let file = settings.folders.spool + "/incoming/m.vtt"
            try "WEBVTT\n\n00:01.000 --> 00:05.000\n<v Ada>\(String(repeating: "We talk. ", count: 40))\n"
                .write(
                    toFile: file, atomically: true, encoding: .utf8)
            #expect(await eventually { !stuck.completions.isEmpty })
        }
        try await running {
            let minutes = settings.folders.output + "/m/minutes.json"
            let isFinished = await eventually {
                guard let text = try? String(contentsOfFile: minutes, encoding: .utf8) else { return false }
                return (try? JSONRenderer.read(text).state) == .finished
            }
            #expect(isFinished)
        }
    }

    @Test func aSecondDaemonIsKeptOut() async throws {
        try await running {
            let second = Daemon(settings: settings, signals: []) { _ in ScriptedModel() }
            let error = await #expect(throws: ApplicationError.self) { try await second.run() }
            #expect(error?.code == .alreadyRunning)
        }
    }

    @Test func aMissingOrBadModelIsAMatterOfConfiguration() async throws {
        var missing = settings
        missing.model.path = "/nonexistent/model.gguf"
        for (settings, words) in [(missing, "there is no model at"), (settings, "the model is out of order")]
        {
            let daemon = Daemon(settings: settings, signals: []) { _ in throw ScriptedModel.Failure() }
            let error = await #expect(throws: ApplicationError.self) { try await daemon.run() }
            #expect(error?.code == .configuration)
            #expect(error?.message.contains(words) == true)
            #expect(error?.message.contains(settings.model.path) == true)
        }
    }

    @Test func aContextTooShortForAnyWindowIsToldAtTheStart() async throws {
        let daemon = Daemon(settings: settings, signals: []) { _ in ScriptedModel(contextLength: 200) }
        let error = await #expect(throws: ApplicationError.self) { try await daemon.run() }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains("model.contextLength") == true)
    }

    @Test func inheritedSocketsAreToldApartByName() throws {
        let both = [
            ListenDescriptor(name: "control", descriptor: 3), ListenDescriptor(name: "ingest", descriptor: 4),
        ]
        let sockets = try InheritedSockets(both)
        #expect((sockets.control, sockets.ingest) == (3, 4))
        #expect(try InheritedSockets([]).ingest == nil)
        for wrong in [[ListenDescriptor(name: "minuted.socket", descriptor: 3)], both + both] {
            let error = #expect(throws: ApplicationError.self) { try InheritedSockets(wrong) }
            #expect(error?.code == .configuration)
        }
    }

    /// Runs `body` while the daemon is ready, then stops it gracefully.
    private func running(
        _ model: ScriptedModel = ScriptedModel(), _ body: () async throws -> Void
    ) async throws {
        let (ready, readied) = AsyncStream.makeStream(of: Void.self)
        let daemon = Daemon(settings: settings, signals: [], onReady: { readied.finish() }) { _ in model }
        let group = ServiceGroup(
            services: [daemon], logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                // Ends the wait below as well if the daemon cannot start.
                defer { readied.finish() }
                try await group.run()
            }
            for await _ in ready {}
            do {
                try await body()
            } catch {
                tasks.cancelAll()
                throw error
            }
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
