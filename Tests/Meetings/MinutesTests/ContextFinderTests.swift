import Language
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

/// What is shown with a quotation so that it can be understood alone.
struct ContextFinderTests {
    private typealias Line = (speaker: String, text: String)

    private static func readings(_ lines: [Line], _ language: LanguageCode) -> [UtteranceReading] {
        lines.enumerated().map { number, line in
            UtteranceReading(
                ReadUtterance(
                    Utterance(
                        speaker: line.speaker, text: line.text,
                        source: SourcePosition(name: "t", line: number + 1), language: language)))
        }
    }

    /// The quotation of a whole line of a window.
    private static func quoted(
        _ lines: [Line], _ number: Int, before: Line? = nil, _ language: LanguageCode = .english
    ) -> (text: String, before: String?, after: String?) {
        let readings = readings(lines, language)
        let finder = ContextFinder(
            readings, before: before.map { Self.readings([$0], language) } ?? [], first: 10)
        let found = finder.quotation(of: number, readings[number].sentences.indices)
        func spoken(_ turns: [Statement.Turn]) -> String? {
            let texts = turns.map {
                "\($0.citation.utterance) \(FallbackSummary.spoken($0.citation.speaker, $0.text))"
            }
            return texts.nonEmpty?.joined(separator: " | ")
        }
        return (readings[number].quotation(found.sentences), spoken(found.before), spoken(found.after))
    }

    @Test func anAnswerHasItsQuestion() {
        let lines: [Line] = [
            ("Ann", "I looked at the list again. How many boats are still without a mooring?"),
            ("Ben", "Um."), ("Cleo", "Nineteen. The harbour office promised us eight places by May."),
        ]
        let (text, before, after) = Self.quoted(lines, 2)
        #expect(text == "Nineteen. The harbour office promised us eight places by May.")
        #expect(before == "10 Ann: I looked at the list again. How many boats are still without a mooring?")
        #expect(after == nil)
    }

