import CGradients

/// How an adapter is trained.
///
/// Two runs with equal options, examples and model give the same bits.
package struct TrainingOptions: Sendable, Hashable, Codable {
    /// In which numbers the frozen matrices are multiplied; all else is in f32.
    package enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
        /// In f32.
        case full
        /// In bfloat16 with sums in f32, more than twice as fast; only on CPUs that have instructions for it, and where
        /// the memory plan keeps the matrices.
        case bfloat16
    }

    /// The adapter's shape.
    package var lora: LoRAOptions
    /// The optimiser.
    package var adamW: AdamWOptions
    /// The learning rate.
    package var schedule: LearningRateSchedule
    /// Examples of a batch.
    package var batchSize: Int
    /// Batches whose gradients are added up before a step is taken.
    package var accumulation: Int
    /// Passes over all examples.
    package var passes: Double
    /// Steps whose examples are sorted by length among each other; 1 leaves the order to chance.
    package var bucketSteps: Int
    /// In which numbers the frozen matrices are multiplied.
    package var precision: Precision
    /// Of the order of the examples, the first factors and dropout.
    package var seed: UInt64

    /// Makes options.
    package init(
        lora: LoRAOptions = LoRAOptions(), adamW: AdamWOptions = AdamWOptions(),
        schedule: LearningRateSchedule = LearningRateSchedule(peak: 5e-4), batchSize: Int = 4,
        accumulation: Int = 1, passes: Double = 1, bucketSteps: Int = 16,
        precision: Precision = .full, seed: UInt64 = 0
    ) {
        self.lora = lora
        self.adamW = adamW
        self.schedule = schedule
        self.batchSize = batchSize
        self.accumulation = accumulation
        self.passes = passes
        self.bucketSteps = bucketSteps
        self.precision = precision
        self.seed = seed
    }

    /// Examples of a step.
    package var stepSize: Int { batchSize * accumulation }

    /// Each option by the name that a person gives it by, and its value.
    var inWords: [(name: String, value: String)] {
        [
            ("rank", "\(lora.rank)"), ("alpha", "\(lora.alpha)"), ("dropout", "\(lora.dropout)"),
            ("targets", lora.targets.map(\.rawValue).joined(separator: " ")),
            ("beta1", "\(adamW.beta1)"), ("beta2", "\(adamW.beta2)"), ("epsilon", "\(adamW.epsilon)"),
            ("weight decay", "\(adamW.weightDecay)"), ("clip", adamW.maximumNorm.map { "\($0)" } ?? "off"),
            ("learning rate", "\(schedule.peak)"), ("warm-up", "\(schedule.warmUpSteps)"),
            ("decay", schedule.decay.rawValue), ("batch size", "\(batchSize)"),
            ("accumulate", "\(accumulation)"),
            ("passes", "\(passes)"), ("bucket", "\(bucketSteps)"), ("precision", precision.rawValue),
            ("seed", "\(seed)"),
        ]
    }

    func validate() throws(TrainingError) {
        try lora.validate()
        try adamW.validate()
        try schedule.validate()
        func check(_ holds: Bool, _ what: String) throws(TrainingError) {
            guard holds else { throw TrainingError(.badOption, what) }
        }
        let limit = 1 << 20
        try check(
            (1...limit).contains(batchSize), "batch size \(batchSize) is not usable: give 1 to \(limit)")
        try check(
            (1...limit).contains(accumulation),
            "accumulation \(accumulation) is not usable: give 1 to \(limit)")
        try check(
            passes > 0 && passes <= 1e6, "\(passes) passes are not possible: give a number above 0, such as 2"
        )
        try check(
            precision == .full || cg_bf16_is_available(),
            "this CPU has no instructions for bfloat16: train in full precision")
        try check(bucketSteps >= 1, "buckets of \(bucketSteps) steps are not possible: give 1 or more")
    }
}
