import Foundation
import Language
import Ledger
import Minutes
import ServiceTestSupport
import Summaries
import TestSupport
import Testing
import Transcript

@testable import Pipeline

/// A writer that has followed a meeting all along writes what one writes that has just begun, byte for byte.
@Suite struct MinutesRefreshTests {
    @Test(arguments: 0..<6)
    func aRefreshGivesWhatARenderingFromNothingGives(seed: UInt64) async throws {
        var meeting = try GrowingMeeting(seed: seed)
        let steady = MinutesWriter(ledger: meeting.fixture.ledger, folder: meeting.fixture.folder)
        var changes: [String] = []
        for _ in 0..<90 {
            changes.append(try meeting.change())
            _ = try await steady.write(meeting.id)
            try await compare(meeting, "\(changes.suffix(4))")
        }
        #expect(Set(changes).count == GrowingMeeting.changeCount, "\(Set(changes).sorted())")
        try meeting.finish()
        _ = try await steady.write(meeting.id)
        try await compare(meeting, "the meeting is finished")
    }

    private func compare(_ meeting: GrowingMeeting, _ what: String) async throws {
        let kept = meeting.fixture.folder
        let made = try OutputFolder(path: "\(meeting.fixture.scratch.path)/made")
        _ = try await MinutesWriter(ledger: meeting.fixture.ledger, folder: made).write(meeting.id)
        for path in [OutputFolder.markdownPath, OutputFolder.jsonPath, OutputFolder.htmlPath] {
            let bytes = try [kept, made].map { try Data(contentsOf: URL(filePath: path($0)(meeting.id))) }
            try #require(bytes[0] == bytes[1], "\(path(kept)(meeting.id)): \(what)")
        }
        try FileManager.default.removeItem(atPath: made.path)
    }
}

/// A meeting to which something happens at each change, by chance but the same for each seed.
private struct GrowingMeeting {
    let fixture: MeetingFixture
    let id: MeetingID
    private let delivery: DeliveryID
    private var generator: SeededGenerator
    private var judging: WindowJudging
    private var said = 0

    /// What may happen to it: see ``change()``.
    static let changeCount = 8

    init(seed: UInt64) throws {
        fixture = try MeetingFixture()
        id = try MeetingID("live")
        generator = SeededGenerator(seed: seed)
        judging = WindowJudging(reader: MeetingReader(ledger: fixture.ledger, styles: .standard))
        delivery = try fixture.ledger.begin(
            Delivery(
                meeting: id, name: "socket:1", kind: .socket, byteCount: 1, format: "jsonl",
                receivedAt: .now, utterances: [], endsMeeting: false)
        ).id
    }

    /// Lets something happen, and says what.
    mutating func change() throws -> String {
        let ledger = fixture.ledger
        let record = try ledger.meeting(id)
        let open = (record?.windowedUtteranceCount ?? 0)..<(record?.utteranceCount ?? 0)
        let waiting = try record.flatMap { try ledger.firstWaitingWindow(of: $0.id) }
        switch Int.random(in: 0..<12, using: &generator) {
        case 0 where open.count > 2:
            let end = Int.random(in: (open.lowerBound + 1)...open.upperBound, using: &generator)
            let window = Window(
                index: record?.windowCount ?? 0, utterances: open.lowerBound..<end, tokenCount: 1,
                closedBy: Bool.random(using: &generator) ? .topic : .size)
            try ledger.record(window, of: id)
            return "a window closes"
        case 1, 2:
            guard let waiting else { break }
            try summarise(waiting.window)
            return "a summary comes"
        case 3:
            guard let waiting else { break }
            try ledger.recordFailure(
                window: waiting.window.index, of: id, reason: Note(.written, .text("reason \(said)")),
                givingUp: true,
                findings: try judging.findings(in: waiting.window, of: id, answer: nil))
            return "a window is given up"
        case 4 where (record?.failedWindowCount ?? 0) > 0:
            _ = try ledger.retry(id)
            return "what was given up is tried again"
        case 5 where said > 0:
            var part = DeliveryPart()
            let number = Int.random(in: max(0, said - 12)..<said, using: &generator)
            part.amendments = [.revision(utterance(number))]
            _ = try ledger.record(part, of: delivery)
            return "a caption is corrected"
        case 6 where said > 0:
            var part = DeliveryPart()
            let last = try #require(try ledger.utterances(of: id, in: (said - 1)..<said).last)
            part.amendments = [.repetition(last)]
            _ = try ledger.record(part, of: delivery)
            return "a caption is repeated"
        case 7 where Int.random(in: 0..<3, using: &generator) == 0:
            try ledger.note(Note(.written, .text("<note> *\(said)*")), of: id)
            return "a note comes"
        default: break
        }
        var part = DeliveryPart()
        for _ in 0..<Int.random(in: 1...5, using: &generator) {
            part.utterances.append(utterance(said))
            said += 1
        }
        _ = try ledger.record(part, of: delivery)
        return "something is said"
    }

