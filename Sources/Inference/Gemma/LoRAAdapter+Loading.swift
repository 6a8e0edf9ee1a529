import Files
import Foundation
import Weights

extension LoRAAdapter {
    /// Reads an adapter from a GGUF file in llama.cpp's format or a folder in peft's format.
    ///
    /// - Parameter architecture: the base model's; needed only for a folder that does not say which it is.
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

    /// Writes the adapter as a GGUF file in llama.cpp's format if the path ends in `.gguf`, else as a folder in peft's.
    ///
    /// - Parameter type: F16 or F32; nil takes F16 for ``writeGGUF(to:type:)`` and F32 for ``writePeft(to:type:)``.
    package func write(to path: String, type: ElementType? = nil) throws {
        if path.hasSuffix(".gguf") {
            try writeGGUF(to: path, type: type ?? .f16)
        } else {
            try writePeft(to: path, type: type ?? .f32)
        }
    }

    /// A hash that distinguishes adapters: 64-bit FNV-1a over everything that affects results, in hex.
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

    /// The tensors of a file, by the matrix that they adapt.
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

    /// Creates an adapter from the tensors of a file; throws a ``GemmaError`` if they do not form pairs of one rank.
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
            // A file may leave out an extent of 1: of an adapter of rank 1, both A and B may then be vectors.
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

    /// The name for an adapter that has none in its file: "minutes" for "some/where/minutes.gguf".
    static func name(ofFile path: String) -> String {
        URL(fileURLWithPath: path).deletingPathExtension().lastPathComponent
    }

    /// Parses a layer's number in a tensor's name; nil if it has a sign or leading zeros.
    static func layerNumber(_ text: Substring) -> Int? {
        guard let number = Int(text), number >= 0, String(number) == text else { return nil }
        return number
    }

    static func refusal(_ path: String, _ what: String) -> GemmaError {
        GemmaError(.badAdapter, "\(path): this adapter cannot be used: \(what)")
    }
}

extension LoRAAdapter.Target {
    /// The names of all targets, for messages.
    package static var names: String { allCases.map(\.rawValue).joined(separator: ", ") }
}
