import Files
import Foundation
import Gemma
import Glibc

/// The cost of a start: time to the first token, and memory.
extension BenchSetup {
    /// From nothing to an engine that is ready, and on to a first token, which has touched every weight.
    func measureStart(_ onFigure: (BenchFigure) -> Void) async throws {
        var scratch = try TemporaryFolder()
        for kind in StartKind.allCases {
            var (ready, first) = ([Double](), [Double]())
            for _ in 0..<repetitions {
                if kind == .first { scratch = try TemporaryFolder() }
                if kind != .warm, !dropFromMemory([modelPath, scratch.path]) {
                    report("start: the files could not be dropped from memory: it is not \(kind.rawValue)")
                }
                let begin = ContinuousClock.now
                let engine = try engine(tokens: 512, packedFolder: scratch.path)
                ready.append((ContinuousClock.now - begin) / .milliseconds(1))
                _ = try await engine.generate(
                    tokens(1, model: engine.model), timeline: "bench", options: .oneToken)
                first.append((ContinuousClock.now - begin) / .milliseconds(1))
            }
            for (name, samples) in [("ready", ready), ("first token", first)] {
                onFigure(
                    BenchFigure(
                        section: "start", name: "\(kind.rawValue), \(name)", unit: "ms", samples: samples))
            }
        }
        try await measureRestoring(packedFolder: scratch.path, onFigure)
    }

    private enum StartKind: String, CaseIterable {
        /// There is no file of repacked weights, and the model's is on the disk.
        case first
        /// There is one, and both are on the disk.
        case cold
        /// Both are in memory.
        case warm
    }

    /// The first token behind a long text: in a new process that finds it saved, and in one that has to read it.
    private func measureRestoring(packedFolder: String, _ onFigure: (BenchFigure) -> Void) async throws {
        let snapshots = try TemporaryFolder()
        var count = 0
        for isSaved in [false, true] {
            var samples: [Double] = []
            if isSaved {
                let engine = try engine(
                    tokens: 4096 + 64, packedFolder: packedFolder, snapshotFolder: snapshots.path)
                count = min(4096, engine.contextLength - 16)
                try await engine.prefill(tokens(count, model: engine.model), timeline: "bench")
                try await engine.save(timeline: "bench")
            }
            for _ in 0..<repetitions {
                let engine = try engine(
                    tokens: 4096 + 64, packedFolder: packedFolder,
                    snapshotFolder: isSaved ? snapshots.path : nil)
                count = min(4096, engine.contextLength - 16)
                let prompt = tokens(count, model: engine.model)
                let begin = ContinuousClock.now
                let answer = try await engine.generate(prompt, timeline: "bench", options: .oneToken)
                samples.append((ContinuousClock.now - begin) / .milliseconds(1))
                // The last one is run again for its logits.
                precondition(
                    answer.reusedTokens == (isSaved ? count - 1 : 0), "\(answer.reusedTokens) reused")
            }
            onFigure(
                BenchFigure(
                    section: "start",
                    name: "\(isSaved ? "restored" : "not restored"), token \(count + 1)", tokens: count,
                    unit: "ms", samples: samples))
        }
    }

    /// The process's peak: the model loaded, and then at work on a long prompt.
    ///
    /// Once with the repacked weights in memory, and once with them in a file that is there already.
    func measureMemory(_ onFigure: (BenchFigure) -> Void) async throws {
        let scratch = try TemporaryFolder()
        _ = try engine(tokens: 512, packedFolder: scratch.path)
        for isMapped in [false, true] {
            var (loaded, atWork) = ([Double](), [Double]())
            var count = 0
            for _ in 0..<repetitions {
                let peaks = try await peaks(packedFolder: isMapped ? scratch.path : nil)
                loaded.append(peaks.loaded)
                atWork.append(peaks.atWork)
                count = peaks.tokenCount
            }
            onFigure(
                BenchFigure(
                    section: "memory", name: isMapped ? "mapped, model loaded" : "model loaded", unit: "MiB",
                    samples: loaded))
            onFigure(
                BenchFigure(
                    section: "memory",
                    name: (isMapped ? "mapped, " : "") + "after \(count) tokens and an answer",
                    tokens: count, unit: "MiB", samples: atWork))
        }
    }

    private func peaks(packedFolder: String?) async throws
        -> (loaded: Double, atWork: Double, tokenCount: Int)
    {
        try resetPeak()
        var engine: InferenceEngine? = try engine(tokens: 4096 + 64, packedFolder: packedFolder)
        weak let released = engine
        let loaded = try peakMebibytes()
        var count = 0
        if let engine {
            count = min(4096, engine.contextLength - 16)
            _ = try await engine.generate(
                tokens(count, model: engine.model), timeline: "bench",
                options: GenerationOptions(maximumTokens: 16, ignoresStopTokens: true))
        }
        let atWork = try peakMebibytes()
        // Its thread may hold it a moment longer, and its memory would count for the next.
        engine = nil
        while released != nil { try await Task.sleep(for: .milliseconds(1)) }
        try await Task.sleep(for: .milliseconds(100))
        return (loaded, atWork, count)
    }

    /// Has the kernel forget these files and what is in these folders, none of it mapped; false if it would not.
    private func dropFromMemory(_ paths: [String]) -> Bool {
        let files = paths.flatMap { path in
            // Ignored: what is no folder is a file.
            let names = try? FileManager.default.contentsOfDirectory(atPath: path)
            return names?.map { path + "/" + $0 } ?? [path]
        }
        return files.reduce(true) { dropped, path in
            let file = open(path, O_RDONLY)
            guard file >= 0 else { return false }
            defer { close(file) }
            return fsync(file) == 0 && posix_fadvise(file, 0, 0, POSIX_FADV_DONTNEED) == 0 && dropped
        }
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

extension GenerationOptions {
    /// One token, whatever it is.
    fileprivate static let oneToken = GenerationOptions(maximumTokens: 1, ignoresStopTokens: true)
}
