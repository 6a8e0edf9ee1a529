import Testing

@testable import Evaluation

struct SummaryMeasuresTests {
    private let source = [
        "Ann: The ferry Aurora costs nineteen euros.", "Bob: Our printer is broken.",
        "Ann: The painters come on Friday.", "Bob: Lunch was cold.",
    ]

    @Test func quotedSourceIsFullySupported() {
        let summary = source.joined(separator: " ")
        #expect(SummaryMeasures.support(summary: summary, source: source) == 1)
        #expect(SummaryMeasures.referenceCoverage(summary: summary, reference: summary) == 1)
        #expect(SummaryMeasures.numberFaithfulness(summary: summary, source: source) == 1)
        #expect(SummaryMeasures.nameFaithfulness(summary: summary, source: source) == 1)
        #expect(SummaryMeasures.reach(summary: source.joined(separator: "\n"), source: source) == 1)
    }

    @Test func inventionsAreFound() {
        let summary = "The ferry Titanic costs 19 euros, said Ann, not 20."
        #expect(SummaryMeasures.numberFaithfulness(summary: summary, source: source) == 0.5)
        #expect(SummaryMeasures.nameFaithfulness(summary: summary, source: source) == 0.5)
        // Of ferri, titan, cost, 19, euro, said, ann and 20, the source contains four.
        #expect(SummaryMeasures.support(summary: summary, source: source) == 0.5)
    }

    @Test func nothingToMeasureIsNoValue() {
        #expect(SummaryMeasures.numberFaithfulness(summary: "The ferry.", source: source) == nil)
        #expect(SummaryMeasures.nameFaithfulness(summary: "The ferry.", source: source) == nil)
        #expect(SummaryMeasures.support(summary: "it is", source: source) == nil)
        #expect(SummaryMeasures.repetition("two words") == nil)
        #expect(SummaryMeasures.reach(summary: "The ferry.", source: Array(source[..<3])) == nil)
        #expect(SummaryMeasures.citationPrecision([]) == nil)
        #expect(SummaryMeasures.citedShare([], utteranceCount: 0) == nil)
    }

    @Test func reachCountsQuartersOfTheSource() {
        #expect(SummaryMeasures.reach(summary: "A ferry. The ferry again.", source: source) == 0.25)
        #expect(SummaryMeasures.reach(summary: "A ferry. Cold lunch. Zebras.", source: source) == 0.5)
    }

    @Test func repetitionGrowsWithEachCopy() throws {
        let once = "the boat sails at noon"
        #expect(SummaryMeasures.repetition(once) == 0)
        let twice = try #require(SummaryMeasures.repetition(once + " " + once))
        let often = try #require(
            SummaryMeasures.repetition(Array(repeating: once, count: 9).joined(separator: " ")))
        #expect(twice > 0.3 && often > twice && often < 1)
    }

    @Test func citationsHoldWhenTheirUtterancesSayIt() {
        let right = SummaryMeasures.Citation(sentence: "The painters come Friday.", utterances: [source[2]])
        let wrong = SummaryMeasures.Citation(sentence: "The painters come Friday.", utterances: [source[1]])
        let empty = SummaryMeasures.Citation(sentence: "The painters come Friday.", utterances: [])
        #expect(SummaryMeasures.citationPrecision([right, wrong, empty, right]) == 0.5)
        #expect(SummaryMeasures.citedShare([1, 1, 3, 9, -1], utteranceCount: 4) == 0.5)
    }
}
