import Errors
import Foundation
import Language
import Ledger
import Logging
import Minutes
import ServiceTestSupport
import Settings
import Summaries
import TestSupport
import Testing
import Transcript

@testable import Pipeline

/// Minutes that are made once more by another model, in another layout or language.
@Suite struct RedoingTests {
    private let fixture: MeetingFixture

    init() throws { fixture = try MeetingFixture() }

    private func finished() async throws -> MeetingID {
        let meeting = try fixture.deliver(14, to: "m", endsMeeting: true)
        try await fixture.pipeline(ScriptedModel()).drain()
        return meeting
    }

    private func text(_ path: String) throws -> String { try String(contentsOfFile: path, encoding: .utf8) }

    private func models(_ meeting: MeetingID) throws -> Set<String> {
        Set(try fixture.ledger.windows(of: meeting).compactMap(\.summary?.model))
    }

    private func wish(_ change: (inout RedoRequest) -> Void = { _ in }) -> RedoRequest {
        var wish = RedoRequest()
        change(&wish)
        return wish
    }

    private func expectSound(_ meeting: MeetingID) async throws {
        let again = try MeetingFixture()
        let writer = MinutesWriter(ledger: fixture.ledger, folder: again.folder)
        _ = try await writer.write(meeting)
        let folders = [fixture.folder, again.folder].map { "\($0.path)/\(meeting.name)" }
        let names = try FileManager.default.contentsOfDirectory(atPath: folders[0])
        #expect(try Set(names) == Set(FileManager.default.contentsOfDirectory(atPath: folders[1])))
        for name in names { #expect(try text("\(folders[0])/\(name)") == text("\(folders[1])/\(name)")) }
    }

    /// A process may end between any two steps: the first minutes are shown until the second are whole.
    @Test func aNewModelMakesThemAgainAndTheFirstAreKept() async throws {
        let meeting = try await finished()
        let (first, document) = (try fixture.markdown(meeting), try fixture.document(meeting))
        #expect(try await fixture.pipeline(OtherModel()).redo(meeting, wish()) == .begun)
        var turns = 0
        while try fixture.ledger.redo(of: meeting) != nil {
            #expect(try fixture.markdown(meeting) == first && models(meeting) == ["scripted"])
            #expect(await fixture.pipeline(OtherModel()).turn(of: meeting))
            turns += 1
            try #require(turns < 20)
        }
        #expect(try turns == document.windows.count + 1 && turns > 3)
        #expect(try models(meeting) == ["other"])
        #expect(try fixture.document(meeting).summary?.model == "other")
        #expect(try fixture.markdown(meeting) != first)
        #expect(try text(fixture.folder.markdownPath(of: meeting, set: 1)) == first)
        #expect(try JSONRenderer.read(text(fixture.folder.jsonPath(of: meeting, set: 1))) == document)
        #expect(try fixture.ledger.meeting(meeting)?.revision == 2)
        try await expectSound(meeting)
        // And once more.
        let pipeline = fixture.pipeline(ScriptedModel())
        #expect(try await pipeline.redo(meeting, wish()) == .begun)
        try await pipeline.drain()
        #expect(try fixture.markdown(meeting).hasPrefix(first.prefix(40)))
        #expect(try fixture.ledger.earlierMinutes(of: meeting).map(\.number) == [1, 2])
        try await expectSound(meeting)
        #expect(try fixture.ledger.findings() == [])
    }

    @Test func namesAndTicksHoldForTheNewMinutes() async throws {
        let meeting = try MeetingID("m")
        _ = try fixture.ledger.accept(
            Delivery(
                meeting: meeting, name: "m.txt", kind: .file, sha256: "m", byteCount: 1, format: "plainText",
                receivedAt: .now,
                utterances: (0..<10).map {
                    Utterance(
                        speaker: "Speaker 1",
                        text: "I will send the report number \($0) to the city by Friday.",
                        source: SourcePosition(name: "m.txt", line: $0 + 1))
                }, endsMeeting: true))
        try await fixture.pipeline(ScriptedModel()).drain()
        _ = try fixture.ledger.renameSpeakers("Speaker 1", to: "Ada Okafor", in: meeting)
        let item = try #require(try fixture.ledger.items(of: meeting).first { $0.kind == .action })
        _ = try fixture.ledger.tick(try #require(item.id), true, in: meeting)
        let pipeline = fixture.pipeline(OtherModel())
        #expect(try await pipeline.redo(meeting, wish()) == .begun)
        try await pipeline.drain()
        let document = try fixture.document(meeting)
        #expect(document.participants.map(\.name) == ["Ada Okafor"])
        #expect(document.items?.first { $0.id == item.id }?.isDone == true)
        // A name that is put right later holds for these; the earlier ones stay as they were.
        _ = try fixture.ledger.renameSpeakers("Ada Okafor", to: "Marta", in: meeting)
        await pipeline.writeEdited(meeting)
        #expect(try fixture.markdown(meeting).contains("Marta"))
        #expect(try text(fixture.folder.markdownPath(of: meeting, set: 1)).contains("Ada Okafor"))
        try await expectSound(meeting)
    }

    @Test func aModelThatFailsLeavesThemAsTheyAre() async throws {
        let meeting = try await finished()
        let first = try fixture.markdown(meeting)
        let pipeline = fixture.pipeline(ScriptedModel { _ in throw ScriptedModel.Failure() })
        #expect(try await pipeline.redo(meeting, wish()) == .begun)
        try await pipeline.drain()
        #expect(try fixture.ledger.redo(of: meeting) == nil && fixture.markdown(meeting) == first)
        #expect(try fixture.ledger.earlierMinutes(of: meeting).isEmpty)
        #expect(try await pipeline.redo(meeting, wish()) == .begun)
        #expect(try await pipeline.redo(meeting, wish { $0.cancels = true }) == .cancelled)
        #expect(try await pipeline.redo(meeting, wish { $0.cancels = true }) == .nothing)
        try await pipeline.drain()
        #expect(try fixture.markdown(meeting) == first)
    }

    @Test func anotherLayoutNeedsNoModel() async throws {
        let meeting = try await finished()
        let first = try fixture.markdown(meeting)
        let model = ScriptedModel()
        let pipeline = fixture.pipeline(model)
        let short = StoredTemplate(name: "short", text: "Only {{title}}\n")
        #expect(try await pipeline.redo(meeting, wish { $0.template = short }) == .written)
        #expect(try fixture.markdown(meeting) == "Only About m\n" && model.calls.isEmpty)
        #expect(try text(fixture.folder.markdownPath(of: meeting, set: 1)) == first)
        await #expect(throws: ApplicationError.self) {
            try await pipeline.redo(meeting, wish { $0.template = short })
        }
        let wrong = StoredTemplate(name: "wrong", text: "{{titel}}")
        let error = await #expect(throws: ApplicationError.self) {
            try await pipeline.redo(meeting, wish { $0.template = wrong })
        }
        #expect(error?.message.contains("there is no 'titel'") == true)
        // One that asks something of a model that can be told does.
        let asking = StoredTemplate(name: "asking", text: "{{!\nasks: Name the house.\n}}\n{{title}}\n")
        #expect(try await pipeline.redo(meeting, wish { $0.template = asking }) == .begun)
        try await pipeline.drain()
        #expect(model.completions.allSatisfy { $0.prompt.contains("Name the house.") })
        #expect(try fixture.markdown(meeting) == "About m\n")
        #expect(try text(fixture.folder.markdownPath(of: meeting, set: 2)) == "Only About m\n")
        // The layout stays when the meeting goes on.
        _ = try fixture.deliver(3, to: "m", chunk: 2, endsMeeting: true)
        try await pipeline.drain()
        #expect(try fixture.markdown(meeting) == "About m\n")
        try await expectSound(meeting)
    }

