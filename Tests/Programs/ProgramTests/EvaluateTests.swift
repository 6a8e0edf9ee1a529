import Foundation
import TestSupport
import Testing

/// `minutelab evaluate` and `minutelab rouge` as they are run.
@Suite(.enabled(if: Program.areBuilt, Program.absence))
struct EvaluateTests {
    private let scratch: Scratch
    private let model = Repository.tinyModels.appending(path: "gemma3-f32.gguf").path
    private let data: String

    init() throws {
        scratch = try Scratch()
        let dialogues = try (0..<6).map { number in
            let turns = (0...number).map { "#Person\($0 % 2 + 1)#: The boat \($0) sails at noon, Ann." }
            let record: [String: String] = [
                "fname": "d\(number)", "dialogue": turns.joined(separator: "\n"),
                "summary1": "Boat \(number) sails at noon.", "summary2": "#Person1# tells Ann of boats.",
            ]
            return String(decoding: try JSONEncoder().encode(record), as: UTF8.self)
        }
        data = try scratch.write(dialogues.joined(separator: "\n") + "\n", to: "test.jsonl")
    }

    private func evaluate(_ arguments: [String]) async throws -> Outcome {
        try await Program.minutelab.run(["evaluate"] + arguments, in: scratch)
    }

    /// The lines of a report's table, without what only says how it was made.
    private func figures(_ folder: String) -> [Substring] {
        scratch.read(folder + "/scores.csv").split(separator: "\n").filter { !$0.hasPrefix("#") }
    }

    @Test func baselinesNeedNoModel() async throws {
        let folder = scratch.path + "/report"
        let outcome = try await evaluate(["--data", data, "--report", folder])
        #expect(outcome.status == 0, "\(outcome.errors)")
        #expect(outcome.output == scratch.read("report/report.md"))
        for part in ["- examples: 6", "--data \(data)", "`lead3` | 6 |", "`human`", "dialogue-rouge.svg"] {
            #expect(outcome.output.contains(part), "\(part)")
        }
        #expect(figures("report").contains { $0.hasPrefix("dialogue,textrank,rougeL_f1,0.") })
        #expect(scratch.read("report/examples.csv").contains("dialogue,lead3,dialogsum/d5,"))
        #expect(scratch.read("report/dialogue-other.svg").hasPrefix("<svg "))
    }

    @Test func stoppedRunGoesOnAndEndsAsOneThatWasNot() async throws {
        let arguments = [
            model, "--data", data, "--systems", "lead3,model,fewshot", "--shots-from", data, "--shots", "1",
            "--maximum-tokens", "8", "--context-length", "256", "--cache-folder", "none", "--report",
        ]
        let whole = try await evaluate(arguments + [scratch.path + "/whole"])
        #expect(whole.status == 0, "\(whole.errors)")
        let answers = scratch.read("whole/answers.jsonl").split(separator: "\n")
        #expect(answers.count == 12)
        // As a process leaves it that was killed while it wrote the sixth answer.
        let torn = answers[..<5].joined(separator: "\n") + "\n" + answers[5].prefix(20)
        try FileManager.default.createDirectory(
            atPath: scratch.path + "/torn", withIntermediateDirectories: false)
        _ = try scratch.write(torn, to: "torn/answers.jsonl")
        let resumed = try await evaluate(arguments + [scratch.path + "/torn"])
        #expect(resumed.status == 0, "\(resumed.errors)")
        #expect(resumed.errors.contains("were there already"))
        #expect(figures("torn") == figures("whole"))
        let again = scratch.read("torn/answers.jsonl").split(separator: "\n")
        #expect(Array(again[..<5]) == Array(answers[..<5]), "what was there is not written again")
        #expect(Set(again) == Set(answers))
    }

