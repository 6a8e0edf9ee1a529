/// Saving timelines for a later process, and restoring them.
///
/// If a requested timeline is not in memory, the engine first looks for a snapshot of it, so that for a prompt which
/// continues a saved one, only the new tokens have to be computed.
extension InferenceEngine {
    /// Saves the part of a timeline that is not saved yet; does nothing without ``Options/snapshotFolder``.
    ///
    /// Other requests continue meanwhile: the engine copies a portion of positions at a time, and another thread writes
    /// it.
    ///
    /// - Throws: a ``GemmaError`` if the files cannot be written; the timeline in memory is not affected.
    package nonisolated func save(timeline name: String) async throws {
        guard let snapshots else { return }
        // The limit keeps this from going on forever if something removes each file right after it is written.
        for _ in 0..<Self.portionsLimit {
            guard let positions = await unsavedPositions(of: name) else { return }
            // Ignored: if a portion could not be appended, the next round begins again with the first position.
            _ = try await snapshots.write(positions, name: name)
        }
    }

    /// How much disk space the saved timelines take; nil without ``Options/snapshotFolder``.
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

    /// Restores a saved timeline; nil if none was saved or it cannot be used.
    func restoredTimeline(_ name: String, adapter: AppliedAdapter?) throws(GemmaError) -> TokenTimeline? {
        guard let snapshots else { return nil }
        // A cache that is only partly filled when an error occurs is dropped.
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
