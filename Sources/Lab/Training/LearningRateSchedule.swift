import Glibc

/// How the learning rate rises and falls over a training run.
package struct LearningRateSchedule: Sendable, Hashable, Codable {
    /// How the rate falls after the warm-up.
    package enum Decay: String, Sendable, Hashable, Codable, CaseIterable {
        /// It does not fall.
        case constant
        /// It falls linearly, to 0 after the last step.
        case linear
        /// It falls like half a cosine wave, to 0 after the last step.
        case cosine
    }

    /// The highest learning rate.
    package var peak: Double
    /// The number of steps over which the rate rises linearly from 0.
    package var warmUpSteps: Int
    /// How the rate falls after the warm-up.
    package var decay: Decay

    /// Creates a schedule; by default there is no warm-up and the rate falls linearly.
    package init(peak: Double, warmUpSteps: Int = 0, decay: Decay = .linear) {
        self.peak = peak
        self.warmUpSteps = warmUpSteps
        self.decay = decay
    }

    /// The rate of step `step`, counted from 0, in a run of `stepCount`; the same as in transformers' schedules of
    /// these names.
    package func rate(step: Int, of stepCount: Int) -> Double {
        if step < warmUpSteps { return peak * Double(step) / Double(warmUpSteps) }
        let progress = Double(step - warmUpSteps) / Double(max(1, stepCount - warmUpSteps))
        switch decay {
        case .constant: return peak
        case .linear: return peak * max(0, 1 - progress)
        case .cosine: return peak * max(0, 0.5 * (1 + cos(.pi * progress)))
        }
    }

    func validate() throws(TrainingError) {
        guard peak > 0, peak.isFinite else {
            throw TrainingError(
                .badOption, "learning rate \(peak) is not usable: give a positive number such as 5e-4")
        }
        guard warmUpSteps >= 0 else {
            throw TrainingError(
                .badOption, "\(warmUpSteps) warm-up steps are not possible: give 0 or more")
        }
    }
}
