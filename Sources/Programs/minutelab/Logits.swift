import ArgumentParser
import Foundation
import Gemma
import Tokenizer

/// `minutelab logits`: raw logits of every position, for comparing with other implementations.
struct Logits: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Writes the logits of every position, for comparing with other implementations.",
        discussion: """
            The token file holds little-endian 32-bit ids. The output file gets little-endian 32-bit floats, \
            [tokens, vocabulary]. Keys and values are kept in full precision.
            """)

    @Option(help: "A GGUF file, or a Hugging Face folder.")
    var model: String

    @Option(help: "A LoRA adapter to apply: a GGUF file, or a folder as peft has it.")
    var adapter: String?

    @Option(help: "The file of token ids.")
    var tokens: String

    @Option(help: "The file to write.")
    var output: String

    @Option(help: "Tokens prefilled at once; 1 decodes each by itself.")
    var sliceTokens = 256

    @Flag(help: "Multiply quantised weights in f32, as a reference.")
    var exact = false

    func run() async throws {
        let bytes = try Data(contentsOf: URL(fileURLWithPath: tokens))
        guard !bytes.isEmpty, bytes.count % 4 == 0 else {
            throw ValidationError("\(tokens) holds \(bytes.count) bytes: ids of 4 bytes each are needed")
        }
        let ids = bytes.withUnsafeBytes { raw in
            (0..<bytes.count / 4).map {
                TokenID(littleEndian: raw.loadUnaligned(fromByteOffset: $0 * 4, as: TokenID.self))
            }
        }
        let engine = try InferenceEngine(
            model: GemmaModel(path: model),
            options: InferenceEngine.Options(
                contextLength: max(16, ids.count), fullPrecisionCache: true, isExact: exact,
                sliceTokens: sliceTokens))
        let adapter = try await engine.loadAdapter(at: adapter)
        guard FileManager.default.createFile(atPath: output, contents: nil),
            let file = FileHandle(forWritingAtPath: output)
        else { throw ValidationError("\(output) cannot be written") }
        try await engine.logits(of: ids, adapter: adapter) { _, logits in
            file.write(Data(buffer: logits))
        }
        try file.close()
    }
}
