import Foundation
import Language
import Testing

@testable import Minutes

@Suite struct LabelsTests {
    private static func lines(_ language: LanguageCode) throws -> [String: String] {
        LanguageFile.lines(of: try #require(LanguageFile.labels(of: language)))
    }

    /// The arguments of a pattern, each with whether it is a number.
    private static func arguments(_ pattern: String) -> Set<String> {
        Set(pattern.matches(of: /\{([0-9])(,\s*plural)?/).map { "\($0.1)\($0.2 == nil ? "" : " number")" })
    }

    private static let keys = Set(
        Labels.Key.allCases.map(\.rawValue) + Labels.Pattern.allCases.map(\.rawValue)
            + Note.Kind.allCases.compactMap(\.label))

    @Test(arguments: LanguageCode.firstClass)
    func everyLanguageHasEveryLabelWithTheSameArguments(language: LanguageCode) throws {
        let (english, lines) = (try Self.lines(.english), try Self.lines(language))
        #expect(Set(lines.keys) == Self.keys)
        for (key, pattern) in lines {
            #expect(Self.arguments(pattern) == Self.arguments(english[key] ?? ""), "\(key) = \(pattern)")
            // They go into HTML around markup, and into Markdown.
            #expect(!pattern.contains { "<>&\"`*\\[]|".contains($0) }, "\(key) = \(pattern)")
            #expect(pattern != english[key] || language == .english || Self.isSign(key), "\(key)")
        }
        for key in Labels.Key.allCases { #expect(!Labels.of(language)[key].isEmpty, "\(key)") }
    }

    /// What may be the same in several languages, or is a word that they share.
    private static func isSign(_ key: String) -> Bool {
        [
            "direction", "quoteOpen", "quoteClose", "percent", "list", "labelled", "aside", "sentences",
            "timeRange",
            "timeSpan", "themeSystem", "part", "partTimed", "topics", "notes", "parts", "pause", "contents",
            "transcript", "stateOpen", "personLabel",
        ].contains(key)
    }

    @Test func labelsWithoutArgumentsHaveNone() throws {
        let notes = Set(Note.Kind.allCases.compactMap(\.label)).subtracting(
            Labels.Pattern.allCases.map(\.rawValue))
        for (key, pattern) in try Self.lines(.english) where !notes.contains(key) {
            #expect(Self.arguments(pattern).isEmpty == (Labels.Key(rawValue: key) != nil), "\(key)")
        }
    }

    @Test(arguments: [
        (LanguageCode.english, ["0 words", "1 word", "2 words", "5 words", "21 words"]),
        (.german, ["0 Wörter", "1 Wort", "2 Wörter", "5 Wörter", "21 Wörter"]),
        (.russian, ["0 слов", "1 слово", "2 слова", "5 слов", "21 слово"]),
        (.ukrainian, ["0 слів", "1 слово", "2 слова", "5 слів", "21 слово"]),
        (.polish, ["0 słów", "1 słowo", "2 słowa", "5 słów", "21 słów"]),
        (.arabic, ["لا كلمات", "كلمة واحدة", "كلمتان", "5 كلمات", "21 كلمة"]),
        (.japanese, ["0語", "1語", "2語", "5語", "21語"]),
    ])
    func countsAgreeWithTheirNouns(language: LanguageCode, shown: [String]) {
        #expect([0, 1, 2, 5, 21].map(Labels.of(language).words) == shown)
    }

    /// Every label with arguments shows every argument, in every language and for every kind of plural.
    @Test(arguments: LanguageCode.firstClass)
    func noPatternLosesWhatItIsFilledWith(language: LanguageCode) {
        let labels = Labels.of(language)
        for number in [3, 5, 11, 21, 100] {
            for text in [
                labels.words(number), labels.turns(number), labels.speakers(number), labels.turn(number),
                labels.part(number), labels.topic(number), labels.leftOut(number), labels.percent(number),
                labels.decidedCount(number), labels.noteWindowQuoted(number),
                labels.noteWindowFailed(number, "x"),
                labels.amount(words: number, turns: 7), labels.shareOfWords(40, words: number, turns: 7),
                labels.partTimed(number, "0:00:00"), labels.turnSpan(number, 700),
            ] {
                #expect(text.contains("\(number)") && !text.contains("{"), "\(text)")
            }
        }
        for text in [
            labels.list(["X", "Y", "Z"]), labels.labelled("X", "Y: Z"), labels.aside("X", ["Y", "Z"]),
            labels.sentences(["X", "Y", "Z"]), labels.timeRange("X", "Y Z"), labels.timeSpan("X", "Y Z"),
            labels.alsoSpoke(["X", "Y", "Z"]), labels.leftOutMissing(["X", "Y", "Z"]),
        ] {
            #expect("XYZ".allSatisfy(text.contains), "\(text)")
        }
        for text in [
            labels.titleMinutes("X"), labels.titleDecisions("X"), labels.titleMood("X"), labels.from("X"),
            labels.receivedBy("X"), labels.lengthLong("X"), labels.lengthSoFar("X"), labels.noSummary("X"),
            labels.quotedBy("X"), labels.sortedBy("X"), labels.quoted("X"),
        ] {
            #expect(text.contains("X") && text != "X", "\(text)")
        }
        #expect(labels.found(of: 3).contains(Labels.place) && labels.newTurns.contains(Labels.place))
    }

    /// They were joined by the comma of English in the headings of Arabic, Japanese and Chinese minutes.
    @Test func topicsAreListedAsTheLanguageDoes() {
        let topic = MinutesTopic(
            words: ["a", "b", "c"], firstWindow: 0, windowCount: 1, firstUtterance: 0, utteranceCount: 1)
        #expect(topic.title(Labels.of(.english)) == "A, b, c")
        #expect(topic.title(Labels.of(.arabic)) == "A، b، c")
        #expect(topic.title(Labels.of(.japanese)) == "A、b、c")
    }

    @Test func aLanguageWithoutAFileHasTheEnglishLabels() {
        let labels = Labels.of(LanguageCode(rawValue: "sw"))
        #expect(labels.language == .english && labels[.decided] == "Decided")
        #expect(Labels.of(.undetermined)[.decided] == "Decided")
    }

    @Test func aLineGoesOnBehindTwoBlanks() {
        let lines = LanguageFile.lines(
            of: "# c\na = «\u{A0}\n\nb = one\n  two = 2\n# d\nc = {0, plural, =0 {} other {x}}\n")
        #expect(lines == ["a": "«\u{A0}", "b": "one two = 2", "c": "{0, plural, =0 {} other {x}}"])
    }

    @Test func onlyScriptsFromRightToLeftAreSo() {
        #expect(LanguageCode.firstClass.filter { Labels.of($0)[.direction] == "rtl" } == [.arabic])
        #expect(LanguageCode.firstClass.allSatisfy { ["ltr", "rtl"].contains(Labels.of($0)[.direction]) })
    }
}
