import ArgumentParser
import Foundation
import Gemma
import Training

/// A training run from where it stands to its end, with checkpoints, measurements and reports.
final class FinetuneRun {
    /// Measures an adapter by what it writes, such as with ROUGE; the text is reported.
    typealias Scoring = (LoRAAdapter) async throws -> String?

    private let trainer: Trainer
    private let options: FinetuneRunOptions
    /// Where the adapter goes.
    private let output: String
    private let checkpoint: String
    private let promptTemplate: String
    private let scoring: Scoring?
    private var progress: FinetuneProgress
    private let figures: StepLog
    private let trace: StepLog
    /// The lowest validation loss so far, of an adapter that has been written.
    private var bestLoss: Double?
    private var lastSave = ContinuousClock.now
    private var stepsTaken = 0

    /// What a checkpoint keeps beside the weights.
    private static let bestKey = "best_validation_loss"

    /// - Parameter notes: what was found in the checkpoint.
    init(
        trainer: Trainer, options: FinetuneRunOptions, output: String, checkpoint: String,
        promptTemplate: String, notes: [String: String], scoring: Scoring? = nil
    ) throws {
        self.trainer = trainer
        self.options = options
        self.output = output
        self.checkpoint = checkpoint
        self.promptTemplate = promptTemplate
        self.scoring = scoring
        bestLoss = notes[Self.bestKey].flatMap(Double.init)
        progress = FinetuneProgress(
            stepCount: trainer.stepCount, firstStep: trainer.step, reportEvery: options.reportEvery)
        let isNew = trainer.step == 0
        figures = try StepLog(path: options.csv, isNew: isNew, header: StepLog.figureNames)
        trace = try StepLog(path: options.trace, isNew: isNew)
    }

    /// Trains to the end; on an interruption saves the run and throws an exit code.
    func run() async throws {
        Interruption.listen()
        report(memoryLine)
        if trainer.step > 0 { report("going on from \(checkpoint), after step \(trainer.step)") }
        var isEnded = false
        while !isEnded {
            isEnded = try advance()
            guard var line = try measuredLoss() else { continue }
            if let scoring, let scores = try await scoring(adapter()) { line += ", " + scores }
            progress.interrupt(with: line)
        }
        try finish()
    }

    /// Takes steps up to the next measurement; answers whether it was the last.
    // Synchronous, because the compiler does not get through it as a part of `run()`.
    @inline(never)
    private func advance() throws -> Bool {
        while !trainer.isDone {
            if Interruption.isWanted || stepsTaken == options.stopAfter { try stop() }
            let examples = trainer.nextExamples
            let start = ContinuousClock.now
            let step = try trainer.takeStep()
            stepsTaken += 1
            let time = ContinuousClock.now - start
            progress.show(step, took: time)
            try figures.add(step, took: time)
            try trace.add(examples)
            if ContinuousClock.now - lastSave > .seconds(options.checkpointEvery) { try save() }
            if options.validateEvery > 0, trainer.step % options.validateEvery == 0 { break }
        }
        return trainer.isDone
    }

    /// The validation loss in words, nil if there is none; the adapter is written if it is the best so far and that is
    /// wanted.
    @inline(never)
    private func measuredLoss() throws -> String? {
        guard let loss = trainer.validationLoss(isCancelled: { Interruption.isWanted }) else { return nil }
        var line = "step \(trainer.step): " + String(format: "validation loss %.4f", loss)
        if options.keepBest, loss < bestLoss ?? .infinity {
            bestLoss = loss
            try write()
            line += ", the best so far"
        }
        try save()
        return line
    }

    @inline(never)
    private func finish() throws {
        progress.end()
        if Interruption.isWanted { try stop() }
        if bestLoss == nil { try write() }
        report("the adapter is in \(output)")
        try? FileManager.default.removeItem(atPath: checkpoint)
    }

    private func stop() throws -> Never {
        try save()
        progress.end()
        report("stopped after step \(trainer.step); the same command goes on from \(checkpoint)")
        throw ExitCode(Interruption.isWanted ? 130 : 0)
    }

    private func save() throws {
        try trainer.saveCheckpoint(
            to: checkpoint, notes: bestLoss.map { [Self.bestKey: String($0)] } ?? [:])
        lastSave = ContinuousClock.now
    }

    @inline(never)
    private func adapter() throws -> LoRAAdapter {
        let name = URL(filePath: output).deletingPathExtension().lastPathComponent
        return try trainer.adapter(name: name, promptTemplate: promptTemplate)
    }

    private func write() throws { try adapter().write(to: output) }

    private var memoryLine: String {
        let plan = trainer.memory
        func word(_ isKept: Bool) -> String { isKept ? "kept" : "unpacked each time" }
        return "memory: up to \(plan.bytes >> 20) MiB; layers \(word(plan.keepsLayers)), head "
            + "\(word(plan.keepsHead)), activations \(plan.keepsActivations ? "kept" : "computed again")"
    }
}
