import Foundation
import TestSupport
import Testing
import Transcript

/// What `minutectl check` says of a file.
@Suite(.enabled(if: Program.areBuilt, Program.absence))
struct CheckTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func check(_ text: String, _ name: String, _ options: [String] = []) async throws -> Outcome {
        try await Program.minutectl.run(["check", try scratch.write(text, to: name)] + options, in: scratch)
    }

    private static let harbour = """
        Harbour wall
        Date: 12 May 2026
        Attendees: Ada Holm, Ben Ross

        [00:00:05] Ada Holm: We begin with the harbour wall and the permit.
        [00:00:12] Ben Ross: The permit came on Monday, so we can start.
        [00:01:20] Ada Holm: Then you order the crane today.
        [00:01:31] Ben Ross: I do.
        """

    @Test func everyFactHasALine() async throws {
        let outcome = try await check(Self.harbour, "harbour.txt")
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        #expect(
            outcome.output == """
                format:    plainText
                encoding:  UTF-8
                language:  en
                turns:     4
                speakers:  Ada Holm (2), Ben Ross (2)
                times:     0:00:05 to 0:01:31
                skipped:   27% of the text
                           2 × header line skipped (first in line 2)
                           27% of the text was passed over; check how the file was read
                begins:    Ada Holm: We begin with the harbour wall and the permit.
                           Ben Ross: The permit came on Monday, so we can start.
                           Ada Holm: Then you order the crane today.

                """)
    }

    @Test func whatIsUnknownIsSaid() async throws {
        let outcome = try await check("14 15 16\n\n17 18 19\n", "short.txt")
        #expect(outcome.status == 0)
        for line in [
            "language:  not recognised", "speakers:  none", "           2 without a speaker",
            "times:     none to none", "skipped:   0% of the text", "begins:    -: 14 15 16",
        ] {
            #expect(outcome.output.split(separator: "\n").contains(Substring(line)), "\(outcome.output)")
        }
    }

    @Test func guessesAreSaid() async throws {
        let bytes = "Адам: Мы начинаем с крыши.\nБорис: Разрешение пришло в понедельник.\n".unicodeScalars.map
        {
            // Windows-1251 has Russian letters where Unicode has them, 0x350 higher.
            $0.value < 0x80 ? UInt8($0.value) : UInt8($0.value - 0x350)
        }
        let path = try scratch.write("", to: "roof.txt")
        try Data(bytes).write(to: URL(filePath: path))
        let outcome = try await Program.minutectl.run(["check", path], in: scratch)
        #expect(outcome.status == 0 && outcome.output.contains("encoding:  windows-1251"))
        #expect(outcome.output.contains("Адам: Мы начинаем с крыши."), "\(outcome.output)")
    }

    @Test func asJSONItIsWhatTheMinutesHave() async throws {
        let outcome = try await check(Self.harbour, "harbour.txt", ["--json"])
        #expect(outcome.status == 0 && outcome.errors.isEmpty)
        let facts = try JSONDecoder().decode(TranscriptFacts.self, from: Data(outcome.output.utf8))
        let read = try TranscriptReader.readWithFacts(Array(Self.harbour.utf8), name: "harbour.txt").facts
        #expect(
            facts == read && facts.firstTime == 5 && facts.speakers.map(\.name) == ["Ada Holm", "Ben Ross"])
    }

    @Test func hintsBesideAreBelieved() async throws {
        _ = try scratch.write(
            #"{"participants": ["the chair of it"], "language": "nl"}"#, to: "m.txt.meta.json")
        let outcome = try await check("the chair of it: Hi.\nAda: Yes.\n", "m.txt")
        #expect(outcome.output.contains("language:  nl") && outcome.output.contains("the chair of it (1)"))
    }

    /// Whatever cannot be read ends with 65, and says why and what to do.
    @Test(arguments: [
        ("", "empty.txt", "empty.txt is empty; accepted are WebVTT"),
        ("name,price,colour\nroof,5,red\nstairs,6,blue\n", "prices.csv", "looks like a table"),
        (#"{"temperature": 21}"#, "weather.json", "JSON of a shape that is not known"),
        (#"{"text": "cut o"#, "cut.json", "looks like JSON but is not"),
        ("key: 1\nother: true\nlist: [1]\nmore: /a/b\n", "settings.yaml", "rename it to .txt"),
        ("no cues\n", "talk.srt", "has no line with times"),
    ])
    func refusals(text: String, name: String, reason: String) async throws {
        for options in [[], ["--json"]] {
            let outcome = try await check(text, name, options)
            #expect(outcome.status == 65 && outcome.output.isEmpty)
            #expect(
                outcome.errors.contains(reason) && outcome.errors.hasPrefix("minutectl: "),
                "\(outcome.errors)")
        }
    }

    @Test(arguments: [
        (#"{"format": "nothing"}"#, "\"format\" must be one of"), ("[]", "is no JSON object with hints"),
        (#"{"encoding": "klingon"}"#, "no such encoding is known"),
        (String(repeating: " ", count: TranscriptHints.byteLimit + 1), "at most 65536 are taken"),
    ])
    func wrongHintsAreRefused(hints: String, reason: String) async throws {
        _ = try scratch.write(hints, to: "m.meta.json")
        let outcome = try await check("Ada: Hi.\n", "m.txt")
        #expect(outcome.status == 65 && outcome.output.isEmpty)
        #expect(
            outcome.errors.contains("m.") && outcome.errors.contains(reason), "\(outcome.errors)")
    }

    @Test func aFileThatIsNotThereIsNamed() async throws {
        let outcome = try await Program.minutectl.run(["check", scratch.path + "/none.vtt"], in: scratch)
        #expect(outcome.status == 74 && outcome.output.isEmpty)
        #expect(outcome.errors.contains("none.vtt: cannot be read"))
    }

    @Test func withoutAFileItSaysWhatIsMissing() async throws {
        let outcome = try await Program.minutectl.run(["check"], in: scratch)
        #expect(outcome.status == 64 && outcome.errors.contains("<file>"))
    }

    /// A name that would clear the screen or fake a line.
    @Test func controlCharactersDoNotReachTheTerminal() async throws {
        let outcome = try await check("Ada\u{1B}[2J: Hi.\nBen: Yes.\n", "m.txt")
        #expect(!outcome.output.contains("\u{1B}") && !outcome.errors.contains("\u{1B}"))
    }
}
