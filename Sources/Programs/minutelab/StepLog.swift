import Foundation
import Training

/// A file with a line for each step of a training run, if one is wanted.
struct StepLog {
    private let file: FileHandle?

    /// The columns of ``add(_:took:)``.
    static let figureNames = "step,loss,gradient_norm,learning_rate,tokens,answer_tokens,seconds"

    /// - Parameter isNew: whether what stands in the file is replaced.
    init(path: String?, isNew: Bool, header: String? = nil) throws {
        guard let path else {
            file = nil
            return
        }
        if isNew || !FileManager.default.fileExists(atPath: path) {
            try Data((header.map { $0 + "\n" } ?? "").utf8).write(to: URL(filePath: path))
        }
        let file = try FileHandle(forWritingTo: URL(filePath: path))
        try file.seekToEnd()
        self.file = file
    }

    /// Figures, as CSV.
    func add(_ step: Trainer.Step, took time: Duration) throws {
        let seconds = time / .seconds(1)
        try write(
            "\(step.number),\(step.loss),\(step.gradientNorm),\(step.learningRate),\(step.tokens),"
                + "\(step.targetCount),\(seconds)")
    }

    /// A step's examples as JSON: the tokens that are read, and what is learned after which of them.
    func add(_ examples: [TrainingExample]) throws {
        guard file != nil else { return }
        let texts = examples.map { example in
            "{\"inputs\": \(example.inputs), "
                + "\"targets\": \(example.targets.map { [$0.position, Int($0.token)] })}"
        }
        try write("[" + texts.joined(separator: ", ") + "]")
    }

    private func write(_ line: String) throws { try file?.write(contentsOf: Data((line + "\n").utf8)) }
}
