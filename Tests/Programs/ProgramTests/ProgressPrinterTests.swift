import Foundation
import Pipeline
import Testing
import Transcript

@testable import minutectl

/// What a person sees while summaries are written.
@Suite struct ProgressPrinterTests {
    private func event(
        _ kind: ProgressEvent.Kind, _ meeting: String, _ text: String? = nil, window: Int? = 0,
        tokens: Int? = nil
    ) throws -> ProgressEvent {
        ProgressEvent(
            meeting: try MeetingID(meeting), kind: kind, window: window, windowCount: 2, utteranceCount: 9,
            text: text, promptTokens: tokens, reusedTokens: tokens, generatedTokens: tokens,
            seconds: tokens.map { _ in 1.26 })
    }

    private func shown(_ events: [ProgressEvent], namesMeetings: Bool = true) throws -> [String] {
        let pipe = Pipe()
        let printer = ProgressPrinter(pipe.fileHandleForWriting, namesMeetings: namesMeetings)
        for event in events { printer.show(event) }
        try pipe.fileHandleForWriting.close()
        let bytes = try #require(try pipe.fileHandleForReading.readToEnd())
        return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
    }

    /// Tokens of two meetings in turn, as the model writes them side by side.
    @Test func whatIsWrittenAtOnceIsNotMixed() throws {
        let pieces = [
            "plan": ["The", " printer driver", " fails. Jon", "as gets", " two days."],
            "call": ["They spoke", " about the", " lost", " order. It", " arrives"],
        ]
        var events = [try event(.started, "plan"), try event(.started, "call", window: 1)]
        for index in 0..<5 {
            events.append(try event(.text, "plan", pieces["plan"]?[index]))
            events.append(try event(.text, "call", pieces["call"]?[index]))
            if index == 3 { events.append(try event(.utterances, "call")) }
        }
        events.append(
            try event(.summarised, "plan", "The printer driver fails. Jonas gets two days.", tokens: 7))
        events.append(try event(.text, "call", " on Friday."))
        events.append(
            try event(
                .summarised, "call", "They spoke about the lost order. It arrives on Friday.", window: 1,
                tokens: 8))
        #expect(
            try shown(events) == [
                "plan: summarising part 1 of 2", "call: summarising part 2 of 2",
                "plan | The printer driver fails.", "call | They spoke about the lost order.",
                "call: 9 utterances", "plan | Jonas gets two days.",
                "plan: part 1 is summarised (7 tokens read, 7 of them known before; 7 written; 1.3 s)",
                "call | It arrives on Friday.",
                "call: part 2 is summarised (8 tokens read, 8 of them known before; 8 written; 1.3 s)",
            ])
    }

    /// Another answer was taken than the one that was watched, or nothing was written at all.
    @Test func whatIsKeptIsShownIfItWasNot() throws {
        let events = [
            try event(.started, "m"), try event(.text, "m", "It rains. It rains."),
            try event(.text, "m", "\nThe roof leaks."),
            try event(.summarised, "m", "The roof leaks.", tokens: 5),
            try event(.summarised, "m", "Ada: yes\nBen: no", window: 1),
            try event(.finished, "m", "The roof leaks.", window: nil),
        ]
        #expect(
            try shown(events, namesMeetings: false) == [
                "m: summarising part 1 of 2", "    It rains.", "    It rains.", "    The roof leaks.",
                "m: part 1 is summarised (5 tokens read, 5 of them known before; 5 written; 1.3 s):",
                "    The roof leaks.", "m: part 2 is kept as it was said:", "    Ada: yes", "    Ben: no",
                "m: the minutes are finished",
            ])
    }

    @Test func whatIsBrokenOffIsShownAndForgotten() throws {
        let events = [
            try event(.text, "m", "A half"), try event(.retrying, "m", "the model\u{1B}[2J is out of order"),
            try event(.text, "m", "A whole."), try event(.summarised, "m", "A whole.", tokens: 3),
        ]
        #expect(
            try shown(events) == [
                "m | A half", "m: part 1 is tried again: the model [2J is out of order", "m | A whole.",
                "m: part 1 is summarised (3 tokens read, 3 of them known before; 3 written; 1.3 s)",
            ])
    }
}
