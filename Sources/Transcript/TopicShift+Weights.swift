extension TopicShift {
    /// What a kind of evidence counts.
    struct Weight {
        /// Log-odds for each 1 of it.
        let weight: Double
        /// Taken where it cannot be told: the mean over QMSum's training meetings.
        let usual: Double
    }

    /// Less the log-odds (-1.75) from which on Pk was best.
    static let bias = -3.741

    // A logistic regression of where topics end in QMSum's 162 training meetings.

    /// For words in common, speakers in common, the busiest speaker's share.
    static let aroundWeights = [
        Weight(weight: -4.042, usual: 0.25), Weight(weight: -1.066, usual: 0.62),
        Weight(weight: 1.477, usual: 0.58),
    ]

    /// The most that these come to: each is 0 to 1.
    static let mostAround = aroundWeights.reduce(0) { $0 + max(0, $1.weight) }

    /// For the opener speaking next and last, a change of speaker, the next utterance's length, cues, a pause.
    static let besideWeights =
        [
            Weight(weight: 0.56, usual: 0.25), Weight(weight: 0.482, usual: 0.25),
            Weight(weight: -0.179, usual: 0.98), Weight(weight: 0.323, usual: 1.65),
        ] + cues.map { Weight(weight: $0.next, usual: 0) } + cues.map { Weight(weight: $0.last, usual: 0) }
        // QMSum has no times: this one is a guess.
        + [Weight(weight: 1, usual: 0)]

    /// In the order of ``CuePhrases/all``: what a cue in the next utterance counts, and one in the last.
    private static let cues: [(next: Double, last: Double)] = [
        (0.718, 0.404),  // acknowledgement
        (0.232, 0.028),  // connective
        (0.552, 0.346),  // thanks
        (0.752, -0.221),  // now
        (0.67, 0.233),  // transition
        (0.642, 0.41),  // proposal
        (0.618, 0.521),  // agenda
        (0.4, 0.328),  // ordinal
        (0.913, 0.361),  // questions
        (0.599, 0.517),  // opening
        (0.386, 0.7),  // closing
        (0.427, -0.019),  // subject
        (0.383, -0.437),  // question
    ]
}
