import ArgumentParser
import Foundation
import Gemma
import Tokenizer

/// `minutelab tokenize`: shows how a model's tokenizer cuts text.
struct Tokenize: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Shows how a model's tokenizer cuts text.",
        discussion: "Each line of standard input, or the given text, becomes a line of ids or of pieces.")

    @Argument(help: "A GGUF file, or a Hugging Face folder.")
    var model: String

    @Argument(help: "The text; read from standard input, line by line, if not given.")
    var text: String?

    @Flag(help: "Show the pieces instead of the ids.")
    var pieces = false

    func run() throws {
        let tokenizer = try GemmaModel.tokenizer(path: model)
        func show(_ line: String) {
            let ids = tokenizer.encode(line)
            print(ids.map { pieces ? "[\(tokenizer.piece(of: $0))]" : String($0) }.joined(separator: " "))
        }
        if let text {
            show(text)
        } else {
            while let line = readLine() { show(line) }
        }
    }
}
