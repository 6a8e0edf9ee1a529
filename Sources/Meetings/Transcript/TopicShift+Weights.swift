extension TopicShift {
    /// The weight of a kind of evidence.
    struct Weight {
        /// Log-odds for each 1 of it.
        let weight: Double
        /// The value where the evidence is missing: the mean over QMSum's training meetings.
        let usual: Double
    }

    /// Reduced by the threshold of the log-odds (-2) at which Pk was best.
    static let bias = -3.508

    // A logistic regression of where topics end in QMSum's 162 training meetings.

    /// For words in common, speakers in common, the busiest speaker's share.
    static let aroundWeights = [
        Weight(weight: -3.976, usual: 0.25), Weight(weight: -1.074, usual: 0.62),
        Weight(weight: 1.394, usual: 0.58),
    ]

    /// The largest possible sum of these, each of which is from 0 to 1.
    static let mostAround = aroundWeights.reduce(0) { $0 + max(0, $1.weight) }

    /// For the opener speaking next and last, a change of speaker, the next utterance's length, cues, a pause.
    static let besideWeights =
        [
            Weight(weight: 0.56, usual: 0.25), Weight(weight: 0.476, usual: 0.25),
            Weight(weight: -0.115, usual: 0.98), Weight(weight: 0.304, usual: 1.65),
        ] + cues.map { Weight(weight: $0.next, usual: 0) } + cues.map { Weight(weight: $0.last, usual: 0) }
        // QMSum has no times: this one is a guess.
        + [Weight(weight: 1, usual: 0)]

    /// The weights of a cue in the next utterance and in the last one, in the order of ``CuePhrases/all``.
    private static let cues: [(next: Double, last: Double)] = [
        (0.664, 0.391),  // acknowledgement
        (0.18, -0.043),  // connective
        (0.57, 0.361),  // thanks
        (0.734, -0.214),  // now
        (0.682, 0.267),  // transition
        (0.639, 0.401),  // proposal
        (0.601, 0.45),  // agenda
        (0.386, 0.305),  // ordinal
        (0.923, 0.394),  // questions
        (0.528, 0.362),  // opening
        (0.38, 0.681),  // closing
        (0.408, -0.068),  // subject
        (0.357, -0.495),  // question
        (0.351, 0.444),  // resumption
        (0.433, 0.622),  // approval
    ]
}
