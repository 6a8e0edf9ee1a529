import Testing

@testable import Language

@Suite struct NoteTests {
    /// A note of each kind, as the code makes them.
    static let samples: [Note] = Note.Kind.allCases.map { kind in
        switch kind {
        case .written: Note(.written, .text("XX"))
        case .ofSource: Note(Note(.cueWithoutText), of: "XX.vtt")
        case .ofLine: Note(.ofLine, .text("XX"), .text("7007"), .note(Note(.lineWithoutText)))
        case .counted: Note(.counted, .number(3), .note(Note(.cueRepeated)), .text("7007"))
        case .blockSkipped, .fileWithoutWords, .timesOfDay, .chunksMissingAtEnd, .diedOnce, .programError:
            Note(kind, .text("XX"))
        case .linesGrown, .correctionsLate, .diedOften, .skippedShare, .chatWritten: Note(kind, .number(3))
        case .linesRepeated: Note(kind, .number(3), .number(5))
        case .lineRepeated: Note(kind, .number(3), .text("XX"))
        case .readAsWindows1252, .meetingIgnored, .contentKnown, .chunkLate, .chunksMissing, .nameTaken:
            Note(kind, .text("XX"), .text("YY"))
        case .readAsLegacy: Note(kind, .text("XX"), .text("YY"), .text("ZZ"))
        case .calendarUnreadable: Note(kind, .text("XX.ics"), .note(Note(.calendarWithoutEvent)))
        case .calendarTooLarge: Note(kind, .number(3))
        case .calendarCancelled, .calendarRuleSkipped, .calendarOtherDay: Note(kind, .text("XX.ics"))
        case .calendarZoneUnknown: Note(kind, .text("XX.ics"), .text("YY"))
        case .wholeFailed: Note(kind, .note(Note(.endedNow)))
        case .workStopped: Note(kind, .note(Note(.diedOften, .number(3))), .text("YY"))
        default: Note(kind)
        }
    }

    /// What of a note does not change with the language: names, numbers.
    private static func constants(_ note: Note) -> [String] {
        note.arguments.flatMap { argument in
            switch argument {
            case .text(let text): [text]
            case .number(let number): ["\(number)"]
            case .note(let note): constants(note)
            }
        }
    }

    @Test(arguments: LanguageCode.firstClass)
    func everyNoteIsSaidInEveryLanguage(language: LanguageCode) {
        for note in Self.samples {
            let (text, english) = (note.text(in: language), note.description)
            #expect(!text.isEmpty && !text.contains("{"), "\(note.kind): \(text)")
            for constant in Self.constants(note) { #expect(text.contains(constant), "\(note.kind): \(text)") }
            guard language != .english, note.kind != .written else { continue }
            #expect(text != english, "\(note.kind): \(text)")
            // No word of a sentence inside another one stayed English either.
            let words = Set(english.split { !$0.isLetter }.filter { $0.count > 4 }.map { $0.lowercased() })
            let kept = text.split { !$0.isLetter }.map { $0.lowercased() }.filter(words.contains)
            let shared: Set = [
                // Of commands and names, and words that languages share.
                "minutectl", "resume", "webvtt", "latin", "windows", "block", "signal", "message",
                "corrections",
                "model", "context", "program", "later", "person", "icalendar", "dates",
            ]
            #expect(Set(kept).subtracting(shared).isEmpty, "\(note.kind): \(kept) in \(text)")
        }
    }

    @Test func noteComesBackFromTheLedgerAsItWas() {
        for note in Self.samples {
            let stored = note.stored
            #expect(Note(stored: stored) == note, "\(stored)")
            guard note.kind != .written else { continue }
            #expect(stored.hasPrefix(Note.storedBeginning(note.kind)), "\(stored)")
        }
        #expect(Note(.chunkLate, .text("2"), .text("3")).stored == #"{"kind":"chunkLate","with":["2","3"]}"#)
    }

    @Test(arguments: [
        "Chunk 2 did not arrive before chunk 3 was taken.", "{x}.vtt: 2 × cue without text (first in line 7)",
        #"{"kind":"of a later version"}"#, "",
    ])
    func sentencesOfOlderLedgersStayAsTheyAre(_ sentence: String) {
        let note = Note(stored: sentence)
        #expect(note.kind == .written && note.stored == sentence)
        #expect(note.text(in: .japanese) == sentence && note.description == sentence)
    }

    @Test func languageWithoutLabelsGetsEnglish() {
        let note = Note(.fileWithoutWords, .text("a.vtt"))
        #expect(note.text(in: LanguageCode(rawValue: "sw")) == "a.vtt holds no words.")
        #expect(note.text(in: .german) == "a.vtt enthält keine Wörter.")
    }
}
