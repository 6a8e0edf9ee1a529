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
        memoryBytes =
            weightBytes - model.lookedUpBytes + model.cacheBytesPerToken * self.contextLength
            + ModelSpeed.otherBytes
        self.threads = limits.threadCount
        let speed = ModelSpeed(
            limits, promptOperations: model.configuration.multiplyAccumulatesPerPromptToken,
            bytesPerPass: model.bytesPerPass)
        readingTokensPerSecond = speed.readingTokensPerSecond
        writingTokensPerSecond = speed.writingTokensPerSecond
        let sum = try FileSum.sha256(of: path)
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
    static func rounded(_ value: Double) -> Int {
        guard value >= 100 else { return Int(value.rounded()) }
        let step = pow(10, (log10(value)).rounded(.down) - 1)
        return Int((value / step).rounded() * step)
    }

    private static func expectedSum(_ path: String) -> String? {
        let real = realPath(path) ?? path
        // Ignored: most often there is none.
        if let text = try? String(contentsOfFile: real + ".sha256", encoding: .utf8) {
            return text.split(whereSeparator: \.isWhitespace).first.map(String.init)
        }
        return KnownModel.all.first { $0.file == (real as NSString).lastPathComponent }?.sha256
    }
}