    @Test func whatIsCutIsReported() async throws {
        let outcome = try await evaluate([
            model, "--data", data, "--systems", "model", "--maximum-tokens", "8", "--context-length", "120",
            "--cache-folder", "none",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let note = outcome.output.split(separator: "\n").first { $0.contains("too long for the context") }
        #expect(note?.contains("model on dialogue: ") == true && note?.contains(" of 6 sources") == true)
    }

    @Test func adapterIsForTheModelAlone() async throws {
        let adapter = Repository.tinyModels.appending(path: "adapters/gemma3").path
        let options = [
            model, "--data", data, "--systems", "base,model", "--maximum-tokens", "8", "--cache-folder",
            "none",
            "--context-length", "256", "--report", scratch.path + "/report",
        ]
        let without = try await evaluate(options)
        #expect(without.status == 0, "\(without.errors)")
        // Without an adapter both are the same, and the second need not be asked.
        #expect(scratch.read("report/answers.jsonl").split(separator: "\n").count == 6)
        let with = try await evaluate(options + ["--adapter", adapter])
        #expect(with.status == 0, "\(with.errors)")
        let answers = scratch.read("report/answers.jsonl").split(separator: "\n")
        #expect(answers.count == 12)
        #expect(answers[6...].allSatisfy { $0.contains(#""system":"model""#) })
        #expect(with.output.contains("- adapter: gemma3, rank "))
    }

    @Test func severalAdaptersAnswerAndOneAnswerIsTaken() async throws {
        let adapters = Repository.tinyModels.appending(path: "adapters").path
        let other = scratch.path + "/other"
        try FileManager.default.copyItem(atPath: adapters + "/gemma3", toPath: other)
        let settings = scratch.read("other/adapter_config.json")
        let alpha = try #require(settings.firstMatch(of: /"lora_alpha" ?: ?[0-9.]+/))
        _ = try scratch.write(
            settings.replacing(alpha.output, with: #""lora_alpha": 2.5"#), to: "other/adapter_config.json")
        func texts(_ adapters: [String], _ folder: String) async throws -> [String: String] {
            let outcome = try await evaluate(
                [
                    model, "--data", data, "--systems", "model", "--maximum-tokens", "8", "--cache-folder",
                    "none", "--context-length", "256", "--report", scratch.path + "/" + folder,
                ] + adapters.flatMap { ["--adapter", $0] })
            #expect(outcome.status == 0, "\(outcome.errors)")
            let named = outcome.output.split(separator: "\n").count { $0.hasPrefix("- adapter: ") }
            #expect(named == adapters.count)
            struct Answer: Decodable {
                var id: String
                var text: String
            }
            let answers = try scratch.read(folder + "/answers.jsonl").split(separator: "\n").map {
                try JSONDecoder().decode(Answer.self, from: Data($0.utf8))
            }
            #expect(answers.count == 6)
            return Dictionary(uniqueKeysWithValues: answers.map { ($0.id, $0.text) })
        }
        let one = adapters + "/gemma3"
        let answers = try await texts([one], "one")
        let others = try await texts([other], "other")
        #expect(others.allSatisfy { $0.value != answers[$0.key] })
        #expect(try await texts([one, other, other], "majority") == others)
        // Of two none has more that agree with it.
        #expect(try await texts([one, other], "draw") == answers)
    }

    @Test func limitSpreadsOverTheData() async throws {
        let outcome = try await evaluate([
            "--data", data, "--limit", "2", "--systems", "lead3", "--report", scratch.path + "/two",
        ])
        #expect(outcome.status == 0, "\(outcome.errors)")
        let examples = scratch.read("two/examples.csv")
        #expect(examples.contains("dialogsum/d0,") && examples.contains("dialogsum/d3,"))
        #expect(!examples.contains("dialogsum/d1,"))
    }

    @Test func finishedMinutesAreMeasured() async throws {
        let transcript = try scratch.write(
            "Ann: The ferry Aurora costs nineteen euros.\nBob: Our printer is broken.\n", to: "call.txt")
        let minutes = try scratch.write(
            """
            {"schema": 1, "meeting": "call", "state": "finished", "participants": [], "notes": [],
             "coverage": {"utterances": 2, "summarisedUtterances": 1, "words": 11, "summarisedWords": 7,
                          "percent": 63},
             "windows": [{"index": 0, "firstUtterance": 0, "utteranceCount": 1, "speakers": ["Ann"],
                          "state": "summarised",
                          "summary": {"window": 0, "text": "The ferry Aurora costs 20 euros.", "model": "m",
                                      "promptTokens": 1, "reusedTokens": 0, "generatedTokens": 1, "seconds": 1}}],
             "generatedAt": "2026-01-01T00:00:00Z"}
            """, to: "minutes.json")
        let outcome = try await evaluate(["--transcript", transcript, "--minutes", minutes])
        #expect(outcome.status == 0, "\(outcome.errors)")
        for row in [
            "utterances in summarised parts | 0.5000", "numbers in the source | 0.0000",
            "names in the source | 1.0000", "sentences that their part supports | 1.0000",
        ] { #expect(outcome.output.contains(row), "\(row)") }
    }

    @Test(arguments: [
        ([], "--data"), (["--data", "/none/a.json"], "/none/a.json"),
        (["--data", "x", "--systems", "model"], "needs a MODEL"),
        (["--data", "x", "--systems", "lead3,nobody"], "nobody"),
        (["m.gguf", "--data", "x", "--systems", "fewshot"], "--shots-from"),
        (["--transcript", "a.txt"], "--minutes"), (["--data", "x", "--at-once", "0"], "--at-once 0"),
        (["--data", "x", "--adapter", "a.gguf"], "--adapter"),
    ])
    func badOptionIsNamed(_ options: [String], named: String) async throws {
        let outcome = try await evaluate(options)
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(named), "\(outcome.errors)")
    }

    @Test func rougeOfALineIsALine() async throws {
        let file = try scratch.write(
            #"{"prediction": "boats sail", "references": ["boat sails", "x"]}"# + "\n"
                + #"{"prediction": "", "references": ["x"]}"# + "\n", to: "texts.jsonl")
        let stems = try await Program.minutelab.run(["rouge", file, "--stem"], in: scratch)
        #expect(stems.status == 0, "\(stems.errors)")
        let lines = stems.output.split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.first?.contains(#""best":{"rouge1":[1,1,1]"#) == true)
        #expect(lines.first?.contains(#""mean":{"rouge1":[0.5,0.5,0.5]"#) == true)
        let bad = try await Program.minutelab.run(
            ["rouge", scratch.write("{}\n", to: "bad.jsonl")], in: scratch)
        #expect(bad.status != 0 && bad.errors.contains("line 1"))
    }
}
