import ArgumentParser
import Gemma

/// `minutelab inspect`: what a model file holds and what running it takes.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows what a model is and what running it takes.",
        discussion: "Reads the headers and checks every offset, count and shape; the weights are not read.")

    @Argument(help: "A GGUF file, or a Hugging Face folder.")
    var model: String

    @Flag(help: "List every tensor.")
    var tensors = false

    func run() throws {
        let model = try GemmaModel(path: model)
        let configuration = model.configuration
        let sliding = configuration.layers.compactMap(\.slidingWindow)
        func widths(_ width: KeyPath<GemmaConfiguration.Layer, Int>) -> String {
            Set(configuration.layers.map { $0[keyPath: width] }).sorted().map(String.init)
                .joined(separator: " and ")
        }
        let rows: [(String, String)] = [
            ("name", configuration.name),
            ("architecture", configuration.architecture.rawValue),
            ("parameters", "\(model.parameterCount)"),
            ("weights", "\(mebibytes(model.weightBytes)) (\(model.elementTypes.joined(separator: ", ")))"),
            (
                "layers",
                "\(configuration.layers.count), \(sliding.count) with a sliding window"
                    + (sliding.first.map { " of \($0)" } ?? "")
            ),
            ("hidden size", "\(configuration.hiddenSize), feed-forward \(widths(\.intermediateSize))"),
            (
                "heads",
                "\(configuration.headCount) of \(widths(\.headDim)), \(configuration.kvHeadCount) for keys and values"
            ),
            ("vocabulary", "\(configuration.vocabularySize)"),
            ("context", "\(configuration.contextLength) tokens"),
            (
                "cache",
                "\(model.cacheBytesPerToken) bytes per token, "
                    + "\(mebibytes(model.cacheBytesPerToken * min(8192, configuration.contextLength))) for "
                    + "\(min(8192, configuration.contextLength)) tokens"
            ),
            ("chat turns", model.isInstructionTuned ? "yes: instruction-tuned" : "no: base model"),
            ("fingerprint", model.fingerprint),
        ]
        for (name, value) in rows {
            print((name + ":").padding(to: 14) + value)
        }
        if tensors { for line in model.tensorList { print(line) } }
    }

    private func mebibytes(_ bytes: Int) -> String { "\((bytes + (1 << 19)) >> 20) MiB" }
}

extension String {
    fileprivate func padding(to width: Int) -> String {
        self + String(repeating: " ", count: max(0, width - count))
    }
}
