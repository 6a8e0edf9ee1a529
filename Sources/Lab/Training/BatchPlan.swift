import Gemma

/// Decides which examples each step takes; it depends only on the seed and the step, so that a resumed run continues
/// where the last one stopped.
struct BatchPlan: Sendable {
    /// The number of tokens in each example.
    let lengths: [Int]
    /// The number of examples in a step.
    let stepSize: Int
    /// Within groups of this many steps, examples are sorted by length, so that those of a step are of similar length;
    /// 1 keeps the order random.
    let bucketSteps: Int
    let seed: UInt64

    /// The number of steps in a pass over all examples; the last may have fewer examples.
    var stepsPerPass: Int { (lengths.count + stepSize - 1) / stepSize }

    /// The indices of the examples of each step in a pass.
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

    /// The indices of the examples of a step, which is counted from 0 over all passes.
    func examples(ofStep step: Int) -> [Int] {
        steps(ofPass: step / stepsPerPass)[step % stepsPerPass]
    }
}
