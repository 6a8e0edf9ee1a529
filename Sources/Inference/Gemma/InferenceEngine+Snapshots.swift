/// Timelines that outlive the process.
///
/// A timeline that is asked for and not in memory is looked for among the snapshots first, so that a prompt which
/// goes on from a saved one costs its new tokens only.
extension InferenceEngine {
    /// Saves what of a timeline is not saved yet; does nothing without ``Options/snapshotFolder``.
    ///
    /// Other requests go on meanwhile: the engine copies some positions at a time, another thread writes them.
    ///
    /// - Throws: a ``GemmaError`` if the files cannot be written. The timeline is none the worse for it.
    package nonisolated func save(timeline name: String) async throws {
        guard let snapshots else { return }
        // A limit, for the case that somebody removes each file right after it is written.
        for _ in 0..<Self.portionsLimit {
            guard let positions = await unsavedPositions(of: name) else { return }
            // Ignored: what could not be appended is asked for again, from the beginning.
            _ = try await snapshots.write(positions, name: name)
        }
    }

    /// What the saved timelines take on the disk; nil without ``Options/snapshotFolder``.
    package nonisolated var snapshotUsage: KVSnapshotUsage? { snapshots?.usage }

    static func snapshots(
        of model: GemmaModel, options: Options, cacheType: KVCache.ElementType
    ) -> KVSnapshotStore? {
        guard let folder = options.snapshotFolder else { return nil }
        let layout = KVSnapshotLayout(
            model: model, elementType: cacheType, arithmetic: options.isExact ? "f32" : "integers")
        return KVSnapshotStore(folder: folder, bytesLimit: options.snapshotBytesLimit, layout: layout)
    }

    private static let portionsLimit = 4096
    private static let portionBytes = 16 << 20

    private func unsavedPositions(of name: String) -> KVSnapshotPositions? {
        guard let snapshots, let timeline = timelines[name] else { return nil }
        let layout = snapshots.layout(adapter: timeline.adapter?.fingerprint)
        let first = snapshots.savedCount(of: timeline.tokens, name: name, layout: layout)
        guard first < timeline.tokens.count else { return nil }
        let count = max(1, Self.portionBytes / layout.recordBytes)
        return KVSnapshotPositions(
            of: Array(timeline.tokens.prefix(first + count)), from: first, cache: timeline.cache,
            layout: layout)
    }

    /// A timeline as it was saved; nil if there is none that can be used.
    func restoredTimeline(_ name: String, adapter: AppliedAdapter?) throws(GemmaError) -> TokenTimeline? {
        guard let snapshots else { return nil }
        // Not used any further if it was filled in part.
        let cache = try makeCache()
        do {
            let tokens = try snapshots.restore(
                name, into: cache, layout: snapshots.layout(adapter: adapter?.fingerprint))
            guard !tokens.isEmpty else { return nil }
            let timeline = TokenTimeline(cache: cache, adapter: adapter)
            timeline.append(tokens[...])
            return timeline
        } catch {
            onSnapshotRefusal(error)
            return nil
        }
    }
}
