import ArgumentParser
import Gemma
import LanguageModels
import Settings

/// How `minutelab evaluate` sets up its model.
struct EvaluateEngineOptions: ParsableArguments {
    @Option(
        help:
            "A LoRA adapter for the system model: a GGUF file, or a folder as peft has it. If it is given several times each of them answers, and the answer that the others agree with most is taken."
    )
    var adapter: [String] = []

    @Option(help: "Threads; as many as this process may use if not given.")
    var threads: Int?

    @Option(help: "Positions of a cache, prompt and answer together; what is longer is cut.")
    var contextLength: Int?

    @Option(help: "A folder for the repacked weights; beside the model if not given, 'none' for memory only.")
    var cacheFolder: String?

    /// Loads the model.
    func engine(model: String) throws -> InferenceEngine {
        try InferenceEngine(
            model: GemmaModel(path: model),
            options: InferenceEngine.Options(
                contextLength: contextLength, threads: threads,
                packedWeightsFolders: packedWeightsFolders(cacheFolder, model: model)))
    }

    /// Loads the model as the daemon does, with the first adapter.
    func languageModel(path: String) throws -> GemmaLanguageModel {
        try GemmaLanguageModel(
            path: path,
            options: GemmaLanguageModel.Options(
                contextLength: contextLength, threads: threads,
                packedWeightsFolders: packedWeightsFolders(cacheFolder, model: path),
                adapters: adapter.first.map { ChoiceByKind(all: $0) } ?? .none))
    }
}
