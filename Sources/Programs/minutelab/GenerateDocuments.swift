import ArgumentParser
import Evaluation
import Gemma
import Tokenizer

/// Many documents of one schema, several at once, each checked by what shares nothing with their making.
struct GenerateDocuments {
    let engine: InferenceEngine
    let adapter: String?
    /// They are answered in turn.
    let prompts: [[TokenID]]
    let options: GenerationOptions

    /// Documents that are written at once.
    private static let width = 8

    /// Prints `count` documents, one a line, and to standard error how many are valid; fails if any is not.
    func write(_ count: Int, of schema: String) async throws {
        let check = try SchemaCheck(schema: schema)
        var complaints: [String] = []
        var tokenCount = 0
        let clock = ContinuousClock()
        let begin = clock.now
        for first in stride(from: 0, to: count, by: Self.width) {
            let answers = try await answers(first..<min(first + Self.width, count))
            for (index, answer) in zip(first..., answers) {
                print(answer.text)
                tokenCount += answer.tokens.count
                if let complaint = check.complaint(about: answer.text) {
                    complaints.append("document \(index): \(complaint)")
                }
            }
        }
        let seconds = (clock.now - begin) / .seconds(1)
        for complaint in complaints { report(complaint) }
        report(
            "\(count - complaints.count) of \(count) documents are valid; \(tokenCount) tokens in \(Int(seconds)) s"
        )
        if !complaints.isEmpty { throw ExitCode.failure }
    }

    private func answers(_ indices: Range<Int>) async throws -> [Generation] {
        try await withThrowingTaskGroup(of: (Int, Generation).self) { group in
            for index in indices {
                group.addTask {
                    var options = options
                    options.sampling.seed &+= UInt64(index)
                    let prompt = prompts[index % prompts.count]
                    // With many prompts each has a timeline of its own, and is not read again.
                    let timeline = "document \(index % max(prompts.count, Self.width))"
                    return (
                        index,
                        try await engine.generate(
                            prompt, timeline: timeline, adapter: adapter, options: options)
                    )
                }
            }
            return try await group.reduce(into: [(Int, Generation)]()) { $0.append($1) }
                .sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
