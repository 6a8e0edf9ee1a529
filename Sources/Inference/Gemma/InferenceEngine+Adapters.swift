/// Adapters of an engine, by name: each request may choose one, and those of all requests share the passes.
extension InferenceEngine {
    /// Makes an adapter available to requests under a name, in place of one that has it.
    ///
    /// Requests that are being served go on with what they began with. What was prefilled with another adapter is
    /// never used.
    ///
    /// - Throws: a ``GemmaError`` if it does not fit the model.
    package func load(_ adapter: LoRAAdapter, as name: String) throws(GemmaError) {
        adapters[name] = try AppliedAdapter(adapter, for: model.configuration, isExact: isExact)
    }

    /// Forgets the adapter of that name, if there is one.
    package func unload(adapter name: String) { adapters[name] = nil }

    /// Names of the adapters, sorted.
    package var adapterNames: [String] { adapters.keys.sorted() }

    func adapter(named name: String?) throws(GemmaError) -> AppliedAdapter? {
        guard let name else { return nil }
        guard let adapter = adapters[name] else {
            let known =
                adapters.isEmpty ? "none is loaded" : "loaded: \(adapterNames.joined(separator: ", "))"
            throw GemmaError(.badAdapter, "there is no adapter called \(name); \(known)")
        }
        return adapter
    }
}
