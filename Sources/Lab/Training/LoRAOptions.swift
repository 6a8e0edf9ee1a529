import Gemma

/// What is trained: the shape of an adapter.
package struct LoRAOptions: Sendable, Hashable, Codable {
    /// Rows of A, columns of B.
    package var rank: Int
    /// What is added is scaled by `alpha / rank`.
    package var alpha: Float
    /// The share of inputs of A that is dropped in training.
    package var dropout: Float
    /// GGUF's names of the matrices that are adapted, in each layer.
    package var targets: [LoRAAdapter.Target]

    /// Makes options; those of the published recipes if nothing is given.
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
