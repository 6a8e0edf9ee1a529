import Foundation
import Language
import Testing

@testable import Transcript

/// Captions of other formats, tables, and what a hint decides.
@Suite("Other formats, and hints") struct OtherFormatTests {
    private func lines(_ text: String, _ name: String, _ hints: TranscriptHints = TranscriptHints()) throws
        -> [String]
    {
        spelledWithTimes(try TranscriptReader.read(Array(text.utf8), name: name, hints: hints).utterances)
    }

    @Test(arguments: [
        "speaker,start,text\nAda,0:05,\"Hi, all.\"\nBen,0:09,Yes.\n",
        "Speaker\tTime\tText\nAda\t0:05\tHi, all.\nBen\t0:09\tYes.\n",
        "Sprecher;Beginn;Text\nAda;5;Hi, all.\nBen;9;Yes.\n",
        "| Speaker | Time | Text |\n|---|:--:|---|\n| Ada | 0:05 | Hi, all. |\n| Ben | 0:09 | Yes. |\n",
        "id,name,timestamp,transcript\n1,Ada,00:00:05.000,\"Hi, all.\"\n2,Ben,00:00:09.000,Yes.\n",
        "说话人,时间,内容\nAda,0:05,\"Hi, all.\"\nBen,0:09,Yes.\n",
    ])
    func tables(text: String) throws {
        for name in ["m.csv", "m.txt", "m.md"] {
            #expect(try lines(text, name) == ["5-? Ada: Hi, all.", "9-? Ben: Yes."])
        }
    }

