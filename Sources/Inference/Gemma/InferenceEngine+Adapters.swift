/// The engine's adapters: each request may choose one by name, and requests with different adapters share passes.
extension InferenceEngine {
    /// Makes an adapter available to requests under a name, replacing any adapter that has this name.
    ///
    /// Requests in progress keep the adapter they began with. Cached keys and values are reused only for the adapter
    /// that they were computed with.
    ///
    /// - Throws: a ``GemmaError`` if the adapter does not fit the model.
    package func load(_ adapter: LoRAAdapter, as name: String) throws(GemmaError) {
        adapters[name] = try AppliedAdapter(adapter, for: model.configuration, isExact: isExact)
    }

    /// Removes the adapter of this name, if there is one; requests in progress keep it.
    package func unload(adapter name: String) { adapters[name] = nil }

    /// The names of all loaded adapters, sorted.
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
