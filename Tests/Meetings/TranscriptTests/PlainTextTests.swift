import Language
import Testing

@testable import Transcript

@Suite struct PlainTextTests {
    @Test func namesAndTimesInAllTheirPlaces() throws {
        let file = try read(Samples.plainColon, "notes.txt")
        #expect(file.format == .plainText && file.title == "Weekly standup")
        #expect(
            spelled(file.utterances) == [
                "-: Date: 2024-05-01", "Jane Doe: Good morning. This line goes on with it.",
                "Bob: The server is down.", "Carla de la Cruz: Since when?", "Bob: Since seven.",
                "Carla de la Cruz: See http://status.example.com: all red. Note: nobody was told.",
            ])
        #expect(file.utterances.map(\.start) == [nil, nil, 62, 70, 75, 80])
        #expect(file.utterances[2].source.line == 6)
    }

    @Test func namesAboveTheirTextOwnTheParagraphs() throws {
        let file = try read(Samples.otter, "otter.txt")
        #expect(
            spelled(file.utterances) == [
                "Jane Doe: Welcome to the review. We have three topics.",
                "Jane Doe: Let us begin with the first.", "Bob: The numbers are good.",
                "Jane Doe: Then we are done.",
            ])
        #expect(file.utterances.map(\.start) == [0, nil, 725, 3723])
    }

    @Test func spelledOutTimesOfTeams() throws {
        let file = try read("Jane Doe 1 hour 2 minutes 3 seconds\nHello.\n\nBob 5 seconds\nHi.", "t.txt")
        #expect(spelled(file.utterances) == ["Jane Doe: Hello.", "Bob: Hi."])
        #expect(file.utterances.map(\.start) == [3723, 5])
    }

    @Test func textWithoutSpeakersKeepsEveryLine() throws {
        let file = try read("So we met.\nAnd we talked.\n\nThen we left.\n", "speech.txt")
        #expect(file.utterances.map(\.text) == ["So we met.", "And we talked.", "Then we left."])
        #expect(file.utterances.allSatisfy { $0.speaker == nil } && file.title == nil)
    }

    @Test func aBareShortTimeIsOneOnlyWhereTheTranscriptUsesThem() throws {
        let clocked = try read("0:12 Jane: Hello.\n0:15 Bob: Hi.\n1:02 Jane: Bye.\n", "a.txt")
        #expect(clocked.utterances.map(\.start) == [12, 15, 62])
        let spoken = try read("Jane: Hello.\n10:30 Meeting: we should move it.\nBob: Hi.\nBob: x\n", "b.txt")
        #expect(spelled(spoken.utterances)[0] == "Jane: Hello. 10:30 Meeting: we should move it.")
    }

    @Test func timesOfDayCountFromTheFirst() throws {
        let file = try read("17:32:36 Hello.\n17:33:00 Bye.\n", "zoom.txt")
        #expect(file.utterances.map(\.start) == [0, 24])
        #expect(file.notes.contains { "\($0)".contains("17:32") })
        let night = try read("[23:59:50] A: Late.\n[00:00:10] B: Early.\n", "night.txt")
        #expect(night.utterances.map(\.start) == [0, 20])
    }

    @Test func whisperLinesGiveBothTimes() throws {
        let file = try read("[00:00:01.500 --> 00:00:04.000]  Hello there.\n", "w.txt")
        #expect(file.utterances.map(\.start) == [1.5] && file.utterances.map(\.end) == [4])
        #expect(file.utterances.map(\.text) == ["Hello there."])
    }

    @Test(arguments: [
        "Jane", "anna", "Speaker 1", "speaker 2", "SPEAKER_00", "Dr. Smith", "J. R. Doe", "Jane Doe (Guest)",
        "Hon. Andrew Scheer (Leader of the Opposition)", "The Chair (Hon. Anthony Rota (Nipissing, Lib.))",
        "Ludwig van Beethoven", "O'Brien", "Jean-Luc", "Mr. Chris d'Entremont", "Doe, Jane", "李雷",
        "Анна Каренина", "Q", "So Young",
        "Project Manager", "José", "Jose\u{301}",
    ])
    func realNames(name: String) {
        #expect(SpokenLine("\(name): hello", rules: .cueText).speaker == name)
    }

    @Test(arguments: [
        "Note", "http", "10:30 Meeting", "And then he said", "Well, Jane", "I think", "Action items", "So",
        "The point is", "What do you think?", "Agenda", "one two three four five", "3rd floor", "-",
        "He came. She", "Anna, Bob, Carl", "A Very Long Name That Goes On And On", "",
    ])
    func otherWordsBeforeAColon(words: String) {
        let line = "\(words): hello"
        let spoken = SpokenLine(line, rules: .cueText)
        #expect(spoken.speaker == nil)
        #expect(spoken.text == line.collapsed)
    }

    @Test(arguments: [
        (">> JANE: hello", "JANE", "hello"), ("->> Bob: hi", "Bob", "hi"),
        ("**Jane:** hello", "Jane", "hello"),
        ("**Jane**: hello", "Jane", "hello"), ("Jane： 你好", "Jane", "你好"),
        ("Jane [00:01:02]: see 10:30", "Jane", "see 10:30"), ("[0:12] - Jane: hi", "Jane", "hi"),
    ])
    func otherSpellings(line: String, speaker: String, text: String) {
        let spoken = SpokenLine(line, rules: .timedText(shortClock: false))
        #expect(spoken.speaker == speaker && spoken.text == text)
    }

    @Test func everyWordIsKept() throws {
        // Words of a transcript are in its utterances, speakers, title, or counted.
        let file = try read(Samples.plainColon + "\nJane Doe:\n", "notes.txt")
        #expect(file.notes.contains { "\($0)".contains("without text") })
    }
}
