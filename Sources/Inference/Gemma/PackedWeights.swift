import CKernels
import Files
import Glibc

/// A model's weights, repacked for integer arithmetic where their element types allow it.
///
/// Repacked weights take about as much memory as the originals, whose mapped pages are released, so that the two do not
/// add up. They are in a ``PackedWeightsFile`` if there is a folder for one, else in this process's memory.
final class PackedWeights {
    /// The model's layers, with tiles in the matrices that were repacked.
    let layers: [GemmaWeights.Layer]
    /// The model's head, with tiles if it was repacked.
    let head: Matrix
    /// The model's projections to layer inputs, likewise; see ``GemmaWeights/LayerInputs``.
    let layerInputProjections: [Matrix]
    /// Whether anything was repacked.
    var usesTiles: Bool { storage != .none }
    /// Where the repacked weights are.
    let storage: PackedWeightsStorage
    /// The mapped file; nil if the weights are in memory.
    private let file: PackedWeightsFile?
    private let memory: UnsafeMutableRawPointer?
    private let byteCount: Int

    /// Opens a file of repacked weights, or writes one, or repacks them in memory, using all threads of `pool`.
    ///
    /// - Parameter folders: where the file may be; the first folder that works is used. If none does, that is no error.
    /// - Throws: a ``GemmaError`` if there is not enough memory.
    init(model: GemmaModel, pool: ThreadPool, folders: [String] = []) throws(GemmaError) {
        let layout = PackedWeightsFileLayout(weights: model.weights)
        byteCount = layout.byteCount
        var address: UnsafeRawPointer?
        if byteCount == 0 {
            (file, memory, storage) = (nil, nil, .none)
        } else {
            let paths = folders.map { Self.path(of: model, in: $0) }
            let (file, storage) = Self.file(paths, layout: layout, pool: pool)
            (self.file, self.storage) = (file, storage)
            memory = file == nil ? try Self.packedMemory(layout, pool: pool) : nil
            address = file?.address ?? memory.map { UnsafeRawPointer($0) }
        }
        var offsets = layout.offsets[...]
        func packed(_ matrix: Matrix) -> Matrix {
            guard let offset = offsets.removeFirst(), let address else { return matrix }
            var matrix = matrix
            matrix.tiles = address + offset
            return matrix
        }
        head = packed(model.weights.head)
        layerInputProjections = model.weights.layerInputs?.projections.map(packed) ?? []
        layers = model.weights.layers.map { $0.mapMatrices(packed) }
    }

    deinit {
        if let memory { munmap(memory, byteCount) }
    }

    /// Checks a file that this process has not written, the first time only; must be called before the weights are
    /// used.
    ///
    /// - Returns: how many damaged blocks were found and repacked.
    @discardableResult
    func verify(pool: ThreadPool) throws(GemmaError) -> Int { try file?.verify(pool: pool) ?? 0 }

    /// The path of a model's file in a folder: named after the model and, unless it is next to the model, after a hash
    /// of the model's path.
    static func path(of model: GemmaModel, in folder: String) -> String {
        func withoutSlash(_ path: String) -> String {
            path.count > 1 && path.hasSuffix("/") ? String(path.dropLast()) : path
        }
        let (path, folder) = (withoutSlash(model.path), withoutSlash(folder))
        let (parent, name) = Folder.split(path)
        if folder == parent { return "\(folder)/\(name).tiles" }
        let hash = XXHash64.hash(Array(path.utf8)[...])
        return "\(folder)/\(name)-\(String(hash, radix: 16)).tiles"
    }

    private static func file(
        _ paths: [String], layout: PackedWeightsFileLayout, pool: ThreadPool
    ) -> (PackedWeightsFile?, PackedWeightsStorage) {
        for path in paths {
            if let file = PackedWeightsFile.open(path, layout: layout) { return (file, .mapped(path: path)) }
        }
        var reasons: [String] = []
        for path in paths {
            do throws(PackedWeightsFile.Hindrance) {
                let (file, isNew) = try PackedWeightsFile.write(to: path, layout: layout, pool: pool)
                return (file, isNew ? .written(path: path) : .mapped(path: path))
            } catch {
                reasons.append(error.message)
            }
        }
        return (nil, .memory(reason: reasons.isEmpty ? nil : reasons.joined(separator: "; ")))
    }

    private static func packedMemory(
        _ layout: PackedWeightsFileLayout, pool: ThreadPool
    ) throws(GemmaError) -> UnsafeMutableRawPointer {
        let memory = mmap(nil, layout.byteCount, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0)
        guard let memory, memory != MAP_FAILED else {
            throw GemmaError(
                .badOption,
                "no memory for \(layout.byteCount >> 20) MiB of repacked weights: take a smaller model")
        }
        // Ignored: this is a hint. Large pages are filled and read faster.
        _ = madvise(memory, layout.byteCount, MADV_HUGEPAGE)
        // Safety: blocks do not overlap, and the memory is as large as the file would be.
        nonisolated(unsafe) let start = memory
        pool.forEach(layout.blocks.count) { _, index in
            layout.pack(layout.blocks[index], into: start + layout.blocks[index].offset)
        }
        return memory
    }
}

extension GemmaWeights.Layer {
    /// The layer's matrices, in the order in which the forward pass reads them.
    var matrices: [Matrix] {
        [attnQ, attnK, attnV, attnOutput, ffnGate, ffnUp, ffnDown, input?.gate, input?.projection]
            .compactMap(\.self)
    }

    /// A copy of the layer with `transform` applied to each matrix, in the order of ``matrices``.
    func mapMatrices(_ transform: (Matrix) -> Matrix) -> GemmaWeights.Layer {
        var layer = self
        layer.attnQ = transform(attnQ)
        layer.attnK = attnK.map(transform)
        layer.attnV = attnV.map(transform)
        layer.attnOutput = transform(attnOutput)
        layer.ffnGate = transform(ffnGate)
        layer.ffnUp = transform(ffnUp)
        layer.ffnDown = transform(ffnDown)
        if let input {
            layer.input?.gate = transform(input.gate)
            layer.input?.projection = transform(input.projection)
        }
        return layer
    }
}