    /// Commas and quotation marks that nobody escaped lose no words.
    @Test func carelessTablesLoseNothing() throws {
        #expect(
            try lines("speaker,time,text\nAda,0:12,Yes, we close the roof\n", "m.csv") == [
                "12-? Ada: Yes, we close the roof"
            ])
        let tabs = "start\tend\ttext\n0\t900\t\"Well, I said\n900\t1800\tand then he left\n"
        #expect(try TranscriptReader.read(Array(tabs.utf8), name: "m.tsv").utterances.count == 2)
    }

    /// A line of an utterance without words is no sign of a recogniser that sends such messages.
    @Test func emptyLinesOfJSONLoseNothing() throws {
        let text = #"""
            {"text": ""}
            {"speaker": "Ada", "text": "We close the roof."}
            {"speaker": "Ben", "text": "Yes.", "partial": ""}
            """#
        #expect(
            try TranscriptReader.read(Array(text.utf8), name: "m.jsonl").utterances.map(\.text) == [
                "We close the roof.", "Yes.",
            ])
    }

    @Test func linksAreReadOut() throws {
        let text = """
            Ada: Where is the plan?
            Ben: I will send it.

            You will find it at https://harbour.example/plan, please read it before Friday.
            """
        let read = try TranscriptReader.read(Array(text.utf8), name: "m.txt")
        #expect(read.utterances.map(\.text).joined(separator: " ").contains("read it before Friday"))
    }

    /// What grows with the square of a file's size would stop the intake.
    @Test(.timeLimit(.minutes(1))) func hostileFilesCostLittle() {
        let objects = String(repeating: "{}", count: 200_000)
        let names = "{" + (0..<60_000).map { "\"a\($0)\":1" }.joined(separator: ",") + "}"
        for text in [objects, names] {
            #expect(throws: TranscriptError.self) {
                try TranscriptReader.read(Array(text.utf8), name: "m.json")
            }
        }
        let times = String(repeating: "[0:01]", count: 20_000) + String(repeating: "so ", count: 20_000)
        let read = try? TranscriptReader.read(Array(times.utf8), name: "m.lrc")
        #expect((read?.utterances.count ?? 0) <= 50)
    }

    @Test func tablesOfOtherThingsAreRefused() {
        for text in ["name,price\nroof,5\nstairs,6\n", "text\nhello\n", "speaker,start,text\n"] {
            #expect(throws: TranscriptError.self) { try read(text, "m.csv") }
        }
    }

    @Test func xmlThatIsNoCaptionIsRefused() {
        for text in [
            "<?xml version=\"1.0\"?><note><to>Ada</to></note>",
            "<tt xmlns=\"http://www.w3.org/ns/ttml\"><body><div><p begin=\"1s\">",
            "<!DOCTYPE tt [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;\">]><tt ><body><p begin=\"1s\">&b;</p></body></tt>",
        ] {
            #expect(throws: TranscriptError.self) { try read(text, "m.ttml") }
        }
    }

    @Test(arguments: [
        ("begin=\"1.5s\" end=\"3s\"", "1.5-3"), ("begin=\"00:00:01:15\" end=\"00:00:03\"", "1-3"),
        ("begin=\"1500ms\" dur=\"1.5s\"", "1.5-3"),
        ("begin=\"45f\" end=\"90f\"", "1.5-3"),
    ])
    func timesOfTTML(attributes: String, times: String) throws {
        let text =
            "<tt xmlns=\"http://www.w3.org/ns/ttml\"><body><div><p \(attributes)>Hi.</p></div></body></tt>"
        #expect(try lines(text, "m.dfxp") == ["\(times) -: Hi."])
    }

    @Test func hintsDecide() throws {
        var hints = TranscriptHints()
        hints.timeBase = .clock
        #expect(
            try lines("[11:03] Ada: Hi.\n[11:05] Ben: Yes.\n", "m.txt", hints) == [
                "0-? Ada: Hi.", "120-? Ben: Yes.",
            ])
        hints.timeBase = .offset
        #expect(try lines("[11:03:00] Ada: Hi.\n", "m.txt", hints) == ["39780-? Ada: Hi."])
        hints = TranscriptHints()
        hints.participants = ["the chair of it"]
        #expect(
            try lines("the chair of it: Hi.\nwe say: no.\n", "m.txt", hints) == [
                "?-? the chair of it: Hi. we say: no."
            ])
        hints = TranscriptHints()
        (hints.encoding, hints.title, hints.language) = ("windows-1251", "Roof", "ru")
        let file = try TranscriptReader.read(
            [0xC0, 0x3A, 0x20, 0xC4, 0xE0, 0x2E], name: "m.txt", hints: hints)
        #expect(
            spelled(file.utterances) == ["А: Да."] && file.title == "Roof"
                && file.utterances[0].language?.rawValue == "ru")
    }

    @Test func wrongHintsAreRefused() throws {
        for text in [
            "[]", "{\"format\": \"word\"}", "{\"language\": \"zz9\"}", "{\"timeBase\": \"x\"}",
            "{\"participants\": 1}",
        ] {
            #expect(throws: TranscriptError.self) {
                try TranscriptHints(parsing: Array(text.utf8), name: "m.meta.json")
            }
        }
        let names = TranscriptHints.names(for: "a.0001.vtt")
        #expect(names.filter { $0 == $0.lowercased() } == ["a.0001.vtt.meta.json", "a.0001.meta.json"])
        var hints = TranscriptHints()
        hints.encoding = "no such"
        #expect(throws: TranscriptError.self) {
            try TranscriptReader.read([0x41], name: "m.txt", hints: hints)
        }
    }

    @Test func aGreetingNamesParticipantsAndLanguage() throws {
        var decoder = LineDecoder()
        _ = try decoder.decode(
            #"{"meeting":"m","language":"de","participants":["jan de vries"],"format":"text"}"#)
        guard case .utterance(let said)? = try decoder.decode("jan de vries: Ja.").first else {
            Issue.record("nothing was said")
            return
        }
        #expect(said.speaker == "jan de vries" && said.language?.rawValue == "de")
        #expect(throws: TranscriptError.self) { try SocketGreeting(parsing: #"{"language":"zz9"}"#) }
    }

    @Test func factsSayHowAFileWasRead() throws {
        let text =
            "Agenda: roof\nDate: today\n\nAda: We begin with the roof and the permit.\nBen: Yes, we do.\nAda: Good.\nBen: So.\n"
        let (file, facts) = try TranscriptReader.readWithFacts(Array(text.utf8), name: "m.txt")
        #expect(
            facts.format == "plainText" && facts.encoding == "UTF-8" && facts.language == .english
                && facts.utterances == 4)
        #expect(
            facts.speakers.map { "\($0.name) \($0.turns)" } == ["Ada 2", "Ben 2"] && facts.opening.count == 3)
        #expect(facts.skippedPercent > 10 && file.notes.contains { $0.kind == .skippedShare })
        #expect(try JSONDecoder().decode(TranscriptFacts.self, from: JSONEncoder().encode(facts)) == facts)
    }
}

/// Word documents, and archives that only look like them.
@Suite("Word documents") struct WordDocumentTests {
    private func fixture(_ name: String) throws -> [UInt8] {
        try #require(Fixture.all.first { $0.file == name }).bytes()
    }

    @Test func headingsAreTitles() throws {
        let file = try TranscriptReader.read(try fixture("meet.docx"), name: "m.docx")
        #expect(file.title == "Pier works" && file.utterances.count == 3)
        #expect(try TranscriptReader.read(try fixture("teams.docx"), name: "m.docx").title == "Stand-up")
    }

    /// The directory promises sizes that the content does not keep, or that nobody needs.
    @Test func bombsAndDamageAreRefused() throws {
        let whole = try fixture("teams.docx")
        let entry = try #require(lastEntry(whole))
        for size in [0, 1, 0xFFFF_FFFF, (64 << 20) + 1] as [UInt32] {
            var bytes = whole
            for index in 0..<4 {
                bytes[entry - 46 + 24 + index] = UInt8(truncatingIfNeeded: size >> (8 * UInt32(index)))
            }
            #expect(throws: TranscriptError.self) { try TranscriptReader.read(bytes, name: "m.docx") }
        }
        for length in stride(from: 0, to: whole.count, by: 7) {
            #expect(throws: TranscriptError.self) {
                try TranscriptReader.read(Array(whole[..<length]), name: "m.docx")
            }
        }
        #expect(throws: TranscriptError.self) {
            try TranscriptReader.read(Array("PK\u{3}\u{4}nothing".utf8), name: "m.docx")
        }
    }

    /// Where the name of the document's entry in the directory begins: its last mention.
    private func lastEntry(_ bytes: [UInt8]) -> Int? {
        let name = Array("word/document.xml".utf8)
        return (0..<(bytes.count - name.count)).last { Array(bytes[$0..<($0 + name.count)]) == name }
    }
}
