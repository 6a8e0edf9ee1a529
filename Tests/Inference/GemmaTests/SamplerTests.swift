import Testing
import Tokenizer

@testable import Gemma

@Suite struct SamplerTests {
    private func draw(_ logits: [Float], _ options: SamplingOptions, count: Int = 1) -> [TokenID] {
        var sampler = Sampler(options: options)
        return (0..<count).map { _ in
            var copy = logits
            return copy.withUnsafeMutableBufferPointer { sampler.next($0) }
        }
    }

    @Test func greedyTakesTheMostLikely() {
        #expect(draw([0, 3, 1, 3], .greedy) == [1])
    }

    @Test func theSeedDecides() {
        let logits = (0..<50).map { Float($0 % 7) }
        let options = SamplingOptions(temperature: 1, seed: 7)
        #expect(draw(logits, options, count: 40) == draw(logits, options, count: 40))
        #expect(
            draw(logits, options, count: 40)
                != draw(logits, SamplingOptions(temperature: 1, seed: 8), count: 40))
    }

    @Test func topKKeepsTheMostLikely() {
        let seen = Set(draw([5, 1, 4, 3, 2], SamplingOptions(temperature: 10, topK: 2), count: 300))
        #expect(seen == [0, 2])
    }

    @Test func topPKeepsTheSmallestSetThatReachesIt() {
        // These are probabilities of 0.5, 0.25 and 0.25.
        let logits: [Float] = [1.3862944, 0.6931472, 0.6931472]
        #expect(Set(draw(logits, SamplingOptions(temperature: 1, topP: 0.5), count: 300)) == [0])
        #expect(Set(draw(logits, SamplingOptions(temperature: 1, topP: 0.7), count: 300)) == [0, 1])
        #expect(Set(draw(logits, SamplingOptions(temperature: 1, topP: 1), count: 300)) == [0, 1, 2])
    }

    @Test func minPDropsTheUnlikely() {
        let logits: [Float] = [0, -1, -3]
        #expect(Set(draw(logits, SamplingOptions(temperature: 1, minP: 0.2), count: 500)) == [0, 1])
    }

    @Test func drawsFollowTheProbabilities() {
        let draws = draw([0, 1.0986123], SamplingOptions(temperature: 1, seed: 3), count: 4000)
        let share = Double(draws.filter { $0 == 1 }.count) / 4000
        #expect(abs(share - 0.75) < 0.03)
    }

    @Test func repetitionIsPenalised() {
        #expect(draw([2, 1.5, -1], SamplingOptions(repetitionPenalty: 2), count: 3) == [0, 1, 0])
        #expect(draw([-1, -1.5], SamplingOptions(repetitionPenalty: 2), count: 2) == [0, 1])
    }

    @Test func noNgramIsWrittenTwice() {
        // After 0 comes 0; then 1, since 0 0 has occurred; then 2. When all pairs have occurred, the first token is
        // taken.
        #expect(draw([3, 2, 1], SamplingOptions(noRepeatNgram: 2), count: 7) == [0, 0, 1, 0, 2, 0, 0])
        #expect(draw([3, 2, 1], SamplingOptions(noRepeatNgram: 4), count: 6) == [0, 0, 0, 0, 1, 0])
    }

    @Test(arguments: [
        SamplingOptions(temperature: -1), SamplingOptions(topK: -1), SamplingOptions(topP: 0),
        SamplingOptions(topP: 1.5), SamplingOptions(minP: 1), SamplingOptions(repetitionPenalty: 0),
        SamplingOptions(noRepeatNgram: 1),
        SamplingOptions(temperature: .nan),
    ]) func nonsenseIsRefused(options: SamplingOptions) {
        #expect(throws: GemmaError.self) { try options.validate() }
    }
}
