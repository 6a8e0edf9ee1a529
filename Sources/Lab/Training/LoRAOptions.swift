import Gemma

/// The shape of the adapter to train, and its dropout.
package struct LoRAOptions: Sendable, Hashable, Codable {
    /// The rank: the number of rows of A and of columns of B.
    package var rank: Int
    /// The adapter's addition is scaled by `alpha / rank`.
    package var alpha: Float
    /// The share of A's inputs that is dropped in training.
    package var dropout: Float
    /// The matrices that are adapted in each layer.
    package var targets: [LoRAAdapter.Target]

    /// Creates options; by default all matrices are adapted with rank 8 and alpha 16, without dropout.
    package init(
        rank: Int = 8, alpha: Float = 16, dropout: Float = 0,
        targets: [LoRAAdapter.Target] = LoRAAdapter.Target.allCases
    ) {
        self.rank = rank
        self.alpha = alpha
        self.dropout = dropout
        self.targets = targets
    }

    var scale: Float { alpha / Float(rank) }

    func validate() throws(TrainingError) {
        func check(_ holds: Bool, _ what: String) throws(TrainingError) {
            guard holds else { throw TrainingError(.badOption, what) }
        }
        try check(rank > 0 && rank <= 1024, "rank \(rank) is not usable: give 1 to 1024")
        try check(alpha > 0 && alpha.isFinite, "alpha \(alpha) is not usable: give a positive number")
        try check(
            dropout >= 0 && dropout < 1, "dropout \(dropout) is not usable: give 0 or more, less than 1")
        try check(!targets.isEmpty, "there is no matrix to adapt: name at least one target")
        try check(Set(targets).count == targets.count, "a target is named twice")
    }
}

extension LoRAAdapter.Target: Codable {}
