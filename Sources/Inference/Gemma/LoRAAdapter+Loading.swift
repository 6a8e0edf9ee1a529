import Foundation
import Weights

extension LoRAAdapter {
    /// Reads an adapter: a GGUF file as llama.cpp has it, or a folder as peft has it.
    ///
    /// - Parameter architecture: of the base model; only needed for folders of peft's that do not tell.
    /// - Throws: a ``GemmaError`` or `WeightsError` that says what is wrong with which file.
    package init(path: String, architecture: GemmaConfiguration.Architecture? = nil) throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw Self.refusal(
                path, "there is no such file; give a GGUF file, or a folder with adapter_config.json")
        }
        if isFolder.boolValue {
            try self.init(peft: path, architecture: architecture)
        } else {
            try self.init(gguf: try GGUFFile(path: path))
        }
    }

    /// Writes an adapter: a GGUF file as llama.cpp has it if the name ends in `.gguf`, else a folder as peft has it.
    ///
    /// - Parameter type: see ``writeGGUF(to:type:)`` and ``writePeft(to:type:)``; nil leaves it to them.
    package func write(to path: String, type: ElementType? = nil) throws {
        if path.hasSuffix(".gguf") {
            try writeGGUF(to: path, type: type ?? .f16)
        } else {
            try writePeft(to: path, type: type ?? .f32)
        }
    }

    /// Tells adapters apart: a 64-bit FNV-1a hash over all that the results depend on, in hex.
    package var fingerprint: String {
        var hash = FNV1a()
        hash.add(UInt64(UInt32(truncatingIfNeeded: rank)))
        hash.add(UInt64(alpha.bitPattern))
        for site in sites {
            guard let pair = pairs[site] else { continue }
            hash.add(site.description.utf8)
            for number in pair.a { hash.add(UInt64(number.bitPattern)) }
            for number in pair.b { hash.add(UInt64(number.bitPattern)) }
        }
        return hash.hex
    }

    /// One of the two factors of a pair.
    enum Half: String { case a, b }

    /// Tensors of a file by the matrix that they are for.
    struct HalvesBySite {
        private(set) var a: [Site: Tensor] = [:]
        private(set) var b: [Site: Tensor] = [:]

        mutating func add(_ tensor: Tensor, _ site: Site, _ half: Half, path: String) throws(GemmaError) {
            guard tensor.shape.count <= 2 else {
                throw refusal(path, "tensor \(tensor.name) has the shape \(tensor.shape), a matrix is needed")
            }
            let old = half == .a ? a.updateValue(tensor, forKey: site) : b.updateValue(tensor, forKey: site)
            if let old { throw refusal(path, "\(old.name) and \(tensor.name) are both for \(site)") }
        }
    }

    /// Makes an adapter of what was found in a file.
    init(
        name: String, baseModel: String, architecture: GemmaConfiguration.Architecture, alpha: Float,
        promptTemplate: String?, halves: HalvesBySite, path: String
    ) throws(GemmaError) {
        var pairs: [Site: Pair] = [:]
        var rank: Int?
        for site in Set(halves.a.keys).union(halves.b.keys).sorted() {
            guard let a = halves.a[site], let b = halves.b[site] else {
                throw Self.refusal(
                    path,
                    "\(halves.a[site] == nil ? "A" : "B") is missing for \(site); the other half is there")
            }
            // Files may leave out an extent of 1 at the end: A of rank 1 is a vector then, but B keeps its columns.
            let (own, columns) = (a.rows, b.shape.count == 2 ? b.columns : 1)
            guard own == columns else {
                throw Self.refusal(
                    path, "\(a.name) is \(a.shape), but \(b.name) is \(b.shape): of another rank")
            }
            guard rank ?? own == own else {
                throw Self.refusal(
                    path,
                    "\(site) is of rank \(own), others of rank \(rank ?? 0): one rank for all can be used")
            }
            rank = own
            pairs[site] = Pair(
                inputSize: a.columns, outputSize: b.elementCount / columns, a: a.floats(), b: b.floats())
        }
        guard let rank else { throw Self.refusal(path, "it has no tensors") }
        do {
            try self.init(
                name: name, baseModel: baseModel, architecture: architecture, rank: rank, alpha: alpha,
                promptTemplate: promptTemplate, pairs: pairs)
        } catch {
            throw Self.refusal(path, error.message)
        }
    }

    /// "minutes" for "some/where/minutes.gguf".
    static func name(ofFile path: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }

    /// A layer's number as it stands in a name; no signs, no zeroes before it.
    static func layerNumber(_ text: Substring) -> Int? {
        guard let number = Int(text), number >= 0, String(number) == text else { return nil }
        return number
    }

    static func refusal(_ path: String, _ what: String) -> GemmaError {
        GemmaError(.badAdapter, "\(path): this adapter cannot be used: \(what)")
    }
}

extension LoRAAdapter.Target {
    /// All of them, for messages.
    static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
