import ArgumentParser
import Foundation
import Gemma

/// The model bench: looks into model files and runs them without a meeting.
@main
struct MinuteLab: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "minutelab",
        abstract: "Looks into Gemma models and runs them without a meeting.",
        subcommands: [
            Generate.self, Inspect.self, Tokenize.self, Logits.self, Adapter.self, Bench.self, Finetune.self,
            Evaluate.self, RougeCommand.self,
        ])
}

/// The options of every command that loads a model.
struct ModelArguments: ParsableArguments {
    @Argument(
        help:
            "A GGUF file, or a Hugging Face folder (config.json, *.safetensors, tokenizer.model or tokenizer.json)."
    )
    var model: String

    @Option(help: "Threads; as many as this process may use if not given.")
    var threads: Int?

    @Option(help: "Positions of the cache, prompt and answer together.")
    var contextLength: Int?

    @Flag(help: "Keep keys and values in full precision (twice the memory).")
    var fullPrecisionCache = false

    @Flag(help: "Multiply quantised weights in f32, as a reference.")
    var exact = false

    @Option(help: "A folder for the repacked weights; beside the model if not given, 'none' for memory only.")
    var cacheFolder: String?

    /// Loads the model and sets up an engine for it.
    func engine(sliceTokens: Int = 512) throws -> InferenceEngine {
        try InferenceEngine(
            model: GemmaModel(path: model),
            options: InferenceEngine.Options(
                contextLength: contextLength, threads: threads, fullPrecisionCache: fullPrecisionCache,
                isExact: exact,
                sliceTokens: sliceTokens,
                packedWeightsFolders: packedWeightsFolders(cacheFolder, model: model)))
    }
}

/// Where repacked weights go, as `--cache-folder` says; beside the model without it.
func packedWeightsFolders(_ cacheFolder: String?, model: String) -> [String] {
    if cacheFolder == "none" { return [] }
    return [cacheFolder ?? URL(filePath: model).deletingLastPathComponent().path(percentEncoded: false)]
}

/// Writes to standard error.
func report(_ line: String) { FileHandle.standardError.write(Data((line + "\n").utf8)) }
