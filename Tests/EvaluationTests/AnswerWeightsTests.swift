import Evaluation
import Testing

@Suite struct AnswerWeightsTests {
    private func weights(_ texts: [String], _ scores: [Double], count: Int = 4) -> [Int: Double] {
        Dictionary(
            uniqueKeysWithValues: AnswerWeights.extremes(of: texts, scores: scores, count: count).map {
                ($0.index, $0.weight)
            })
    }

    @Test func eachIsComparedWithTheMeanOfTheOthers() {
        let found = weights(["a", "b", "c"], [0.1, 0.4, 0.7])
        #expect(found.count == 3)
        for (index, wanted) in [0: -0.45, 1: 0, 2: 0.45] {
            #expect(abs((found[index] ?? .nan) - wanted) < 1e-12)
        }
    }

    @Test func theBestAndTheWorstAreKept() {
        let found = AnswerWeights.extremes(
            of: ["a", "b", "c", "d", "e"], scores: [0.5, 0.9, 0.4, 0.1, 0.6], count: 3)
        #expect(found.map(\.index) == [1, 3, 4])
        #expect(found[0].weight > found[2].weight && found[1].weight < 0)
    }

    @Test func textsThatCameTwiceAreKeptOnceAndCountTwice() {
        let found = weights(["a", "a", "b"], [0.8, 0.8, 0.2])
        #expect(Set(found.keys) == [0, 2])
        #expect(abs((found[0] ?? .nan) - 0.3) < 1e-12)
        #expect(abs((found[2] ?? .nan) + 0.6) < 1e-12)
    }

    @Test func equalScoresTeachNothing() {
        #expect(weights(["a", "b"], [0.3, 0.3]).isEmpty)
        #expect(weights(["a"], [0.3]).isEmpty)
        #expect(weights([], []).isEmpty)
    }
}
