import Gemma

/// Which examples each step takes: a function of the seed and the step alone, so that a resumed run goes on
/// where the last one stopped.
struct BatchPlan: Sendable {
    /// Tokens of each example.
    let lengths: [Int]
    /// Examples of a step.
    let stepSize: Int
    /// Steps whose examples are sorted by length among each other, so that those of a step are of a length;
    /// 1 leaves the order to chance.
    let bucketSteps: Int
    let seed: UInt64

    /// Steps of a pass over all examples; the last may have fewer examples.
    var stepsPerPass: Int { (lengths.count + stepSize - 1) / stepSize }

    /// The examples of each step of a pass.
    func steps(ofPass pass: Int) -> [[Int]] {
        var generator = SplitMix64(state: SplitMix64.mixed(seed, UInt64(pass)))
        var order = Array(lengths.indices)
        generator.shuffle(&order)
        var steps: [[Int]] = []
        let bucketSize = stepSize * max(1, bucketSteps)
        for first in stride(from: 0, to: order.count, by: bucketSize) {
            var bucket = Array(order[first..<min(first + bucketSize, order.count)])
            if bucketSteps > 1 { bucket.sort { (lengths[$0], $0) < (lengths[$1], $1) } }
            for start in stride(from: 0, to: bucket.count, by: stepSize) {
                steps.append(Array(bucket[start..<min(start + stepSize, bucket.count)]))
            }
        }
        if bucketSteps > 1 { generator.shuffle(&steps) }
        return steps
    }

    /// The examples of a step, counted from 0 over all passes.
    func examples(ofStep step: Int) -> [Int] {
        steps(ofPass: step / stepsPerPass)[step % stepsPerPass]
    }
}
