import Testing

@testable import Evaluation

struct ExtractTests {
    private let sentences = [
        "Hello there.", "The ferry sails at noon.", "Nice weather.", "At noon the ferry leaves the harbour.",
        "The harbour closes when the ferry leaves.", "Goodbye.",
    ]

    @Test func extractsKeepTheOrderOfTheSource() {
        #expect(Extract.lead(sentences) == Array(sentences[..<3]))
        #expect(Extract.longest(sentences, count: 2) == [sentences[3], sentences[4]])
        #expect(Extract.textRank(sentences) == [1, 3, 4])
    }

    @Test func shortSourcesAreTakenWhole() {
        for extract in [
            Extract.lead(["a b"]), Extract.longest(["a b"]), Extract.textRank(["a b"]).map { _ in "a b" },
            OracleExtract.units(["a b"], references: ["a b"]),
        ] { #expect(extract == ["a b"]) }
        #expect(Extract.textRank([]).isEmpty && Extract.longest([]).isEmpty && Extract.lead([]).isEmpty)
    }

    @Test func scoresAreTheWalksFixedPoint() {
        let scores = TextRank.scores(sentences)
        let next = TextRank.Graph(sentences).step(scores)
        for (score, again) in zip(scores, next) { #expect(abs(score - again) < 1e-6) }
        #expect(abs(scores.reduce(0, +) - Double(sentences.count)) < 1e-6, "nothing gets lost")
        #expect(scores[3] > scores[0])
        #expect(scores[0] == scores[2] && scores[0] == scores[5], "strangers are alike")
    }

    @Test func threeEqualSentencesRankEqual() {
        let scores = TextRank.scores(["red boat sails", "red boat sails", "red boat sails"])
        for score in scores { #expect(abs(score - 1) < 1e-9) }
    }

    @Test func oracleBeatsTheOtherExtracts() {
        let reference = "The ferry leaves the harbour at noon. Goodbye."
        let oracle = OracleExtract.units(sentences, references: [reference, reference])
        func f1(_ units: [String]) -> Double {
            let rouge = Rouge.mean(
                prediction: units.joined(separator: "\n"), references: [reference], isStemmed: true)
            return rouge.rouge1.f1 + rouge.rouge2.f1
        }
        #expect(oracle == [sentences[3], sentences[5]])
        for other in [Extract.lead(sentences), Extract.longest(sentences)] {
            #expect(f1(oracle) > f1(other))
        }
        #expect(OracleExtract.units(sentences, references: ["zebra"]).isEmpty)
    }
}
