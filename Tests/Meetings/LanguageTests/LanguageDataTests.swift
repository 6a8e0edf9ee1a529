import Foundation
import Language
import Testing

struct LanguageDataTests {
    @Test(arguments: LanguageCode.firstClass)
    func everyLanguageHasItsWords(_ language: LanguageCode) {
        let data = LanguageData.of(language)
        #expect(data.unknown.isEmpty, "\(data.unknown)")
        for section in [
            LanguageData.Section.function, .negation, .titles, .names, .days, .due, .decision, .action,
        ] {
            #expect(data.has(section), "\(section)")
        }
        for section in [LanguageData.Section.months, .weekdays, .numbers] {
            for entry in data.keyed(section) { #expect(Double(entry.key) != nil, "\(entry)") }
        }
    }

    @Test func languageWithoutFileHasNothing() {
        let data = LanguageData.of(LanguageCode(rawValue: "eo"))
        #expect(!data.has(.function) && data.entries(.names).isEmpty)
        #expect(TextReader.read("Ni komencas je 12", language: LanguageCode(rawValue: "eo")).wordCount == 4)
    }

    /// 64,000 words take at most 0.6 s of one core, also of a slow one that has other work.
    @Test(arguments: LanguageCode.firstClass)
    func readingIsCheap(_ language: LanguageCode) throws {
        let turns = try Fixture.of(language).turns.map(\.text)
        _ = TextReader.read(turns[0], language: language)
        let start = processorTime()
        var (words, round) = (0, 0)
        while words < 64_000 {
            for turn in turns { words += TextReader.read("\(turn) \(round)", language: language).wordCount }
            round += 1
        }
        #expect(processorTime() - start <= 0.6)
    }

    /// Of this thread, in seconds.
    private func processorTime() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) / 1e9
    }
}

struct PhraseBookTests {
    private func matches(_ text: String, _ language: LanguageCode) -> [PhraseMatch] {
        PhraseBook.of(language).matches(in: TextReader.read(text, language: language))
    }

    @Test(
        arguments: [
            (.english, "Fine. We agreed to go.", [.decision, .agreement]),
            (.english, "I'll send it.", [.action, .deed]), (.german, "Dann machen wir das so.", [.decision]),
            (.japanese, "では、決定です。明日送ります。", []),
        ] as [(LanguageCode, String, Set<LanguageData.Section>)])
    func phrasesOfASentence(_ language: LanguageCode, _ text: String, _ sections: Set<LanguageData.Section>) {
        #expect(Set(matches(text, language).map(\.section)).isSuperset(of: sections))
        #expect(matches("Boats.", language).isEmpty)
    }

    @Test(arguments: LanguageCode.firstClass)
    func everyPhraseIsFoundInItself(_ language: LanguageCode) {
        for section in [LanguageData.Section.decision, .action, .question, .transition] {
            for phrase in LanguageData.of(language).entries(section) {
                #expect(matches(phrase, language).contains { $0.section == section }, "\(phrase)")
            }
        }
    }

    @Test func aMatchSaysWhichWords() {
        let found = matches("Boats. We agreed to go.", .english).filter { $0.section == .decision }
        #expect(found.map(\.words) == [1..<3])
    }
}
