import Foundation

/// A sentence and what a model that picks makes of it.
package struct WeighedSentence: Sendable, Hashable {
    /// Where it stands in its window.
    package var place: PickPrompt.Place
    /// How likely each label is, in the order of ``PickLabel/allCases``; they add up to 1.
    package var likelihoods: [Double]
    /// How likely the meeting turns to another matter with it, as far as the window tells; 0 if nobody was asked.
    package var opening: Double

    /// Creates a weighed sentence out of the logits of ``PickLabel`` and ``MatterLabel``, in the order of their cases.
    package init(place: PickPrompt.Place, logits: [Float], matterLogits: [Float]? = nil) {
        precondition(
            logits.count == PickLabel.allCases.count && matterLogits?.count ?? 2 == MatterLabel.allCases.count
        )
        self.place = place
        likelihoods = Self.likelihoods(logits)
        opening = matterLogits.map { Self.likelihoods($0)[0] } ?? 0
    }

    private static func likelihoods(_ logits: [Float]) -> [Double] {
        let highest = Double(logits.max() ?? 0)
        let weights = logits.map { exp(Double($0) - highest) }
        let sum = weights.reduce(0, +)
        return weights.map { $0 / sum }
    }

    /// How likely a label is.
    package subscript(label: PickLabel) -> Double {
        likelihoods[PickLabel.allCases.firstIndex(of: label) ?? 0]
    }

    /// How likely it is that the sentence belongs into the minutes, as a point or for what it brings about.
    package var worth: Double {
        [.point, .mainPoint, .decision, .action, .question].reduce(0) { $0 + self[$1] }
    }

    /// What it is chosen for over others that are worth as much: that it is a main point, or settles something.
    package var emphasis: Double { 2 * self[.mainPoint] + 2 * self[.decision] }
}

extension Collection<WeighedSentence> {
    /// How likely some of them belongs into the minutes: those who say more say something sooner.
    package var worthTogether: Double { 1 - reduce(1) { $0 * (1 - $1.worth) } }
}
