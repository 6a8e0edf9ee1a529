extension LoRAAdapter {
    /// The mean of what several adapters add to a model, exactly: the factors stand one behind the other, so that the
    /// ranks add up.
    ///
    /// Adapters trained alike from different seeds err in different places, and their mean errs less than each of
    /// them. Source: Wortsman et al., "Model soups", https://arxiv.org/abs/2203.05482
    ///
    /// - Parameters:
    ///   - adapters: at least one; ranks and alphas may differ.
    ///   - requiresSameBaseName: refuses those whose ``baseModel`` is not the same text. Let it be false if all of them
    ///     have been checked against one model.
    /// - Throws: a ``GemmaError`` if they are for different models, prompts or matrices, or their ranks come to more
    ///   than can be applied.
    package static func average(
        of adapters: [LoRAAdapter], name: String, requiresSameBaseName: Bool = true
    ) throws(GemmaError) -> LoRAAdapter {
        precondition(!adapters.isEmpty)
        let first = adapters[0]
        for other in adapters.dropFirst() {
            try other.checkAverageable(with: first, requiresSameBaseName: requiresSameBaseName)
        }
        let rank = adapters.reduce(0) { $0 + $1.rank }
        guard rank <= AppliedAdapter.rankLimit else {
            throw GemmaError(
                .badAdapter,
                "the ranks of the \(adapters.count) adapters come to \(rank): up to \(AppliedAdapter.rankLimit) can "
                    + "be applied, average fewer")
        }
        let meanScale = adapters.reduce(0) { $0 + $1.scale } / Float(adapters.count)
        var pairs: [Site: Pair] = [:]
        for (site, pair) in first.pairs {
            let parts = adapters.compactMap { adapter in adapter.pairs[site].map { ($0, adapter.scale) } }
            var b: [Float] = []
            b.reserveCapacity(rank * pair.outputSize)
            for row in 0..<pair.outputSize {
                for (part, scale) in parts {
                    // Exactly 1 where the scales are the same.
                    let weight = scale / meanScale
                    b += part.b[(row * part.rank)..<((row + 1) * part.rank)].lazy.map { $0 * weight }
                }
            }
            pairs[site] = Pair(
                inputSize: pair.inputSize, outputSize: pair.outputSize, a: parts.flatMap { $0.0.a }, b: b)
        }
        return try LoRAAdapter(
            name: name, baseModel: first.baseModel, architecture: first.architecture, rank: rank,
            alpha: meanScale / Float(adapters.count) * Float(rank), promptTemplate: first.promptTemplate,
            pairs: pairs)
    }

    /// Refuses what does not add to the same matrices of the same model, asked in the same way.
    private func checkAverageable(with first: LoRAAdapter, requiresSameBaseName: Bool) throws(GemmaError) {
        func refuse(_ what: String) throws(GemmaError) -> Never {
            throw GemmaError(.badAdapter, "adapters \(first.name) and \(name) cannot be averaged: \(what)")
        }
        guard architecture == first.architecture else {
            try refuse("they are for \(first.architecture.rawValue) and \(architecture.rawValue)")
        }
        guard baseModel == first.baseModel || !requiresSameBaseName else {
            try refuse(
                "they were trained on \(first.baseModel) and \(baseModel); if that is one model under two names, "
                    + "say which, so that they can be checked against it")
        }
        guard promptTemplate == first.promptTemplate else {
            try refuse(
                "they were trained with the prompts '\(first.promptTemplate ?? "not known")' and "
                    + "'\(promptTemplate ?? "not known")'")
        }
        for site in Set(sites).union(first.sites).sorted() {
            guard let own = pairs[site], let wanted = first.pairs[site] else {
                let having = pairs[site] == nil ? first : self
                try refuse("only \(having.name) adapts \(site); train both with the same targets")
            }
            guard (own.outputSize, own.inputSize) == (wanted.outputSize, wanted.inputSize) else {
                try refuse(
                    "\(site) is [\(wanted.outputSize), \(wanted.inputSize)] in one and [\(own.outputSize), "
                        + "\(own.inputSize)] in the other: they are for different models")
            }
        }
    }
}
