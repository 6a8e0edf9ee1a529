import CGradients

/// The options for training an adapter.
///
/// Two runs with the same options, examples and model give the same bits.
package struct TrainingOptions: Sendable, Hashable, Codable {
    /// The arithmetic in which the frozen matrices are multiplied; everything else is in f32.
    package enum Precision: String, Sendable, Hashable, Codable, CaseIterable {
        /// Everything is in f32.
        case full
        /// Products are in bfloat16 with sums in f32, which is more than twice as fast. It needs a CPU with bfloat16
        /// instructions, and applies only to matrices that the memory plan keeps.
        case bfloat16
    }

    /// The shape of the adapter.
    package var lora: LoRAOptions
    /// The options of the optimiser.
    package var adamW: AdamWOptions
    /// The learning rate over the course of the run.
    package var schedule: LearningRateSchedule
    /// The number of examples in a batch.
    package var batchSize: Int
    /// The number of batches whose gradients are added up for each step.
    package var accumulation: Int
    /// How often the run goes through all examples; need not be a whole number.
    package var passes: Double
    /// Within groups of this many steps, examples are sorted by length; 1 keeps the order random.
    package var bucketSteps: Int
    /// The arithmetic for products with the frozen matrices.
    package var precision: Precision
    /// The seed for the order of the examples, the initial factors and dropout.
    package var seed: UInt64

    /// Creates options; by default, one pass with batches of 4 and a learning rate that falls from 5e-4.
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

    /// The number of examples in a step.
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
