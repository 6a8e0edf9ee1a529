import Foundation
import Gemma
import Weights

/// The state that a run needs besides its weights and moments to continue exactly where it stopped.
///
/// The order of the examples and all random numbers follow from the seed and the step. A checkpoint is a safetensors
/// file that is replaced atomically, so that after a crash there is either the new one or the one before.
struct Checkpoint: Codable {
    var format = 1
    /// The number of steps taken.
    var step: Int
    var options: TrainingOptions
    var memory: MemoryPlan
    /// The fingerprints of the base model and of the examples.
    var modelFingerprint: String
    var dataFingerprint: String
    /// Texts that the caller wants to get back.
    var notes: [String: String]

    fileprivate static let key = "minuted.checkpoint"
}

extension Trainer {
    /// Writes everything that ``resume(from:)`` needs, replacing the file at `path` atomically.
    ///
    /// - Parameter notes: texts that ``resume(from:)`` returns.
    package func saveCheckpoint(to path: String, notes: [String: String] = [:]) throws {
        let checkpoint = Checkpoint(
            step: step, options: options, memory: memory, modelFingerprint: model.fingerprint,
            dataFingerprint: examples.fingerprint, notes: notes)
        let encoder = JSONEncoder()
        encoder.outputFormatting = .sortedKeys
        let json = String(decoding: try encoder.encode(checkpoint), as: UTF8.self)
        var writer = SafetensorsFileWriter(metadata: [Checkpoint.key: json])
        for (name, vector) in vectors {
            writer.add(
                try TensorContent(name: name, shape: [vector.count], floats: Array(vector.floats)))
        }
        try writer.write(to: path)
    }

    /// Continues from a checkpoint, and returns the notes that were saved with it.
    ///
    /// Throws if the file is damaged, or was written with other options, other examples, another memory plan or for
    /// another model.
    @discardableResult
    package func resume(from path: String) throws -> [String: String] {
        let file = try SafetensorsFile(path: path)
        let checkpoint = try Self.checkpoint(in: file, path)
        func check(_ holds: Bool, _ what: String) throws(TrainingError) {
            guard holds else { throw Self.refusal(path, "was written \(what)") }
        }
        let differences = zip(checkpoint.options.inWords, options.inWords).filter { $0 != $1 }
            .map { "\($0.name) \($0.value), now \($1.value)" }
        try check(
            checkpoint.options == options, "with other options (\(differences.joined(separator: ", ")))")
        try check(checkpoint.modelFingerprint == model.fingerprint, "for another model")
        try check(checkpoint.dataFingerprint == examples.fingerprint, "for other examples")
        try check(checkpoint.memory == memory, "with another memory plan")
        for (name, vector) in vectors {
            let tensor = try file.tensor(named: name)
            guard tensor.shape == [vector.count] else {
                throw Self.refusal(path, "holds \(tensor.shape) numbers of \(name), not \(vector.count)")
            }
            for (index, number) in tensor.floats().enumerated() { vector.start[index] = number }
        }
        optimizer.stepCount = checkpoint.step
        return checkpoint.notes
    }

    /// The memory plan of the run that wrote a checkpoint.
    ///
    /// With another plan, the resumed run's numbers would differ in their last digits.
    package static func memoryPlan(ofCheckpoint path: String) throws -> MemoryPlan {
        try checkpoint(in: SafetensorsFile(path: path), path).memory
    }

    private static func checkpoint(in file: SafetensorsFile, _ path: String) throws(TrainingError)
        -> Checkpoint
    {
        guard let json = file.metadata[Checkpoint.key],
            let checkpoint = try? JSONDecoder().decode(Checkpoint.self, from: Data(json.utf8))
        else { throw refusal(path, "is not a checkpoint of this version") }
        return checkpoint
    }

    private var vectors: [(String, FloatMemory)] {
        [
            ("weights", pass.parameters), ("first_moments", optimizer.first),
            ("second_moments", optimizer.second),
        ]
    }

    private static func refusal(_ path: String, _ what: String) -> TrainingError {
        TrainingError(.badCheckpoint, "\(path) \(what); remove it to start from the beginning")
    }
}
