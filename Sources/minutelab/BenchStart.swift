import Foundation
import Gemma
import Glibc

/// What it takes to begin: time to the first token, and memory.
extension BenchSetup {
    /// From nothing to an engine that is ready, and on to a first token, which has touched every weight.
    func measureStart(_ onFigure: (BenchFigure) -> Void) async throws {
        var isDropped = true
        for kind in ["cold", "warm"] {
            var (ready, first) = ([Double](), [Double]())
            for _ in 0..<repetitions {
                if kind == "cold" { isDropped = dropFromMemory() && isDropped }
                let begin = ContinuousClock.now
                let engine = try engine(tokens: 512)
                ready.append((ContinuousClock.now - begin) / .milliseconds(1))
                _ = try await engine.generate(
                    tokens(1, model: engine.model), timeline: "bench",
                    options: GenerationOptions(maximumTokens: 1, ignoresStopTokens: true))
                first.append((ContinuousClock.now - begin) / .milliseconds(1))
            }
            if !isDropped { report("start: the model's file could not be dropped from memory: not cold") }
            for (name, samples) in [("ready", ready), ("first token", first)] {
                onFigure(
                    BenchFigure(section: "start", name: "\(kind), \(name)", unit: "ms", samples: samples))
            }
        }
    }

    /// The process's peak: the model loaded, and then at work on a long prompt.
    func measureMemory(_ onFigure: (BenchFigure) -> Void) async throws {
        var (loaded, atWork) = ([Double](), [Double]())
        var count = 0
        for _ in 0..<repetitions {
            try resetPeak()
            let engine = try engine(tokens: 4096 + 64)
            try loaded.append(peakMebibytes())
            count = min(4096, engine.contextLength - 16)
            _ = try await engine.generate(
                tokens(count, model: engine.model), timeline: "bench",
                options: GenerationOptions(maximumTokens: 16, ignoresStopTokens: true))
            try atWork.append(peakMebibytes())
        }
        onFigure(BenchFigure(section: "memory", name: "model loaded", unit: "MiB", samples: loaded))
        onFigure(
            BenchFigure(
                section: "memory", name: "after \(count) tokens and an answer", tokens: count, unit: "MiB",
                samples: atWork))
    }

    /// Has the kernel forget the model's files, which nothing maps now; false if it would not.
    private func dropFromMemory() -> Bool {
        modelFiles.reduce(true) { dropped, path in
            let file = open(path, O_RDONLY)
            guard file >= 0 else { return false }
            defer { close(file) }
            return fsync(file) == 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0 && dropped
        }
    }

    private var modelFiles: [String] {
        // Ignored: what is no folder is a file.
        let names = try? FileManager.default.contentsOfDirectory(atPath: modelPath)
        return names?.map { modelPath + "/" + $0 } ?? [modelPath]
    }

    private func resetPeak() throws {
        // 5 resets the peak; see proc_pid_clear_refs(5).
        try Data("5".utf8).write(to: URL(filePath: "/proc/self/clear_refs"))
    }

    private func peakMebibytes() throws -> Double {
        let status = try String(contentsOfFile: "/proc/self/status", encoding: .utf8)
        let line = status.split(separator: "\n").first { $0.hasPrefix("VmHWM:") }
        guard
            let kibibytes = line?.split(whereSeparator: \.isWhitespace).dropFirst().first.flatMap({
                Double($0)
            })
        else { throw CocoaError(.fileReadCorruptFile) }
        return kibibytes / 1024
    }
}
