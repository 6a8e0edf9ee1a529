import Foundation
import Glibc
import Training

/// Shows how a run goes on: a bar on a terminal, else a line now and then.
struct FinetuneProgress {
    private let stepCount: Int
    private let firstStep: Int
    private let reportEvery: Int
    private let isTerminal = isatty(STDERR_FILENO) == 1
    /// Means that forget: losses jump from step to step.
    private var loss: Double?
    private var tokens = 0
    private var seconds = 0.0

    init(stepCount: Int, firstStep: Int, reportEvery: Int) {
        self.stepCount = stepCount
        self.firstStep = firstStep
        self.reportEvery = max(1, reportEvery)
    }

    mutating func show(_ step: Trainer.Step, took time: Duration) {
        loss = loss.map { 0.9 * $0 + 0.1 * step.loss } ?? step.loss
        tokens += step.tokens
        seconds += time / .seconds(1)
        let isLast = step.number == stepCount
        if isTerminal {
            write("\r\u{1B}[K" + bar(step.number) + " " + line(step))
        } else if step.number % reportEvery == 0 || isLast || step.number == firstStep + 1 {
            write(line(step) + "\n")
        }
    }

    /// A line of its own between the others.
    mutating func interrupt(with line: String) { write((isTerminal ? "\r\u{1B}[K" : "") + line + "\n") }

    /// Leaves the bar where it is.
    func end() { if isTerminal { write("\n") } }

    private func line(_ step: Trainer.Step) -> String {
        let done = Double(step.number - firstStep)
        let left = seconds / done * Double(stepCount - step.number)
        return String(
            format: "step %d/%d  loss %.4f (mean %.4f)  gradient %.2f  rate %.2e  %.0f tokens/s  %@ left",
            step.number, stepCount, step.loss, loss ?? step.loss, step.gradientNorm, step.learningRate,
            Double(tokens) / max(seconds, 1e-9), Self.clock(left))
    }

    private func bar(_ done: Int) -> String {
        let width = 20
        let full = width * done / max(stepCount, 1)
        return "[" + String(repeating: "#", count: full) + String(repeating: ".", count: width - full) + "]"
    }

    static func clock(_ seconds: Double) -> String {
        let whole = Int(seconds.rounded())
        return whole < 3600
            ? String(format: "%d:%02d", whole / 60, whole % 60)
            : String(format: "%d:%02d:%02d", whole / 3600, whole / 60 % 60, whole % 60)
    }

    private func write(_ text: String) { FileHandle.standardError.write(Data(text.utf8)) }
}