    @Test func anotherLanguageIsThatOfHeadingsUnlessTheModelCanBeTold() async throws {
        let meeting = try await finished()
        let deaf = fixture.pipeline(OtherModel(style: .tuned))
        #expect(try await deaf.redo(meeting, wish { $0.language = "German" }) == .written)
        #expect(try fixture.document(meeting).language == LanguageCode(rawValue: "de"))
        #expect(try fixture.markdown(meeting).contains("Kurz gefasst"))
        #expect(try models(meeting) == ["scripted"])
        for wrong in ["Klingonesque", "Finnish"] {
            let error = await #expect(throws: ApplicationError.self) {
                try await deaf.redo(meeting, wish { $0.language = wrong })
            }
            #expect(error?.code == .badRequest, "\(wrong)")
        }
        let model = ScriptedModel()
        let pipeline = fixture.pipeline(model)
        #expect(try await pipeline.redo(meeting, wish { $0.language = "fr" }) == .begun)
        try await pipeline.drain()
        #expect(!model.completions.isEmpty && model.completions.allSatisfy { $0.prompt.contains("French") })
        #expect(try fixture.document(meeting).language == LanguageCode(rawValue: "fr"))
        try await expectSound(meeting)
    }

    /// What is said meanwhile is in the new minutes as well.
    @Test func aMeetingThatGoesOnIsMadeAgainAsAWhole() async throws {
        let meeting = try await finished()
        let pipeline = fixture.pipeline(OtherModel())
        #expect(try await pipeline.redo(meeting, wish()) == .begun)
        #expect(await pipeline.turn(of: meeting))
        _ = try fixture.deliver(6, to: "m", chunk: 2)
        #expect(try fixture.ledger.redo(of: meeting)?.windows.count == 1)
        try await pipeline.drain()
        await #expect(throws: ApplicationError.self) { try await pipeline.redo(meeting, wish()) }
        _ = try await pipeline.end(meeting)
        try await pipeline.drain()
        #expect(try fixture.ledger.redo(of: meeting) == nil)
        #expect(try fixture.document(meeting).coverage.percent == 100)
        #expect(try models(meeting).subtracting(["verbatim"]) == ["other"])
        #expect(try fixture.ledger.earlierMinutes(of: meeting).count == 1)
    }

    @Test func anotherProcessMakesThemFromTheSameLedger() async throws {
        let meeting = try await finished()
        let pipeline = fixture.pipeline(ScriptedModel())
        #expect(try await pipeline.redo(meeting, wish { $0.isElsewhere = true }) == .begun)
        try await pipeline.drain()
        #expect(try models(meeting) == ["scripted"], "the daemon leaves it alone")
        let reading = try Ledger(path: fixture.scratch.path + "/ledger.sqlite", access: .readOnly)
        let elsewhere = try RedoElsewhere(
            ledger: reading, model: OtherModel(), settings: Settings(state: "/nowhere", runtime: "/nowhere"))
        var seen: [Int] = []
        let asked = try #require(try reading.redo(of: meeting)).asked
        try await elsewhere.run(meeting, asked: asked) { number, _ in
            seen.append(number)
        } send: { part in
            // As it goes over the socket.
            let sent = try JSONDecoder().decode(RedoPart.self, from: JSONEncoder().encode(part))
            #expect(sent == part)
            try await pipeline.take(sent, of: meeting)
        }
        #expect(seen == Array(0..<seen.count) && seen.count > 2)
        #expect(try models(meeting) == ["other"] && fixture.document(meeting).summary?.model == "other")
        try await expectSound(meeting)
        // It is the same as what the daemon makes with that model.
        let document = try fixture.document(meeting)
        let daemon = fixture.pipeline(OtherModel())
        #expect(try await daemon.redo(meeting, wish()) == .begun)
        try await daemon.drain()
        #expect(try fixture.document(meeting).windows == document.windows)
        await #expect(throws: ApplicationError.self) {
            try await daemon.take(.whole(nil, statements: nil, isTold: false, asked: asked), of: meeting)
        }
    }

    /// Files of a set that the ledger does not have, since an older copy of it was brought back.
    @Test func filesOfUnknownSetsGo() async throws {
        let meeting = try await finished()
        let stray = fixture.folder.jsonPath(of: meeting, set: 3)
        try "secret".write(toFile: stray, atomically: false, encoding: .utf8)
        _ = try fixture.ledger.renameSpeakers("Ada", to: "Marta", in: meeting)
        await fixture.pipeline(ScriptedModel()).writeEdited(meeting)
        #expect(!FileManager.default.fileExists(atPath: stray))
    }
}

/// Says the same as ``ScriptedModel`` in another order, and is called otherwise.
private struct OtherModel: LanguageModel {
    private let scripted = ScriptedModel()
    let profile: ModelProfile

    init(style: ModelProfile.Style = .instructionTuned) {
        profile = ModelProfile(name: "other", style: style, contextLength: 8192, fingerprint: "1")
    }

    func tokenCount(of text: String) -> Int { scripted.tokenCount(of: text) }

    func prefill(_ prompt: [PromptPiece], timeline: String) async throws {}

    func complete(
        _ prompt: [PromptPiece], timeline: String, options: CompletionOptions,
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> Completion {
        var completion = try await scripted.complete(
            prompt, timeline: timeline, options: options, onText: onText)
        let sentences = completion.text.split(separator: ". ").map(String.init)
        completion.text = sentences.reversed().map { $0.hasSuffix(".") ? $0 : $0 + "." }.joined(
            separator: " ")
        return completion
    }

    func close(timeline: String) async {}
}
