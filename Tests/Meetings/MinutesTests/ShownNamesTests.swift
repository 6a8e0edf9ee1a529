import Foundation
import Language
import Testing
import Transcript

@testable import Summaries

/// Names that were put right, in what was found before.
@Suite struct ShownNamesTests {
    private let names = ShownNames(
        labels: ["Speaker 1": "Ada Okafor", "Speaker 2": "Speaker 1"],
        turns: [7: .init(name: "Marta", speaker: "Speaker 1", text: "I will call them.")],
        speakers: ["Speaker 1", "Speaker 2", "Ada Lovelace"])

    private func citation(_ utterance: Int, _ speaker: String?) -> Statement.Citation {
        Statement.Citation(utterance: utterance, speaker: speaker)
    }

    private func statement(
        _ text: String, _ citations: [Statement.Citation], isQuoted: Bool = false
    ) -> Statement {
        Statement(
            text: text, beginsLine: true, isListed: true, citations: citations, missing: [], support: 1,
            speaker: isQuoted ? citations.first?.speaker : nil, worth: isQuoted ? 1 : nil)
    }

    @Test func aModelsSentencesChangeAsAWholeAndAtTheSameTime() {
        let said = statement(
            "Speaker 1 asked Speaker 2 and Ada Lovelace, not speaker 1.", [citation(1, "Speaker 1")])
        let shown = names.shown(said)
        #expect(shown.text == "Ada Okafor asked Speaker 1 and Ada Lovelace, not speaker 1.")
        #expect(shown.citations.map(\.speaker) == ["Ada Okafor"])
        // A single turn: whoever is called by its label in a sentence that rests on it alone.
        #expect(names.shown(statement("Speaker 1 calls.", [citation(7, "Speaker 1")])).text == "Marta calls.")
        #expect(
            names.shown(statement("Speaker 1 calls.", [citation(1, "Speaker 1"), citation(7, "Speaker 1")]))
                .text == "Ada Okafor calls.")
    }

    @Test func quotationsStayAsTheyWereSaid() {
        let said = statement("I am Speaker 1, they say.", [citation(1, "Speaker 1")], isQuoted: true)
        let shown = names.shown(said)
        #expect(shown.text == said.text && shown.speaker == "Ada Okafor")
        let turn = names.shown(statement("I will call them.", [citation(7, "Speaker 1")], isQuoted: true))
        #expect(turn.speaker == "Marta")
    }

    @Test func ownersChangeToo() {
        func owner(_ owner: String, _ utterance: Int, _ speaker: String) -> String? {
            var findings = WindowFindings(language: .english)
            findings.items = [
                MinutesItem(
                    kind: .action, text: "call Speaker 1", isQuoted: true, owner: owner,
                    citation: citation(utterance, speaker))
            ]
            let item = names.shown(findings).items[0]
            #expect(item.text == "call Speaker 1")
            return item.owner
        }
        #expect(owner("Speaker 1", 1, "Speaker 1") == "Ada Okafor")
        #expect(owner("Speaker 1", 7, "Speaker 1") == "Marta")
        // Asked by the one whose turn was put right.
        #expect(owner("Speaker 2", 7, "Speaker 1") == "Speaker 1")
        #expect(owner("Ben", 1, "Speaker 1") == "Ben")
    }

    @Test func textsOfSummaries() {
        let statements = [
            statement("Nobody is Speaker 2 here.", [citation(1, "Speaker 1")], isQuoted: true),
            statement("I will call them.", [citation(7, "Speaker 1")], isQuoted: true),
        ]
        let picked = "- Speaker 1: Nobody is Speaker 2 here.\n- Speaker 1: I will call them."
        #expect(
            names.shown(picked, of: 0..<9, origin: .model, statements: statements)
                == "- Ada Okafor: Nobody is Speaker 2 here.\n- Marta: I will call them.")
        let spoken = "- Speaker 1: I am Speaker 2.\n- Speaker 1: I will call them.\n- they say"
        #expect(
            names.shown(spoken, of: 0..<9, origin: .verbatim, statements: nil)
                == "- Ada Okafor: I am Speaker 2.\n- Marta: I will call them.\n- they say")
        let quoted = FallbackSummary.quotesHeading + "\n- Speaker 1: “I will call…”\n- Speaker 2: “No.”"
        #expect(
            names.shown(quoted, of: 0..<9, origin: .extractive, statements: nil)
                == FallbackSummary.quotesHeading + "\n- Marta: “I will call…”\n- Speaker 1: “No.”")
        let written = "Speaker 1 calls. It ends."
        #expect(
            names.shown(
                written, of: 0..<9, origin: .model,
                statements: [statement("Speaker 1 calls.", [citation(7, "Speaker 1")])])
                == "Marta calls. It ends.")
        #expect(
            ShownNames.transcribed.shown(picked, of: 0..<9, origin: .model, statements: statements) == picked)
    }

    /// Of two turns with the same words only the one that was put right changes.
    @Test func spokenLinesAreKnownByTheirTurns() {
        let spoken = "- Speaker 1: I will call them.\n- Speaker 1: I will call them.\n- they say"
        #expect(
            names.shown(spoken, of: 6..<9, origin: .verbatim, statements: nil)
                == "- Ada Okafor: I will call them.\n- Marta: I will call them.\n- they say")
        let quoted = FallbackSummary.quotesHeading + "\n- Speaker 1: “I will call…”"
        #expect(
            names.shown(quoted, of: 8..<20, origin: .extractive, statements: nil)
                == FallbackSummary.quotesHeading + "\n- Ada Okafor: “I will call…”")
    }

    @Test func turnsWithoutANameGetOne() {
        let names = ShownNames(labels: ["": "Marta"], turns: [:], speakers: ["", "Ben"])
        #expect(
            names.shown("- it begins\n- Ben: yes", of: 0..<2, origin: .verbatim, statements: nil)
                == "- Marta: it begins\n- Ben: yes")
        #expect(names.name(of: nil, turn: 0) == "Marta" && names.name(of: "Ben", turn: 1) == "Ben")
    }
}
