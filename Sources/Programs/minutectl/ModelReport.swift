import Crypto
import Errors
import Foundation
import Gemma

/// What a model is, whether it is intact, and what running it takes here.
struct ModelReport: Codable {
    let path: String
    let name: String
    let parameters: Int
    let weightBytes: Int
    let elementTypes: [String]
    let isInstructionTuned: Bool
    let contextLength: Int
    /// Weights, a cache of `contextLength`, and what a pass needs beside them.
    let memoryBytes: Int
    let threads: Int
    let readingTokensPerSecond: Double
    let writingTokensPerSecond: Double
    /// Of the file; nil for a folder.
    let sha256: String?
    /// nil if there is nothing to compare with.
    let isIntact: Bool?

    /// Parts of the machine's limits that are reached: see `Sources/Inference/README.md`, Speed.
    private static let readingPart = 0.35
    private static let writingPart = 0.6
    /// A slice of rows, logits, threads' stacks, the program itself.
    private static let otherBytes = 120 << 20

    /// The one that `make model` fetches.
    private static let knownSums = [
        "gemma-3-270m-q4_k_m.gguf": "a5fd3b62230aa5ec60212297dc9d20eaa70578ac519e00d93a17e44c087a6818"
    ]

    /// Opens the model, measures the machine for a second and reads the file.
    ///
    /// Throws `ApplicationError` if it cannot be used or read.
    init(path: String, contextLength: Int?, threads: Int?, expectedSum: String?) throws {
        let model: GemmaModel
        let limits: MachineLimits
        do {
            model = try GemmaModel(path: path)
            limits = try MachineLimits(threads: threads, repetitions: 3)
        } catch {
            throw ApplicationError(.configuration, ErrorText.of(error))
        }
        self.path = path
        name = model.configuration.name
        parameters = model.parameterCount
        weightBytes = model.weightBytes
        elementTypes = model.elementTypes
        isInstructionTuned = model.isInstructionTuned
        self.contextLength = contextLength ?? min(8192, model.configuration.contextLength)
        memoryBytes = weightBytes + model.cacheBytesPerToken * self.contextLength + Self.otherBytes
        self.threads = limits.threadCount
        let operations = Self.median(limits.operationsPerSecond)
        let bytes = Self.median(limits.readBytesPerSecond)
        // The embedding is looked up, not multiplied, but for the one position that is written.
        let embedding = model.configuration.vocabularySize * model.configuration.hiddenSize
        readingTokensPerSecond =
            Self.readingPart * operations / (2 * Double(model.parameterCount - embedding))
        writingTokensPerSecond = Self.writingPart * bytes / Double(weightBytes)
        let sum = try Self.sum(of: path)
        sha256 = sum
        let expected = expectedSum ?? Self.expectedSum(path)
        isIntact = expected.flatMap { expected in sum.map { $0 == expected.lowercased() } }
    }

    /// For people.
    var lines: [String] {
        let integrity =
            switch isIntact {
            case true?: " (as expected)"
            case false?: " (DIFFERS from what is expected: get the file again)"
            case nil: " (nothing to compare it with)"
            }
        let rows = [
            ("file", path),
            ("model", name),
            ("parameters", "\(parameters)"),
            ("weights", "\(mebibytes(weightBytes)) (\(elementTypes.joined(separator: ", ")))"),
            ("chat turns", isInstructionTuned ? "yes: instruction-tuned" : "no: a base model"),
            ("memory", "about \(mebibytes(memoryBytes)) with a context of \(contextLength) tokens"),
            (
                "speed",
                "about \(Self.rounded(readingTokensPerSecond)) tokens/s read and "
                    + "\(Self.rounded(writingTokensPerSecond)) written, on \(threads) "
                    + (threads == 1 ? "thread" : "threads")
            ),
            ("sha256", sha256.map { $0 + integrity } ?? "not for a folder"),
        ]
        return rows.map { padded($0.0, to: 12) + $0.1 }
    }

    /// For programs.
    func json() throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        return String(decoding: try encoder.encode(self), as: UTF8.self)
    }

    /// Two digits: it is an estimate.
    private static func rounded(_ value: Double) -> Int {
        guard value >= 100 else { return Int(value.rounded()) }
        let step = pow(10, (log10(value)).rounded(.down) - 1)
        return Int((value / step).rounded() * step)
    }

    private static func median(_ values: [Double]) -> Double { values.sorted()[values.count / 2] }

    private static func sum(of path: String) throws -> String? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
            return nil
        }
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }  // Ignored: it was only read.
            var hash = SHA256()
            while let piece = try file.read(upToCount: 4 << 20), !piece.isEmpty { hash.update(data: piece) }
            return hash.finalize().map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
        } catch {
            throw ApplicationError(.file, "\(path): \(error.localizedDescription)")
        }
    }

    private static func expectedSum(_ path: String) -> String? {
        let real = realPath(path) ?? path
        // Ignored: most often there is none.
        if let text = try? String(contentsOfFile: real + ".sha256", encoding: .utf8) {
            return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
        }
        return knownSums[(real as NSString).lastPathComponent]
    }
}
