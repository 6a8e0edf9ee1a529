import Foundation
import TestSupport
import Testing

/// `minutelab finetune` as it is run, on a tiny model and made-up dialogues.
@Suite(.enabled(if: Program.areBuilt, Program.absence))
struct FinetuneTests {
    private static let model = Repository.tinyModels.appending(path: "gemma3").path

    private static func dialogues(_ count: Int) -> String {
        let words = ["plan", "price", "team", "room", "week", "paper"]
        return (0..<count).map { number in
            let turns = (0...(number % 4)).map { turn in
                "Ann: The \(words[(number + turn) % 6]) is fine.\\nBob: And the \(words[(number + 2 * turn) % 5])?"
            }
            return "{\"fname\": \"made_\(number)\", \"dialogue\": \"\(turns.joined(separator: "\\n"))\", "
                + "\"summary\": \"Ann likes the \(words[number % 6]).\"}\n"
        }.joined()
    }

    private func arguments(_ scratch: Scratch, data: String, output: String) -> [String] {
        [
            "finetune", Self.model, "--data", data, "--output", scratch.path + "/" + output, "--rank", "2",
            "--dropout", "0.1", "--passes", "20", "--checkpoint-every", "0", "--report-every", "1000",
        ]
    }

    /// Killed at random moments until it is done, in the middle of a save too, it ends in the same bytes.
    @Test func killedRunsEndInTheSameBytes() async throws {
        let scratch = try Scratch()
        let data = try scratch.write(Self.dialogues(24), to: "dialogues.jsonl")
        let whole = try await Program.minutelab.run(
            arguments(scratch, data: data, output: "adapter.gguf"), in: scratch)
        try #require(whole.status == 0, "\(whole.errors)")
        let wanted = try Data(contentsOf: URL(filePath: scratch.path + "/adapter.gguf"))

        let again = try Scratch()
        var (kills, missed) = (0, 0)
        while true {
            let process = try Program.minutelab.start(
                arguments(again, data: data, output: "adapter.gguf"), in: again, log: "log\(kills)")
            // The first time as soon as there is something to go on from, then whenever.
            let checkpoint = again.path + "/adapter.gguf.checkpoint"
            let deadline = ContinuousClock.now + .milliseconds(Int.random(in: 100...500))
            while process.isRunning,
                kills == 0
                    ? !FileManager.default.fileExists(atPath: checkpoint) : ContinuousClock.now < deadline
            {
                try await Task.sleep(for: .milliseconds(1))
            }
            guard process.isRunning else {
                // It was done before this task came around: once more from the beginning.
                guard kills == 0, missed < 20 else { break }
                missed += 1
                try FileManager.default.removeItem(atPath: again.path + "/adapter.gguf")
                continue
            }
            kill(process.processIdentifier, SIGKILL)
            _ = try await process.exitStatus(within: .seconds(60))
            kills += 1
            // On a machine that is too busy to get anywhere in that time, go on undisturbed.
            if kills == 20 {
                let rest = try await Program.minutelab.run(
                    arguments(again, data: data, output: "adapter.gguf"), in: again)
                #expect(rest.status == 0, "\(rest.errors)")
                break
            }
        }
        let found = try Data(contentsOf: URL(filePath: again.path + "/adapter.gguf"))
        #expect(kills > 0)
        #expect(found == wanted, "killed \(kills) times")
        #expect(!FileManager.default.fileExists(atPath: again.path + "/adapter.gguf.checkpoint"))
    }

    /// An adapter for Gemma 4 learns, covers the matrices of the layers' inputs too, and changes what is written.
    @Test func gemma4IsTrainedAndTheAdapterApplied() async throws {
        let scratch = try Scratch()
        let data = try scratch.write(Self.dialogues(24), to: "dialogues.jsonl")
        let model = Repository.tinyModels.appending(path: "gemma4").path
        let adapter = scratch.path + "/adapter.gguf"
        let training = try await Program.minutelab.run(
            [
                "finetune", model, "--data", data, "--output", adapter, "--rank", "2", "--passes", "20",
                "--csv", scratch.path + "/steps.csv",
            ], in: scratch)
        try #require(training.status == 0, "\(training.errors)")
        let losses = try String(contentsOfFile: scratch.path + "/steps.csv", encoding: .utf8)
            .split(separator: "\n").dropFirst().compactMap { Double($0.split(separator: ",")[1]) }
        try #require(losses.count == 120)
        let (first, last) = (losses.prefix(6).reduce(0, +), losses.suffix(6).reduce(0, +))
        #expect(last < 0.8 * first, "\(losses)")

        let inspection = try await Program.minutelab.run(
            ["adapter", "inspect", adapter, "--model", model], in: scratch)
        // Four layers of nine matrices, and four without keys and values of their own.
        #expect(inspection.output.contains("64 in 8 layers") && inspection.output.contains("inp_gate, proj"))
        let generate = ["generate", model, "--prompt", "Ann: The plan", "--maximum-tokens", "16"]
        let plain = try await Program.minutelab.run(generate, in: scratch)
        let adapted = try await Program.minutelab.run(generate + ["--adapter", adapter], in: scratch)
        #expect(plain.status == 0 && adapted.status == 0, "\(plain.errors)\(adapted.errors)")
        #expect(plain.output != adapted.output)

        // What is not in a model cannot be trained there.
        let refused = try await Program.minutelab.run(
            [
                "finetune", Self.model, "--data", data, "--output", scratch.path + "/other.gguf", "--targets",
                "inp_gate",
            ], in: scratch)
        #expect(
            refused.status != 0 && refused.errors.contains("none of the matrices to adapt (inp_gate)"),
            "\(refused.errors)")
    }

    @Test func interruptedRunsSayHowToGoOn() async throws {
        let scratch = try Scratch()
        let data = try scratch.write(Self.dialogues(8), to: "dialogues.jsonl")
        let common = arguments(scratch, data: data, output: "adapter")
        let first = try await Program.minutelab.run(common + ["--stop-after", "3"], in: scratch)
        #expect(first.status == 0 && first.errors.contains("stopped after step 3"), "\(first.errors)")
        let second = try await Program.minutelab.run(common, in: scratch)
        #expect(second.errors.contains("after step 3") && second.errors.contains("step 40/40"))
        #expect(FileManager.default.fileExists(atPath: scratch.path + "/adapter/adapter_model.safetensors"))

        // Other options do not go on from that run.
        _ = try await Program.minutelab.run(common + ["--stop-after", "3"], in: scratch)
        let other = try await Program.minutelab.run(common + ["--seed", "5"], in: scratch)
        #expect(
            other.status != 0 && other.errors.contains("with other options (seed 0, now 5)"),
            "\(other.errors)")
        #expect(!other.errors.contains("Options("))
    }

    @Test(arguments: [
        (["--rank", "0"], "rank 0"), (["--learning-rate", "0"], "learning rate"),
        (["--dropout", "1"], "dropout"),
        (["--score", "3"], "--validation"), (["--maximum-tokens", "8"], "no example to train on"),
        (["--memory", "1"], "limit"),
    ])
    func refusals(options: [String], word: String) async throws {
        let scratch = try Scratch()
        let data = try scratch.write(Self.dialogues(4), to: "dialogues.jsonl")
        let outcome = try await Program.minutelab.run(
            ["finetune", Self.model, "--data", data, "--output", scratch.path + "/a.gguf"] + options,
            in: scratch)
        #expect(outcome.status != 0 && outcome.errors.contains(word), "\(outcome.errors)")
    }
}
