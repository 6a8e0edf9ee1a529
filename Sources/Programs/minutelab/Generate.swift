import ArgumentParser
import Foundation
import Gemma
import Grammar
import Tokenizer

/// `minutelab generate`: continues a prompt, printing as it goes.
struct Generate: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Continues a prompt.",
        discussion: "The text goes to standard output as it is written, the figures to standard error.")

    @OptionGroup var arguments: ModelArguments

    @Option(help: "A LoRA adapter to apply: a GGUF file, or a folder as peft has it.")
    var adapter: String?

    @Option(name: .shortAndLong, help: "The prompt; read from standard input if not given.")
    var prompt: String?

    @Option(
        help:
            "A file with a JSON array of prompts, each to be continued; the answers are printed as an array.")
    var prompts: String?

    @Flag(help: "Put the prompt into a chat turn, for instruction-tuned models.")
    var chat = false

    @Option(help: "Tokens to write at most.")
    var maximumTokens = 256

    @Option(help: "0 takes the most likely token each time.")
    var temperature: Float = 0

    @Option(help: "Keep only so many of the most likely tokens; 0 is off.")
    var topK = 0

    @Option(help: "Keep only the most likely tokens that together reach this probability; 1 is off.")
    var topP: Float = 1

    @Option(help: "Keep only tokens at least this fraction as likely as the most likely one; 0 is off.")
    var minP: Float = 0

    @Option(help: "Make tokens that were written before less likely; 1 is off.")
    var repetitionPenalty: Float = 1

    @Option(help: "Write no run of so many tokens twice; 0 is off.")
    var noRepeatNgram = 0

    @Option(help: "The same seed writes the same text.")
    var seed: UInt64 = 0

    @Option(help: "A file with a JSON Schema; the answer is a document of it, closed in time.")
    var schema: String?

    @Option(
        help: """
            With --schema: write so many documents, to all --prompts in turn and with seeds from --seed on, one a \
            line, and check each of them with a parser of its own.
            """)
    var count: Int?

    @Option(help: "End before this text; can be given several times.")
    var stop: [String] = []

    func validate() throws {
        guard count == nil || (schema != nil && count ?? 0 > 0) else {
            throw ValidationError("--count has to be above 0 and needs --schema")
        }
    }

    func run() async throws {
        let schema = try schema.map { try String(contentsOfFile: $0, encoding: .utf8) }
        let options = try options(grammar: schema.map { try JSONGrammar(schema: $0) })
        let engine = try arguments.engine()
        let adapter = try await engine.loadAdapter(at: adapter)
        if let count, let schema {
            let run = GenerateDocuments(
                engine: engine, adapter: adapter,
                prompts: try texts().map { try tokens(of: $0, model: engine.model) }, options: options)
            return try await run.write(count, of: schema)
        }
        if prompts != nil { return try await continueAll(try texts(), options, engine, adapter) }
        let generation = try await engine.generate(
            tokens(of: texts()[0], model: engine.model), timeline: "generate", adapter: adapter,
            options: options
        ) { FileHandle.standardOutput.write(Data($0.utf8)) }
        print()
        report(summary(of: generation))
    }

    /// The prompts of `--prompts`, or the one that is given or read.
    private func texts() throws -> [String] {
        guard let prompts else {
            return [
                prompt ?? String(decoding: FileHandle.standardInput.readDataToEndOfFile(), as: UTF8.self)
            ]
        }
        let texts = try JSONDecoder().decode(
            [String].self, from: Data(contentsOf: URL(fileURLWithPath: prompts)))
        guard !texts.isEmpty else { throw ValidationError("\(prompts) has no prompts") }
        return texts
    }

    private func options(grammar: JSONGrammar?) -> GenerationOptions {
        GenerationOptions(
            maximumTokens: maximumTokens,
            sampling: SamplingOptions(
                temperature: temperature, topK: topK, topP: topP, minP: minP,
                repetitionPenalty: repetitionPenalty, noRepeatNgram: noRepeatNgram, seed: seed),
            stopTexts: stop, grammar: grammar)
    }

    private func continueAll(
        _ prompts: [String], _ options: GenerationOptions, _ engine: InferenceEngine, _ adapter: String?
    ) async throws {
        var answers: [String] = []
        for prompt in prompts {
            answers.append(
                try await engine.generate(
                    tokens(of: prompt, model: engine.model), timeline: "generate", adapter: adapter,
                    options: options
                ).text)
        }
        print(String(decoding: try JSONEncoder().encode(answers), as: UTF8.self))
    }

    private func tokens(of text: String, model: GemmaModel) throws -> [TokenID] {
        let tokenizer = model.tokenizer
        func control(_ token: ControlToken) throws -> [TokenID] {
            guard let id = tokenizer.controlToken(token) else {
                throw ValidationError("\(arguments.model) has no token for \(token): leave out --chat")
            }
            return [id]
        }
        let begin = try control(.beginningOfSequence)
        guard chat else { return begin + tokenizer.encode(text) }
        return try begin + control(.startOfTurn) + tokenizer.encode("user\n" + text) + control(.endOfTurn)
            + tokenizer.encode("\n") + control(.startOfTurn) + tokenizer.encode("model\n")
    }

    private func summary(of generation: Generation) -> String {
        func rate(_ count: Int, _ time: Duration) -> String {
            let seconds = time / .seconds(1)
            return String(
                format: "%d tokens in %.2f s (%.1f tokens/s)", count, seconds,
                Double(count) / max(seconds, 1e-9))
        }
        return "prompt: \(rate(generation.promptTokens, generation.prefillTime)); "
            + "answer: \(rate(generation.tokens.count, generation.decodeTime)); ended by \(generation.end.rawValue)"
    }
}