    private mutating func summarise(_ window: Window) throws {
        let words = try fixture.ledger.utterances(of: id, in: window.utterances).map(\.text)
        let summary = WindowSummary(
            window: window.index,
            text: words.prefix(3).joined(separator: " ") + "\n\n- Nobody said \(said * 7) or Zanzibar.",
            model: Bool.random(using: &generator) ? "scripted" : SummaryOrigin.extractive.rawValue,
            promptTokens: 1,
            reusedTokens: 0, generatedTokens: 1, seconds: 1)
        let findings = try judging.findings(in: window, of: id, answer: WindowAnswer(summary: summary))
        try fixture.ledger.commit(summary, findings: findings, of: id)
    }

    /// Ends the meeting, and brings it all the summaries that it lacks.
    mutating func finish() throws {
        let ledger = fixture.ledger
        _ = try ledger.end(id)
        if let record = try ledger.meeting(id), record.windowedUtteranceCount < record.utteranceCount {
            let rest = record.windowedUtteranceCount..<record.utteranceCount
            try ledger.record(
                Window(index: record.windowCount, utterances: rest, tokenCount: 1, closedBy: .meetingEnd),
                of: id)
        }
        while let waiting = try ledger.firstWaitingWindow(of: id) { try summarise(waiting.window) }
        _ = try ledger.finish(
            id,
            overall: MeetingSummary(
                text: "We agreed to buy 7 boats for the harbour by Friday.", model: "scripted", tokens: 1,
                seconds: 1))
    }

    /// Something said by somebody, in English or German, so that the language of the minutes changes as well.
    private mutating func utterance(_ number: Int) -> Utterance {
        let matter = Int.random(in: 1...40, using: &generator)
        let sentences = [
            "We agreed to buy \(matter) boats for the harbour by Friday.",
            "I'll call <the harbour> master about boat \(matter) tomorrow, \"as agreed\" & done.",
            "I'm worried that boat \(matter) is too expensive for a harbour of this size.",
            "What do we do about the *\(matter)* nets that nobody has mended since March?",
            "Das Boot \(matter) liegt seit Freitag im Hafen, und niemand hat die Netze geflickt.",
            "Wir haben beschlossen, dass Boot \(matter) am Montag in die Werft kommt.",
            "Was machen wir mit den \(matter) Netzen, die seit März im Schuppen liegen?",
        ]
        let isGerman = number / 25 % 3 > 0
        let choice = isGerman ? 4..<sentences.count : 0..<4
        let speakers: [String?] = ["Ada", "Ben", "Çağla <b>", nil]
        return Utterance(
            speaker: speakers.randomElement(using: &generator) ?? nil, start: Double(number * 6),
            end: Double(number * 6 + 5), text: sentences[Int.random(in: choice, using: &generator)],
            source: SourcePosition(name: "socket:1", line: number + 1), id: "\(number)")
    }
}
