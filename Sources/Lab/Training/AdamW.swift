import CGradients
import Glibc

/// The options of AdamW: adaptive moments with decoupled weight decay.
///
/// Source: Loshchilov and Hutter, https://arxiv.org/abs/1711.05101
package struct AdamWOptions: Sendable, Hashable, Codable {
    /// The decay rate of the gradient's moving average.
    package var beta1: Float
    /// The decay rate of the squared gradient's moving average.
    package var beta2: Float
    /// This is added to the root in the denominator.
    package var epsilon: Float
    /// Each step reduces every weight by this share, times the learning rate.
    package var weightDecay: Float
    /// A gradient whose norm over all weights is larger than this is scaled down to it; nil turns clipping off.
    package var maximumNorm: Float?

    /// Creates options; the defaults are PyTorch's, except that there is no weight decay and gradients are clipped at
    /// 1.
    package init(
        beta1: Float = 0.9, beta2: Float = 0.999, epsilon: Float = 1e-8, weightDecay: Float = 0,
        maximumNorm: Float? = 1
    ) {
        self.beta1 = beta1
        self.beta2 = beta2
        self.epsilon = epsilon
        self.weightDecay = weightDecay
        self.maximumNorm = maximumNorm
    }

    func validate() throws(TrainingError) {
        func check(_ holds: Bool, _ what: String) throws(TrainingError) {
            guard holds else { throw TrainingError(.badOption, what) }
        }
        try check((0..<1).contains(beta1), "beta1 \(beta1) is not usable: give 0 or more, less than 1")
        try check((0..<1).contains(beta2), "beta2 \(beta2) is not usable: give 0 or more, less than 1")
        try check(epsilon > 0 && epsilon.isFinite, "epsilon \(epsilon) is not usable: give a positive number")
        try check(
            weightDecay >= 0 && weightDecay.isFinite,
            "weight decay \(weightDecay) is not usable: give 0 or more")
        if let maximumNorm {
            try check(
                maximumNorm > 0 && maximumNorm.isFinite,
                "the gradient's limit \(maximumNorm) is not usable: give a positive number")
        }
    }
}

/// The optimiser, with its two moments for every weight.
final class AdamW {
    let options: AdamWOptions
    let first: FloatMemory
    let second: FloatMemory
    /// The number of steps taken.
    var stepCount = 0

    init(_ options: AdamWOptions, count: Int) {
        self.options = options
        first = FloatMemory(count)
        second = FloatMemory(count)
    }

    /// Takes one step and returns the gradient's norm before clipping.
    func step(_ weights: FloatMemory, _ gradient: FloatMemory, learningRate: Double) -> Double {
        precondition(weights.count == first.count && gradient.count == first.count)
        stepCount += 1
        let norm = cg_square_sum(gradient.start, gradient.count).squareRoot()
        var scale = 1.0
        // The same formula as in PyTorch's clip_grad_norm_.
        if let limit = options.maximumNorm { scale = min(1, Double(limit) / (norm + 1e-6)) }
        let count = Double(stepCount)
        cg_adamw(
            weights.start, gradient.start, first.start, second.start, weights.count, Float(scale),
            options.beta1, options.beta2,
            Float(learningRate / (1 - pow(Double(options.beta1), count))),
            Float(1 / (1 - pow(Double(options.beta2), count)).squareRoot()), options.epsilon,
            Float(1 - learningRate * Double(options.weightDecay)))
        return norm
    }
}
