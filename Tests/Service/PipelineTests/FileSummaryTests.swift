import Errors
import Foundation
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

@Suite struct FileSummaryTests {
    private let scratch: Scratch
    private let settings: Settings

    init() throws {
        scratch = try Scratch()
        var settings = Settings(state: scratch.path + "/state")
        settings.segmentation.maximumTokens = 70
        settings.segmentation.minimumTokens = 10
        settings.segmentation.pauseSeconds = 60
        settings.segmentation.findsTopics = false
        settings.summaries.retrySeconds = 0
        self.settings = settings
    }

    @Test func aFileBecomesMinutesWithoutADaemon() async throws {
        let text = (0..<12).map { "Ada: we should now really come to a good end with matter \($0) today\n" }
        let file = try scratch.write(text.joined(), to: "review.txt")
        let events = Mutex<[ProgressEvent]>([])
        let result = try await summary(ScriptedModel()).run(path: file, output: nil) { event in
            events.withLock { $0.append(event) }
        }
        #expect(result.document.meeting.name == "review")
        #expect(result.document.state == .finished)
        #expect(result.document.coverage.percent == 100)
        #expect(result.document.windows.count == 3)
        #expect(result.markdown == MarkdownRenderer().render(result.document))
        #expect(result.paths.isEmpty)
        let seen = events.withLock { $0 }
        #expect(seen.last?.kind == .finished)
        #expect(seen.filter { $0.kind == .summarised }.map(\.window) == [0, 1, 2])
        // Nothing of a daemon, and the file is where it was.
        #expect(try FileManager.default.contentsOfDirectory(atPath: scratch.path) == ["review.txt"])
        #expect(try String(contentsOfFile: file, encoding: .utf8) == text.joined())
    }

    @Test func minutesGoToTheFolderThatIsNamed() async throws {
        let file = try scratch.write(
            "WEBVTT\n\n00:01.000 --> 00:05.000\n<v Ada>We agreed on nothing.\n", to: "talk.vtt")
        let folder = scratch.path + "/out"
        let result = try await summary(ScriptedModel()).run(path: file, output: folder) { _ in }
        #expect(
            result.paths == ["md", "json", "html"].map { "\(folder)/talk/minutes.\($0)" })
        #expect(try String(contentsOfFile: result.paths[0], encoding: .utf8) == result.markdown)
        let document = try JSONRenderer.read(try String(contentsOfFile: result.paths[1], encoding: .utf8))
        #expect(document.state == .finished)
        #expect(document.windows == result.document.windows)
        let page = try String(contentsOfFile: result.paths[2], encoding: .utf8)
        #expect(page.contains("data-state=\"finished\"") && page.contains("We agreed on nothing."))
    }

    @Test func aModelThatFailsIsStatedInTheMinutes() async throws {
        let file = try scratch.write(
            (0..<10).map { "Ada: we talk about this and that and then about thing \($0)\n" }.joined(),
            to: "m.txt")
        let model = ScriptedModel { _ in throw ScriptedModel.Failure() }
        let result = try await summary(model).run(path: file, output: nil) { _ in }
        #expect(result.document.state == .finished)
        #expect(result.document.coverage.percent == 0)
        #expect(result.markdown.contains("the model is out of order"))
    }

    @Test func whatIsNoTranscriptIsRefused() async throws {
        let file = try scratch.write("<!doctype html><p>hello", to: "page.html")
        await #expect(throws: TranscriptError.self) {
            try await summary(ScriptedModel()).run(path: file, output: nil) { _ in }
        }
        let error = await #expect(throws: ApplicationError.self) {
            try await summary(ScriptedModel()).run(path: scratch.path + "/none.txt", output: nil) { _ in }
        }
        #expect(error?.code == .file)
        #expect(error?.message.contains("none.txt") == true)
    }

    @Test func itCanBeCancelled() async throws {
        let file = try scratch.write(
            (0..<10).map { "Ada: we talk about this and that and then about thing \($0)\n" }.joined(),
            to: "m.txt")
        let model = ScriptedModel { _ in try await Task.sleep(for: .seconds(3600)) }
        let summary = summary(model)
        let task = Task { try await summary.run(path: file, output: nil) { _ in } }
        #expect(await eventually { !model.completions.isEmpty })
        task.cancel()
        await #expect(throws: CancellationError.self) { try await task.value }
    }

    private func summary(_ model: ScriptedModel) -> FileSummary {
        FileSummary(
            settings: settings, model: model,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
    }
}