    @Test func whatPointsBackHasWhatItPointsTo() {
        let lines: [Line] = [
            ("Ann", "The crane on the north quay failed its inspection in March."),
            ("Ben", "It can be repaired for nine thousand euros."),
            ("Cleo", "The crane driver retires in June, and nobody has applied yet."),
        ]
        #expect(
            Self.quoted(lines, 1).before
                == "10 Ann: The crane on the north quay failed its inspection in March.")
        // What stands alone is shown alone.
        #expect(Self.quoted(lines, 0).before == nil && Self.quoted(lines, 2).before == nil)
        // It may have been said before the window.
        let later = Self.quoted([lines[1]], 0, before: lines[0])
        #expect(later.before == "9 Ann: The crane on the north quay failed its inspection in March.")
        let own: [Line] = [
            ("Ann", "The crane failed its inspection. It can be repaired for nine thousand euros.")
        ]
        let finder = ContextFinder(Self.readings(own, .english), before: [], first: 0)
        #expect(finder.situation(of: 0, 1..<2).map(\.text) == ["The crane failed its inspection."])
        #expect(finder.situation(of: 0, 0..<1).isEmpty)
    }

    /// A line of a list has the turns before it, until both together say enough.
    @Test func whatIsListedHasMoreBeforeIt() {
        let filler =
            "The harbour office has had seventeen letters about the noise of the old cranes this summer."
        let lines: [Line] = [
            ("Ann", [filler, filler, filler].joined(separator: " ")), ("Ben", filler),
            ("Cleo", "Who asks the coast guard about the buoys?"),
            ("Ben", "Okay."), ("Ann", "I'd like to know it by Friday. Yes."),
            ("Ben", "Well, I'll call them tomorrow."),
        ]
        let finder = ContextFinder(Self.readings(lines, .english), before: [], first: 0)
        let turns = finder.situation(of: 5, 0..<1)
        // Long talk is cut where enough is known; what says nothing is left out.
        #expect(turns.map(\.citation.utterance) == [0, 1, 2, 4])
        #expect(
            turns.map(\.text) == [
                filler + " " + filler, filler, lines[2].1, "I'd like to know it by Friday.",
            ])
    }

    @Test func whatIsTakenBackSaysSo() {
        let lines: [Line] = [
            ("Ann", "The regatta starts on the third of June at nine."), ("Ben", "Okay."),
            ("Ann", "Sorry, I meant the regatta starts on the tenth of June."),
            ("Ben", "We should paint all the buoys red this winter."),
            ("Cleo", "No, the coast guard asked for yellow buoys."),
        ]
        #expect(
            Self.quoted(lines, 0).after == "12 Ann: Sorry, I meant the regatta starts on the tenth of June.")
        #expect(Self.quoted(lines, 3).after == "14 Cleo: No, the coast guard asked for yellow buoys.")
        #expect(Self.quoted(lines, 4).after == nil)
    }

    @Test func whatItPointsBackToStandsAlone() {
        let lines: [Line] = [
            ("Ann", "Elias from the sailing school has not paid for his mooring since March."),
            ("Ben", "He could pay it in three parts."), ("Cleo", "Then he signs that by Friday."),
        ]
        #expect(
            Self.quoted(lines, 2).before
                == "10 Ann: Elias from the sailing school has not paid for his mooring since March."
                + " | 11 Ben: He could pay it in three parts.")
        // A sentence that says little but a date is part of what was said before.
        let date = Self.quoted([lines[0], ("Ben", "By the thirteenth of May at six.")], 1)
        #expect(
            date.before == "10 Ann: Elias from the sailing school has not paid for his mooring since March.")
    }

    @Test func theOtherSideIsShown() {
        let lines: [Line] = [
            ("Ann", "We take the lotus dish off the menu on Monday."),
            ("Ben", "But the regulars at the big table order it every week."),
            ("Ann", "Fine, we keep the lotus dish until summer."),
        ]
        #expect(
            Self.quoted(lines, 0).after
                == "11 Ben: The regulars at the big table order it every week."
                + " | 12 Ann: We keep the lotus dish until summer.")
        let own: Line = (
            "Ann",
            "The openings on the street side are too narrow. Not all of them, seven of the twelve. And then the"
        )
        #expect(
            Self.quoted([own], 0).text
                == "The openings on the street side are too narrow. Not all of them, seven of the twelve.")
    }

    @Test func aQuestionHasItsAnswer() {
        let lines: [Line] = [
            ("Ann", "What if we move the launch of the new ferry to the twelfth?"),
            ("Ben", "The twelfth works if the hull is dry."), ("Cleo", "The café opens at ten as always."),
        ]
        #expect(Self.quoted(lines, 0).after == "11 Ben: The twelfth works if the hull is dry.")
        #expect(Self.quoted(lines, 2).after == nil)
    }

    @Test func whatSaysNothingIsLeftOut() {
        let line: Line = ("Ann", "Okay. Right. The new ferry is called Saltmere. Anything else?")
        #expect(Self.quoted([line], 0).text == "The new ferry is called Saltmere.")
        #expect(Self.quoted([("Ann", "Okay.")], 0).text == "Okay.")
    }

    @Test(arguments: [
        (
            LanguageCode.german, "Der Kran ist durch die Prüfung gefallen.",
            "Er kann für neuntausend Euro repariert werden."
        ),
        (
            .french, "La grue n'a pas passé le contrôle technique.",
            "Elle peut être réparée pour neuf mille euros."
        ),
        (.russian, "Кран не прошёл проверку в марте.", "Его можно починить за девять тысяч рублей."),
        (.chinese, "北码头的起重机三月份没有通过检查。", "它可以花九千块钱修好。"),
        (.japanese, "北埠頭のクレーンは三月の検査に通りませんでした。", "それは九千ユーロで修理できます。"),
    ]) func languagesPointBackInTheirWords(_ language: LanguageCode, _ said: String, _ pointing: String) {
        let lines: [Line] = [("A", said), ("B", pointing)]
        #expect(Self.quoted(lines, 1, language).before == "10 A: \(said)")
    }

    @Test(arguments: LanguageCode.firstClass) func languagesHaveTheWords(_ language: LanguageCode) {
        for section in [LanguageData.Section.pointing, .pronouns, .contrast, .correction] {
            #expect(LanguageData.of(language).has(section), "\(section)")
        }
    }

    /// Words that only look or sound like those that point or contradict.
    @Test(arguments: [
        (LanguageCode.korean, "비용은 오백만 원이고 예산 회의에서 승인되었습니다."),
        (.chinese, "非常重要的预算会议在星期五上午举行。"), (.hindi, "बजट पर समिति की बैठक शुक्रवार को होगी।"),
        (.german, "Die Korrektur der Folien schickt Marta am Freitag."),
        (.russian, "Только Анна может подписать договор с банком."),
        (.english, "Nobody told the harbour office about the storm damage."),
    ]) func plainSentencesStandAlone(_ language: LanguageCode, _ plain: String) {
        let sentence = Self.readings([("A", plain)], language)[0].sentences[0]
        #expect(!sentence.pointsBack && !sentence.objects && !sentence.corrects)
    }

    /// Two quotations of one turn never share a sentence.
    @Test func quotationsOfATurnStayApart() {
        let line: Line = (
            "Ann",
            "The quay wall is cracked in four places. But the crane stands on the sound part. It can stay there until June."
        )
        let finder = ContextFinder(Self.readings([line], .english), before: [], first: 0)
        #expect(finder.quotation(of: 0, 0..<1).sentences == 0..<2)
        #expect(finder.quotation(of: 0, 0..<1, free: 0..<1).sentences == 0..<1)
        #expect(!finder.quotation(of: 0, 2..<3).before.isEmpty)
        #expect(finder.quotation(of: 0, 2..<3, free: 2..<3).before.isEmpty)
    }

    @Test func withoutNamesNobodysWordsAreJoined() {
        let turn = Statement.Turn(text: "Who paints it?", citation: .init(utterance: 3))
        let turns = QuotedTurns("Ann does.", .init(utterance: 4), before: [turn], .of(.english))
        #expect(turns.text == "Ann does." && turns.before == "Who paints it?")
        let own = Statement.Turn(text: "The wall is wet.", citation: .init(utterance: 4))
        #expect(
            QuotedTurns("Ann does.", .init(utterance: 4), before: [own], .of(.english)).text
                == "The wall is wet. Ann does.")
    }
}
