import ArgumentParser
import Foundation
import Gemma
import Weights

/// `minutelab adapter`: looks into LoRA adapters, converts and averages them.
struct Adapter: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Looks into LoRA adapters, converts and averages them.",
        subcommands: [Inspect.self, Convert.self, Average.self])

    /// An adapter, and the model it is for.
    struct Arguments: ParsableArguments {
        @Argument(help: "A GGUF file as llama.cpp has it, or a folder as peft has it.")
        var adapter: String

        @Option(
            help:
                "The model it is for: a GGUF file or a Hugging Face folder. The adapter is checked against it."
        )
        var model: String?

        func load() throws -> LoRAAdapter {
            let configuration = try model.map { try GemmaModel(path: $0).configuration }
            let adapter = try LoRAAdapter(path: adapter, architecture: configuration?.architecture)
            if let configuration { try adapter.check(against: configuration) }
            return adapter
        }
    }

    /// `minutelab adapter inspect`: what an adapter is.
    struct Inspect: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Shows what an adapter is.", discussion: "Every number is read and checked.")

        @OptionGroup var arguments: Arguments

        @Flag(help: "List every pair of factors.")
        var pairs = false

        func run() throws {
            let adapter = try arguments.load()
            let targets = Set(adapter.sites.map(\.target)).sorted().map(\.rawValue)
            let layers = Set(adapter.sites.map(\.layer))
            let rows: [(String, String)] = [
                ("name", adapter.name), ("trained on", adapter.baseModel),
                ("architecture", adapter.architecture.rawValue),
                ("rank", "\(adapter.rank), alpha \(adapter.alpha): scale \(adapter.scale)"),
                ("parameters", "\(adapter.parameterCount) (\(adapter.parameterCount * 2) bytes in F16)"),
                (
                    "matrices",
                    "\(adapter.sites.count) in \(layers.count) layers: \(targets.joined(separator: ", "))"
                ),
                ("prompt", adapter.promptTemplate ?? "not known"), ("fingerprint", adapter.fingerprint),
            ]
            for (name, value) in rows {
                print((name + ":").padding(toLength: 14, withPad: " ", startingAt: 0) + value)
            }
            guard pairs else { return }
            for site in adapter.sites {
                guard let pair = adapter.pairs[site] else { continue }
                let size = [pair.a, pair.b].map { $0.reduce(0) { max($0, abs($1)) } }
                print("\(site) [\(pair.outputSize), \(pair.inputSize)], up to |A| \(size[0]), |B| \(size[1])")
            }
        }
    }

    /// `minutelab adapter convert`: from one format into the other.
    struct Convert: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Converts an adapter to llama.cpp's format or to peft's.",
            discussion: "Existing files are replaced, each whole or not at all.")

        @OptionGroup var arguments: Arguments

        @Argument(help: "A GGUF file to write if the name ends in .gguf, else a folder for peft.")
        var output: String

        @Flag(help: "Keep full precision instead of rounding to half (twice the size).")
        var f32 = false

        @Option(help: "What the adapter is called from now on.")
        var name: String?

        @Option(help: "The prompt template that it was trained with: 'tuned' if it was the daemon's.")
        var prompt: String?

        func run() throws {
            var adapter = try arguments.load()
            if let name { adapter.name = name }
            if let prompt { adapter.promptTemplate = prompt }
            try adapter.write(to: output, type: f32 ? .f32 : .f16)
        }
    }
}

extension InferenceEngine {
    /// Loads the adapter at `path` if there is one, and says by which name requests choose it.
    func loadAdapter(at path: String?) throws -> String? {
        guard let path else { return nil }
        try load(LoRAAdapter(path: path, architecture: model.configuration.architecture), as: path)
        return path
    }
}
