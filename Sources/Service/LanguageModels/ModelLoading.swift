import Gemma
import Logging
import Settings

extension GemmaLanguageModel {
    /// Opens the model that the settings name.
    ///
    /// - Parameter logger: receives the location of the repacked weights. With a logger they are also checked in the
    ///   background; without one, the first request checks them.
    package convenience init(_ settings: Settings.Model, logger: Logger? = nil) throws {
        let adapters = settings.adapterPaths
        try self.init(
            path: settings.path,
            options: Options(
                contextLength: settings.contextLength, threads: settings.threads,
                isDeterministic: settings.isDeterministic, style: settings.style,
                snapshotFolder: settings.snapshotFolder,
                snapshotBytesLimit: settings.snapshotMegabytes << 20,
                packedWeightsFolders: settings.cacheFolders, adapters: adapters))
        guard let logger else { return }
        for (kind, path) in adapters.values.sorted(by: { $0.key < $1.key }) {
            logger.info(
                "loaded an adapter",
                metadata: ["file": "\(path)", "meetings": "\(kind.isEmpty ? "all others" : kind)"])
        }
        switch packedWeights {
        case .none, .memory(reason: nil): break
        case .memory(let reason?):
            logger.warning(
                "the repacked weights cannot be kept, so that the next start takes as long: set model.cacheFolder",
                metadata: ["reason": "\(reason)"])
        case .written(let path):
            logger.info("repacked the weights for the next starts", metadata: ["file": "\(path)"])
        case .mapped(let path):
            logger.info("mapped the repacked weights", metadata: ["file": "\(path)"])
            Task { await checkWeights(logger, path) }
        }
    }

    private func checkWeights(_ logger: Logger, _ path: String) async {
        do {
            let damaged = try await checkWeights()
            if damaged > 0 {
                logger.warning(
                    "the repacked weights were damaged: repaired, and to be written again at the next start",
                    metadata: ["file": "\(path)", "blocks": "\(damaged)"])
            }
        } catch {
            // The first request meets the same error.
            logger.error("the repacked weights cannot be used", metadata: ["error": "\(error)"])
        }
    }
}
