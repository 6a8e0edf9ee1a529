import Files
import Foundation
import Grammar
import Synchronization
import Tokenizer
import Weights

/// A model on disk, mapped and checked: its configuration, weights and tokenizer.
package final class GemmaModel: Sendable {
    /// The file or folder that the model was opened from.
    package let path: String
    /// The model's shapes and constants.
    package let configuration: GemmaConfiguration
    /// The model's tokenizer.
    package let tokenizer: SentencePieceTokenizer
    /// Whether the model comes with a chat template, which means that it was trained on chat turns.
    package let isInstructionTuned: Bool
    /// The tokens that end an answer.
    package let stopTokens: Set<TokenID>
    /// The tokens that no answer contains: Gemma 4's other control tokens, which would begin reasoning, or the call of
    /// a tool.
    let withheldTokens: [TokenID]
    let weights: GemmaWeights
    // Guards: the vocabulary, which is built at its first use.
    private let vocabulary = Mutex<TokenVocabulary?>(nil)

    /// Opens a GGUF file or a Hugging Face folder (config.json, safetensors, tokenizer.model or tokenizer.json).
    ///
    /// Only headers, norms and the vocabulary are read. If anything does not fit, the error names the file and the
    /// field.
    package init(path: String) throws {
        self.path = path
        let parts = try Self.isFolder(path) ? Self.openFolder(path) : Self.openGGUF(path)
        configuration = parts.configuration
        tokenizer = parts.tokenizer
        weights = parts.weights
        isInstructionTuned = parts.isInstructionTuned
        guard tokenizer.vocabularySize <= configuration.vocabularySize else {
            throw GemmaError(
                .badConfiguration,
                "\(path): the tokenizer has \(tokenizer.vocabularySize) tokens, but the embedding only "
                    + "\(configuration.vocabularySize) rows: they do not belong together")
        }
        guard tokenizer.controlToken(.beginningOfSequence) != nil else {
            throw GemmaError(
                .badConfiguration, "\(path): the tokenizer has no <bos>: it is not a Gemma tokenizer")
        }
        var stopTokens = Set([ControlToken.endOfSequence, .endOfTurn].compactMap(tokenizer.controlToken))
        if configuration.architecture == .gemma4 {
            // Its files may name just one of the two as the end of a sequence.
            stopTokens.formUnion(["<eos>", "<turn|>"].compactMap(tokenizer.controlToken(spelled:)))
            let ids = (0..<TokenID(tokenizer.vocabularySize)).filter(tokenizer.isControl)
            withheldTokens = ids.filter { !stopTokens.contains($0) }
        } else {
            withheldTokens = []
        }
        self.stopTokens = stopTokens
    }

    /// Opens just the tokenizer of a GGUF file, a Hugging Face folder, a `tokenizer.model` or a `tokenizer.json`.
    package static func tokenizer(path: String) throws -> SentencePieceTokenizer {
        if try isFolder(path) { return try folderTokenizer(path) }
        if path.hasSuffix(".model") { return try SentencePieceTokenizer(modelFile: path) }
        if path.hasSuffix(".json") { return try SentencePieceTokenizer(tokenizerFile: path) }
        return try GGUFConfiguration.tokenizer(GGUFFile(path: path))
    }

    /// The tokenizer's vocabulary in the form that answers with a grammar need.
    ///
    /// The first call takes a moment, so a caller may want to make it before the first request.
    @discardableResult
    package func tokenVocabulary() throws(GrammarError) -> TokenVocabulary {
        try vocabulary.withLock { made throws(GrammarError) in
            if let made { return made }
            let new = try TokenVocabulary(tokenizer)
            made = new
            return new
        }
    }

    /// The number of elements in all tensors.
    package var parameterCount: Int { weights.tensors.reduce(0) { $0 + $1.elementCount } }

    /// The number of bytes in all tensors.
    package var weightBytes: Int { weights.tensors.reduce(0) { $0 + $1.byteCount } }

    /// The names of the element types that occur, sorted.
    package var elementTypes: [String] { Set(weights.tensors.map(\.type.name)).sorted() }

    /// One line for each tensor, with its name, shape and element type.
    package var tensorList: [String] {
        weights.tensors.map { "\($0.name) \($0.shape) \($0.type.name)" }
    }

    /// The number of bytes that one token takes in a half-precision cache.
    package var cacheBytesPerToken: Int { KVCache.bytesPerToken(of: configuration, elementType: .f16) }

    /// A hash that distinguishes models: 64-bit FNV-1a over the configuration and the name, shape, type and samples of
    /// each tensor, in hex.
    package var fingerprint: String {
        var hash = FNV1a()
        hash.add("\(configuration)".utf8)
        for tensor in weights.tensors {
            hash.add("\(tensor.name) \(tensor.shape) \(tensor.type.name)".utf8)
            tensor.withUnsafeBytes { bytes in
                hash.add(bytes.prefix(256))
                hash.add(bytes.suffix(256))
            }
        }
        return hash.hex
    }

    private struct Parts {
        var configuration: GemmaConfiguration
        var weights: GemmaWeights
        var tokenizer: SentencePieceTokenizer
        var isInstructionTuned: Bool
    }

    private static func isFolder(_ path: String) throws(GemmaError) -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw GemmaError(
                .badWeights,
                "\(path): there is no such file; give a GGUF file or a folder with config.json, "
                    + "safetensors and tokenizer.model or tokenizer.json")
        }
        return isFolder.boolValue
    }

    private static func openGGUF(_ path: String) throws -> Parts {
        let file = try GGUFFile(path: path)
        let configuration = try GGUFConfiguration.read(file)
        return Parts(
            configuration: configuration,
            weights: try GemmaWeights(
                configuration: configuration, naming: .gguf, source: path, roundsScale: false,
                hasTensor: file.hasTensor, tensor: { try file.tensor(named: $0) }),
            tokenizer: try GGUFConfiguration.tokenizer(file),
            isInstructionTuned: file.hasMetadata("tokenizer.chat_template"))
    }

    private static func openFolder(_ path: String) throws -> Parts {
        let source = path + "/config.json"
        guard let data = FileManager.default.contents(atPath: source) else {
            throw GemmaError(.badConfiguration, "\(source): cannot be read; a Hugging Face folder needs it")
        }
        let configuration = try HuggingFaceConfiguration.read(data, source: source)
        let directory = try SafetensorsDirectory(path: path)
        let prefixes = ["model.", "language_model.model.", "model.language_model.", ""]
        guard let prefix = prefixes.first(where: { directory.hasTensor($0 + "embed_tokens.weight") }) else {
            throw GemmaError(.badWeights, "\(path): there is no tensor model.embed_tokens.weight")
        }
        return Parts(
            configuration: configuration,
            weights: try GemmaWeights(
                configuration: configuration,
                naming: .huggingFace(prefix: prefix, architecture: configuration.architecture), source: path,
                roundsScale: true, hasTensor: directory.hasTensor,
                tensor: { try directory.tensor(named: $0) }),
            tokenizer: try folderTokenizer(path),
            isInstructionTuned: hasChatTemplate(path))
    }

    /// Gemma 4's folders have a `tokenizer.json` alone.
    private static func folderTokenizer(_ path: String) throws -> SentencePieceTokenizer {
        let file = path + "/tokenizer.json"
        guard !FileManager.default.fileExists(atPath: path + "/tokenizer.model"),
            FileManager.default.fileExists(atPath: file)
        else { return try SentencePieceTokenizer(modelFile: path + "/tokenizer.model") }
        return try SentencePieceTokenizer(tokenizerFile: file)
    }

    private static func hasChatTemplate(_ path: String) -> Bool {
        if FileManager.default.fileExists(atPath: path + "/chat_template.jinja") { return true }
        guard let data = FileManager.default.contents(atPath: path + "/tokenizer_config.json"),
            let settings = try? JSONSerialization.jsonObject(with: data) as? [String: Any]
        else { return false }
        return settings["chat_template"] != nil
    }
}
