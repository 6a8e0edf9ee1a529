import Foundation
import Language
import Testing

@testable import Evaluation

/// The results of `rouge-score` and NLTK for the same texts, as written by `Fixtures/references.py`.
struct References: Decodable {
    struct Segmentations: Decodable {
        var reference: String
        var hypothesis: String
        var window: Int
        var half: Int
        var pk: Double
        var windowdiff: Double
    }

    struct Pair: Decodable {
        var isStemmed: Bool
        var reference: Int
        var prediction: Int
        var scores: [String: [Double]]

        init(from decoder: any Decoder) throws {
            var values = try decoder.unkeyedContainer()
            isStemmed = try values.decode(Bool.self)
            reference = try values.decode(Int.self)
            prediction = try values.decode(Int.self)
            scores = try values.decode([String: [Double]].self)
        }
    }

    var texts: [String]
    var pairs: [Pair]
    var best: [[String: [Double]]]
    var aggregate: [String: [String: [Double]]]
    var stems: [String: String]
    var segmentations: [Segmentations]
    var drawn: [String: [Int]]

    static func read() throws -> References {
        let url = URL(filePath: #filePath).deletingLastPathComponent().appending(
            path: "Fixtures/references.json")
        return try JSONDecoder().decode(References.self, from: Data(contentsOf: url))
    }
}

struct ReferenceTests {
    private let references: References

    init() throws { references = try References.read() }

    private func difference(_ rouge: Rouge, _ expected: [String: [Double]]) throws -> Double {
        try Rouge.Kind.allCases.map { kind in
            let score = rouge[kind]
            let wanted = try #require(expected[kind.rawValue])
            return zip([score.precision, score.recall, score.f1], wanted).map { abs($0 - $1) }.max() ?? .nan
        }.max() ?? .nan
    }

    @Test func everyPairScoresAsInRougeScore() throws {
        #expect(references.pairs.count == 2 * references.texts.count * references.texts.count)
        for pair in references.pairs {
            let rouge = Rouge.mean(
                prediction: references.texts[pair.prediction], references: [references.texts[pair.reference]],
                isStemmed: pair.isStemmed)
            #expect(
                try difference(rouge, pair.scores) < 1e-12,
                "prediction \(pair.prediction), reference \(pair.reference), stemmed: \(pair.isStemmed)")
        }
    }

    @Test func bestReferenceIsRougeScoresChoice() throws {
        for (prediction, expected) in zip(references.texts, references.best) {
            let rouge = Rouge.best(
                prediction: prediction, references: Array(references.texts[3..<7]), isStemmed: true)
            #expect(try difference(rouge, expected) < 1e-12)
        }
    }

    @Test func stemsAreNLTKs() {
        #expect(references.stems.count > 150)
        for (word, stem) in references.stems {
            #expect(PorterStemmer().stem(word) == stem, "\(word)")
        }
    }

    @Test func drawsAreNumPys() throws {
        for (seed, numbers) in references.drawn {
            let own = try [1, 2, 250, 1000].flatMap { bound in
                var generator = MersenneTwister(seed: try #require(UInt32(seed)))
                return (0..<5).map { _ in generator.next(below: bound) }
            }
            #expect(own == numbers)
        }
    }

    @Test func intervalsAreRougeScores() throws {
        let scores = references.texts[3...].map { prediction in
            Rouge.mean(prediction: prediction, references: [references.texts[4]], isStemmed: true)
        }
        var bootstrap = Bootstrap(seed: 7, sampleCount: 200)
        for kind in [Rouge.Kind.rouge1, .rougeL] {
            let columns = [
                scores.map { $0[kind].precision }, scores.map { $0[kind].recall }, scores.map { $0[kind].f1 },
            ]
            let expected = try #require(references.aggregate[kind.rawValue])
            for (part, interval) in bootstrap.intervals(of: columns).enumerated() {
                #expect(abs(interval.low - (expected["low"]?[part] ?? .nan)) < 1e-12)
                #expect(abs(interval.mid - (expected["mid"]?[part] ?? .nan)) < 1e-12)
                #expect(abs(interval.high - (expected["high"]?[part] ?? .nan)) < 1e-12)
            }
        }
    }

    @Test func pkAndWindowDiffAreNLTKs() {
        for one in references.segmentations {
            let reference = Segmentation(ends: one.reference.map { $0 == "1" })
            let hypothesis = Segmentation(ends: one.hypothesis.map { $0 == "1" })
            #expect(reference.halfMeanLength == one.half)
            #expect(abs(reference.pk(hypothesis, window: one.window) - one.pk) < 1e-12)
            #expect(abs(reference.windowDiff(hypothesis, window: one.window) - one.windowdiff) < 1e-12)
        }
    }
}
