import ArgumentParser
import Foundation
import Gemma
import Weights

extension Adapter {
    /// `minutelab adapter average`: several adapters become one.
    struct Average: ParsableCommand {
        static let configuration = CommandConfiguration(
            abstract: "Averages several adapters: the result adds the mean of what they add.",
            discussion: """
                For adapters trained on the same data from different seeds: the mean of some is better than each of \
                them (a model soup). It is exact, and the ranks add up: three adapters of rank 8 give one of rank \
                24, three times as large. They have to be for the same matrices, model and prompt.
                """)

        @Argument(help: "GGUF files as llama.cpp has them, or folders as peft has them.")
        var adapters: [String]

        @Option(help: "A GGUF file to write if the name ends in .gguf, else a folder for peft.")
        var output: String

        @Option(
            help:
                "The model they are for, which they may call by different names: a GGUF file or a Hugging Face folder."
        )
        var model: String?

        @Flag(help: "Keep full precision instead of rounding to half (twice the size).")
        var f32 = false

        @Option(help: "What it is called; as its file is, if not given.")
        var name: String?

        func validate() throws {
            guard adapters.count > 1 else { throw ValidationError("two adapters at least make an average") }
        }

        func run() throws {
            let configuration = try model.map { try GemmaModel(path: $0).configuration }
            let loaded = try adapters.map { path in
                let adapter = try LoRAAdapter(path: path, architecture: configuration?.architecture)
                if let configuration { try adapter.check(against: configuration) }
                return adapter
            }
            let average = try LoRAAdapter.average(
                of: loaded, name: name ?? URL(filePath: output).deletingPathExtension().lastPathComponent,
                requiresSameBaseName: configuration == nil)
            try average.write(to: output, type: f32 ? .f32 : .f16)
            report(
                "the average of \(loaded.count) adapters, of rank \(average.rank) and alpha \(average.alpha), is in "
                    + output)
        }
    }
}
