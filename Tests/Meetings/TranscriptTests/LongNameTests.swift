import Testing

@testable import Transcript

/// Names and titles are as long as names and titles are, whoever gives them.
@Suite("Long names")
struct LongNameTests {
    private static let long = String(repeating: "Very Long Name ", count: 180)

    private static func lines(_ name: String) -> [(file: String, text: String)] {
        [
            ("a.jsonl", #"{"speaker":"\#(name)","text":"Good morning."}"#),
            ("a.vtt", "WEBVTT\n\n00:00:01.000 --> 00:00:02.000\n<v \(name.prefix(380))>Good morning.\n"),
            ("a.json", #"{"segments":[{"start":0,"end":1,"text":"Good morning.","speaker":"\#(name)"}]}"#),
            (
                "b.jsonl",
                #"{"event":"SPEECH","timestamp":1,"participant":{"name":"\#(name)"},"transcript":[{"text":"Good "#
                    + #"morning."}]}"#
            ),
            (
                "c.jsonl",
                #"{"id":"1","text":"Good morning.","final":true,"start_time":1,"participant_identity":"\#(name)"}"#
            ),
            (
                "d.json",
                #"{"audio_url":"x","utterances":[{"text":"Good morning.","speaker":"\#(name)","start":1,"end":2}]}"#
            ),
        ]
    }

    @Test func aLongNameIsShortenedInEveryFormat() throws {
        for (file, text) in Self.lines(Self.long) {
            let utterance = try #require(try read(text, file).utterances.first, "\(file)")
            #expect(utterance.text == "Good morning.")
            let speaker = try #require(utterance.speaker, "\(file)")
            #expect(speaker.hasPrefix("Very Long Name Very") && speaker.hasSuffix("…"), "\(file): \(speaker)")
            #expect(speaker.count <= 100 && isSound(utterance), "\(file): \(speaker)")
        }
    }

    @Test func soItIsOverTheSocket() throws {
        for (file, text) in Self.lines(Self.long) where file.hasSuffix("jsonl") {
            var decoder = LineDecoder()
            for event in try decoder.decode(text) + decoder.finish() {
                guard case .utterance(let utterance) = event else { continue }
                #expect(isSound(utterance) && utterance.speaker?.hasSuffix("…") == true, "\(file)")
                #expect((utterance.id?.utf8.count ?? 0) <= 500)
            }
        }
    }

    @Test func aCharacterOfManyBytesIsNotCut() throws {
        let name = String(repeating: "👩‍👩‍👧‍👦", count: 99)
        let speaker = try #require(SpeakerName.bounded(name))
        #expect(speaker.utf8.count <= 200 && speaker.dropLast().allSatisfy { $0 == "👩‍👩‍👧‍👦" })
        #expect(SpeakerName.bounded("a" + String(repeating: "\u{301}", count: 500)) == "…")
    }

    @Test func namesKeepTheirForm() {
        for name in ["Jane Doe", "Åse", "The Chair (Hon. Anthony Rota (Nipissing—Timiskaming, Lib.))", "x"] {
            #expect(SpeakerName.bounded(name) == name)
        }
        #expect(SpeakerName.bounded(" Jane\r\n\u{7}Doe ") == "Jane Doe")
        #expect(SpeakerName.bounded(" \n\u{0}") == nil && SpeakerName.bounded("") == nil)
        var utterance = Utterance(speaker: "a\nb", text: "x", source: SourcePosition(name: "x", line: 1))
        #expect(utterance.speaker == "a b")
        utterance.speaker = Self.long
        #expect(utterance.speaker?.count ?? 0 <= 100)
    }

    /// What stands before a colon in a text is said, unless it can be a name.
    @Test func wordsAreNotTakenForALongName() throws {
        let line = "\(Self.long.dropLast()): and so on."
        let file = try read("Ada: Good morning.\n\n\(line)\n", "a.txt")
        #expect(file.utterances.map(\.text).joined(separator: " ").contains(line))
    }

    @Test func aLongTitleIsShortened() throws {
        let title = #"{"title":"\#(Self.long)","text":"Good morning."}"#
        #expect(try #require(try read(title, "a.jsonl").title).count <= 200)
        #expect(try #require(try SocketGreeting(parsing: title).title).count <= 200)
        let jitsi =
            #"{"room_name":"\#(Self.long)","events":[{"event":"SPEECH","timestamp":1,"transcript":[{"text":"Yes."}]}]}"#
        #expect(try #require(try read(jitsi, "a.json").title).count <= 200)
    }
}
