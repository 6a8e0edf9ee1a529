import Foundation
import Language
import TestSupport
import Testing

@testable import Minutes
@testable import Summaries
@testable import Transcript

/// A meeting and its to-dos as iCalendar.
@Suite struct CalendarTests {
    private func document(_ change: (inout MinutesDocument) -> Void = { _ in }) throws -> MinutesDocument {
        var document = MinutesDocument.make(
            meeting: try MeetingID("weekly-1"), title: "Budget; plan, \\ Größe\nand all",
            startedAt: Date(timeIntervalSince1970: 1_714_557_600),
            endedAt: Date(timeIntervalSince1970: 1_714_559_400), state: .finished, utterances: talk(4),
            windows: [], summary: nil, notes: [], model: "m",
            generatedAt: Date(timeIntervalSince1970: 1_714_559_500))
        func item(_ kind: MinutesItem.Kind, _ text: String, _ utterance: Int, _ owner: String? = nil)
            -> MinutesItem
        {
            MinutesItem(
                kind: kind, text: text, isQuoted: true, owner: owner, due: owner.map { _ in "by Friday" },
                citation: .init(utterance: utterance, start: nil, speaker: "Ada"))
        }
        document.items = [
            item(.decision, "We ship on Friday.", 1), item(.action, "I write to them.", 2, "Ada Okafor"),
            item(.action, "And I call.", 2), item(.question, "Who pays?", 3),
        ]
        change(&document)
        return document
    }

    @Test func aMeetingIsAnEventAndItsActionItemsAreToDos() throws {
        let text = CalendarRenderer.render(try document())
        #expect(
            text.components(separatedBy: "\r\n") == [
                "BEGIN:VCALENDAR", "VERSION:2.0", "PRODID:-//minuted//minutes//EN", "CALSCALE:GREGORIAN",
                "BEGIN:VEVENT", "UID:weekly-1@minuted", "DTSTAMP:20240501T103140Z",
                "DTSTART:20240501T100000Z", "DTEND:20240501T103000Z",
                #"SUMMARY:Budget\; plan\, \\ Größe\nand all"#,
                #"DESCRIPTION:Decided\n– We ship on Friday."#, "END:VEVENT",
                "BEGIN:VTODO", "UID:weekly-1-2@minuted", "DTSTAMP:20240501T103140Z",
                "SUMMARY:Ada Okafor: I write to them. (by Friday)",
                #"DESCRIPTION:Budget\; plan\, \\ Größe\nand all"#, "STATUS:NEEDS-ACTION",
                "RELATED-TO:weekly-1@minuted", "END:VTODO",
                "BEGIN:VTODO", "UID:weekly-1-2-1@minuted", "DTSTAMP:20240501T103140Z",
                "SUMMARY:And I call.", #"DESCRIPTION:Budget\; plan\, \\ Größe\nand all"#,
                "STATUS:NEEDS-ACTION", "RELATED-TO:weekly-1@minuted", "END:VTODO",
                "END:VCALENDAR", "",
            ])
    }

    @Test func withoutATimeThereIsNoEvent() throws {
        let text = CalendarRenderer.render(
            try document {
                $0.startedAt = nil
                $0.items = []
            })
        #expect(!text.contains("VEVENT") && text.hasSuffix("END:VCALENDAR\r\n"))
        let backwards = CalendarRenderer.render(try document { $0.endedAt = $0.startedAt })
        #expect(!backwards.contains("DTEND"))
    }

    /// Whatever was said: no line is too long, none begins a property of its own, and all can be read back.
    @Test func anyTextIsAValue() throws {
        var random = SeededGenerator(seed: 3)
        let letters = Array("aß€😀,;:\\\n\r\t\"\u{0}\u{202E}é日 BEGIN:VTODO").map { String($0) }
        for _ in 0..<300 {
            let text = (0..<Int.random(in: 0...200, using: &random)).map { _ in
                letters.randomElement(using: &random) ?? ""
            }.joined()
            let rendered = CalendarRenderer.render(
                try document {
                    $0.title = text
                    $0.items = []
                })
            let lines = rendered.utf8.split(separator: 10, omittingEmptySubsequences: false)
            for line in lines.dropLast() {
                #expect(line.last == 13 && line.count <= 76)
                #expect(String(validating: line, as: UTF8.self) != nil)
            }
            let unfolded = rendered.replacing("\r\n ", with: "").components(separatedBy: "\r\n")
            #expect(unfolded.filter { $0.hasPrefix("BEGIN:") }.count == 2)
            let summary = try #require(unfolded.first { $0.hasPrefix("SUMMARY:") }).dropFirst(8)
            #expect(Self.unescaped(summary) == VisibleText.lines(text))
        }
    }

    private static func unescaped(_ text: Substring) -> String {
        var result = ""
        var isEscaped = false
        for scalar in text.unicodeScalars {
            if isEscaped {
                result.unicodeScalars.append(scalar == "n" ? "\n" : scalar)
                isEscaped = false
            } else if scalar == "\\" {
                isEscaped = true
            } else {
                result.unicodeScalars.append(scalar)
            }
        }
        return result
    }
}
