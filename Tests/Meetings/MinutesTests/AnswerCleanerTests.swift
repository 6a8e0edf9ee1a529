import Language
import Testing
import TestSupport

@testable import Minutes
@testable import Summaries

@Suite struct AnswerCleanerTests {
    private let cleaner = AnswerCleaner(
        template: .instructionTuned, language: .english, speakers: ["Jane", "Bob"], earlier: ["They met."])

    @Test(arguments: [
        ("Jane agreed to call the vendor.", "Jane agreed to call the vendor."),
        ("**Summary:** Jane agreed to call.", "Jane agreed to call."),
        ("## Summary of part 3\nJane agreed to call.", "Jane agreed to call."),
        ("Here is the summary:\n\nJane agreed to call.", "Jane agreed to call."),
        ("```\nJane agreed to call.\n```", "Jane agreed to call."),
        ("Jane agreed to call.<end_of_turn>\n", "Jane agreed to call."),
        ("<|channel>thought\nLet me see.<channel|>Jane agreed to call.<turn|>", "Jane agreed to call."),
        ("Jane agreed to call.<|channel>thought\nIs that", "Jane agreed to call."),
        ("Jane agreed to call.\nBob: and then I said", "Jane agreed to call."),
        ("- Jane will call.\n- Bob writes the report.\n---", "- Jane will call.\n- Bob writes the report."),
        ("They met. They met. They agreed on Friday.", "They met. They agreed on Friday."),
        ("Summary work is done by Jane and Bob.", "Summary work is done by Jane and Bob."),
        ("决定了。他们决定了。他们同意 a b c 。", "决定了。他们决定了。他们同意 a b c 。"),
    ])
    func wrappingIsTakenOff(raw: String, text: String) {
        #expect(cleaner.judge(raw, wasCut: false) == .good(text))
    }

    @Test func anAnswerCutAtTheLimitEndsWithASentence() {
        #expect(
            cleaner.judge("They met on Monday. Jane will call Bob. And then th", wasCut: true)
                == .good("They met on Monday. Jane will call Bob."))
        #expect(
            cleaner.judge("They met on Monday and talked", wasCut: true)
                == .good("They met on Monday and talked…"))
        #expect(
            cleaner.judge("They met on Monday and talked", wasCut: false)
                == .good("They met on Monday and talked"))
    }

    @Test func aLoopIsCutBackToOnce() {
        #expect(
            AnswerCleaner.withoutLoop("They will meet on the way on the way on the way on the way")
                == "They will meet on the way")
        let plain = "The more the better, the sooner the better for them."
        #expect(AnswerCleaner.withoutLoop(plain) == plain)
    }

    @Test func theSameSummaryAgainIsPoor() {
        let cleaner = AnswerCleaner(
            template: .base, language: .english, earlier: ["They met on Monday, again."])
        #expect(
            cleaner.judge("They met on Monday - again.", wasCut: false)
                == .poor("They met on Monday - again."))
    }

    @Test func anAnswerThatGoesOnFromALeadIncludesIt() {
        let lead = " In this part, the participants talked about"
        #expect(
            cleaner.judge(" the budget. Jane will cut it.", lead: lead, wasCut: false)
                == .good("In this part, the participants talked about the budget. Jane will cut it."))
        for nothing in ["", " ", " :", " the following:"] {
            #expect(cleaner.judge(nothing, lead: lead, wasCut: false) == .unusable)
        }
    }

    @Test func copiedInstructionsAreDropped() {
        let raw =
            "Leave out small talk. Each note is one plain sentence in the past tense\nJane agreed to call Bob."
        #expect(cleaner.judge(raw, wasCut: false) == .good("Jane agreed to call Bob."))
    }

    /// Whatever a model says is judged, and what is kept is never empty.
    @Test func randomAnswersNeverTrap() {
        var generator = SeededGenerator(seed: 5)
        let pieces = [
            "Summary", ":", "\n", " ", "**", "#", "Jane", "Bob: ", "- ", "...", "。", "<end_of_turn>", "```",
            "…", "é",
            "word ", "the cat ", "a b c ", "? ", "\u{301}",
        ]
        for _ in 0..<5000 {
            let raw = (0..<Int.random(in: 0...60, using: &generator))
                .map { _ in pieces.randomElement(using: &generator) ?? "" }.joined()
            switch cleaner.judge(raw, wasCut: Bool.random(using: &generator)) {
            case .good(let text), .poor(let text):
                if text.wordCount < AnswerCleaner.leastWords || text != text.trimmingBlanks {
                    Issue.record("'\(text)' of '\(raw)'")
                    return
                }
            case .unusable: break
            }
        }
    }
}
