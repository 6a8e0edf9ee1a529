import Foundation
import Testing
import Tokenizer

/// Reads the vocabulary of a GGUF file without `Weights`, so that the two modules are tested independently.
enum EmbeddedVocabulary {
    /// The path of the real default model; nil if it is not installed.
    static let model: String? = {
        let environment = ProcessInfo.processInfo.environment
        let path =
            environment["MINUTED_MODEL"]
            ?? NSHomeDirectory() + "/.cache/minuted/gemma-3-270m-q4_k_m.gguf"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    static func read(_ path: String) throws -> GGUFVocabulary {
        var reader = MetadataReader(bytes: try Data(contentsOf: URL(filePath: path), options: .alwaysMapped))
        var vocabulary = GGUFVocabulary(tokens: [], scores: [], types: [])
        _ = reader.number(8)  // magic, version
        _ = reader.number(8)  // tensor count
        for _ in 0..<reader.number(8) {
            let key = reader.string()
            let type = reader.number(4)
            switch key {
            case "tokenizer.ggml.tokens": vocabulary.tokens = reader.array { $0.string() }
            case "tokenizer.ggml.scores":
                vocabulary.scores = reader.array { Float(bitPattern: UInt32($0.number(4))) }
            case "tokenizer.ggml.token_type": vocabulary.types = reader.array { Int32($0.number(4)) }
            case "tokenizer.ggml.bos_token_id": vocabulary.beginningOfSequence = TokenID(reader.number(4))
            case "tokenizer.ggml.eos_token_id": vocabulary.endOfSequence = TokenID(reader.number(4))
            case "tokenizer.ggml.unknown_token_id": vocabulary.unknown = TokenID(reader.number(4))
            case "tokenizer.ggml.add_space_prefix": vocabulary.addsSpacePrefix = reader.number(1) != 0
            default: reader.skip(type)
            }
        }
        return vocabulary
    }
}

private struct MetadataReader {
    let bytes: Data
    var offset = 0

    mutating func number(_ size: Int) -> Int {
        defer { offset += size }
        return (0..<size).reversed().reduce(0) { $0 << 8 | Int(bytes[offset + $1]) }
    }

    mutating func string() -> String {
        let count = number(8)
        defer { offset += count }
        return String(decoding: bytes[offset..<offset + count], as: UTF8.self)
    }

    mutating func array<Element>(_ element: (inout Self) -> Element) -> [Element] {
        _ = number(4)
        return (0..<number(8)).map { _ in element(&self) }
    }

    mutating func skip(_ type: Int) {
        switch type {
        case 0, 1, 7: offset += 1
        case 2, 3: offset += 2
        case 4, 5, 6: offset += 4
        case 8: _ = string()
        case 9:
            let element = number(4)
            for _ in 0..<number(8) { skip(element) }
        default: offset += 8
        }
    }
}
