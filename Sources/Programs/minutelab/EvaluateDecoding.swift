import ArgumentParser
import Gemma

/// How `minutelab evaluate` has answers written.
struct EvaluateDecoding: ParsableArguments {
    @Option(help: "Tokens of an answer at most.")
    var maximumTokens = 128

    @Option(help: "Write no run of so many tokens twice in an answer; 0 is off.")
    var noRepeatNgram = 0

    @Option(
        help:
            "Draw so many answers beside the greedy one, and take the one that the others agree with most (minimum Bayes risk); 0 is greedy."
    )
    var candidates = 0

    @Option(help: "The temperature at which candidates are drawn.")
    var temperature: Float = 0.6

    func validate() throws {
        guard (1...4096).contains(maximumTokens) else {
            throw ValidationError("--maximum-tokens \(maximumTokens) is not usable: take 1 to 4096")
        }
        guard (0...64).contains(candidates) else {
            throw ValidationError("--candidates \(candidates) is not usable: take 0 to 64")
        }
        guard temperature > 0 else { throw ValidationError("--temperature \(temperature) is not above 0") }
        for sampling in samplings { try sampling.validate() }
    }

    /// What is drawn for one prompt: the greedy answer first.
    var samplings: [SamplingOptions] {
        [SamplingOptions(noRepeatNgram: noRepeatNgram)]
            + (0..<candidates).map {
                SamplingOptions(temperature: temperature, noRepeatNgram: noRepeatNgram, seed: UInt64($0))
            }
    }

    /// For people; the same words mean the same answers.
    var summary: String {
        var parts = [
            candidates > 0
                ? "of the greedy answer and \(candidates) drawn at temperature \(temperature) that which agrees most"
                : "greedy", "at most \(maximumTokens) tokens", "up to a line's end",
        ]
        if noRepeatNgram > 0 { parts.append("no run of \(noRepeatNgram) tokens twice") }
        return parts.joined(separator: ", ")
    }
}
