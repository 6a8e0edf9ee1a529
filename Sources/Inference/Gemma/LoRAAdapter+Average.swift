extension LoRAAdapter {
    /// An adapter that adds exactly the mean of what several adapters add; it concatenates their factors, so its rank
    /// is the sum of theirs.
    ///
    /// Adapters that are trained in the same way from different seeds make different mistakes, and their mean makes
    /// fewer than any one of them. Source: Wortsman et al., "Model soups", https://arxiv.org/abs/2203.05482
    ///
    /// - Parameters:
    ///   - adapters: at least one; their ranks and alphas may differ.
    ///   - requiresSameBaseName: whether to refuse adapters with different ``baseModel`` texts; pass false if all of
    ///     them have been checked against the same model.
    /// - Throws: a ``GemmaError`` if the adapters are for different models, prompts or matrices, or if the sum of their
    ///   ranks is too high to be applied.
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
                    + "be applied; average fewer")
        }
        let meanScale = adapters.reduce(0) { $0 + $1.scale } / Float(adapters.count)
        var pairs: [Site: Pair] = [:]
        for (site, pair) in first.pairs {
            let parts = adapters.compactMap { adapter in adapter.pairs[site].map { ($0, adapter.scale) } }
            var b: [Float] = []
            b.reserveCapacity(rank * pair.outputSize)
            for row in 0..<pair.outputSize {
                for (part, scale) in parts {
                    // This is exactly 1 if all scales are equal.
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

    /// Throws unless both adapters adapt the same matrices of the same model and were trained with the same prompt.
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
