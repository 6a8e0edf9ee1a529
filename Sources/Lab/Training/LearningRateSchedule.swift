import Glibc

/// How the learning rate rises and falls over a training run.
package struct LearningRateSchedule: Sendable, Hashable, Codable {
    /// How it falls after the warm-up.
    package enum Decay: String, Sendable, Hashable, Codable, CaseIterable {
        /// Not at all.
        case constant
        /// Evenly, to 0 after the last step.
        case linear
        /// By half a cosine wave, to 0 after the last step.
        case cosine
    }

    /// The highest rate.
    package var peak: Double
    /// Steps over which it rises evenly, from 0.
    package var warmUpSteps: Int
    /// How it falls.
    package var decay: Decay

    /// Makes a schedule.
    package init(peak: Double, warmUpSteps: Int = 0, decay: Decay = .linear) {
        self.peak = peak
        self.warmUpSteps = warmUpSteps
        self.decay = decay
    }

    /// The rate of a step, counted from 0, of so many: that of transformers' schedules of the same names.
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
