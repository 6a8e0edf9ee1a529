import ArgumentParser
import Foundation
import Language
import Pipeline
import Transcript

/// Says how a file would be read, without a daemon.
struct Check: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Say how a transcript would be read.",
        discussion: """
            Shows the format, the encoding, the language, the speakers with their turns, the first and the last time, what is \
            skipped and why, and the first three turns. Nothing is sent. Hints in FILE.meta.json are believed. Ends with 65 \
            if the file would be refused.
            """)

    @Argument(help: "A transcript of any known format.")
    var file: String

    @Flag(help: "Print JSON, as minutes.json has it under sources.")
    var json = false

    func run() async throws {
        try await reporting {
            let facts = try readTranscript(path: file).facts
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .prettyPrinted, .withoutEscapingSlashes]
                print(String(decoding: try encoder.encode(facts), as: UTF8.self))
            } else {
                for line in Self.lines(facts) { print(line) }
            }
        }
    }

    /// The facts for people, a label and what it says a line.
    static func lines(_ facts: TranscriptFacts) -> [String] {
        func clock(_ seconds: Double?) -> String {
            guard let seconds else { return "none" }
            return Duration.seconds(seconds).formatted(.time(pattern: .hourMinuteSecond))
        }
        var lines = [
            "format:    \(facts.format)", "encoding:  \(facts.encoding)",
            "language:  \(facts.language?.rawValue ?? "not recognised")", "turns:     \(facts.utterances)",
            "speakers:  "
                + (facts.speakers.isEmpty
                    ? "none" : facts.speakers.map { "\($0.name) (\($0.turns))" }.joined(separator: ", ")),
        ]
        if facts.withoutSpeaker > 0 { lines.append("           \(facts.withoutSpeaker) without a speaker") }
        lines.append("times:     \(clock(facts.firstTime)) to \(clock(facts.lastTime))")
        lines.append("skipped:   \(facts.skippedPercent)% of the text")
        lines += facts.notes.map { "           \($0)" }
        lines += facts.opening.enumerated().map {
            ($0.offset == 0 ? "begins:    " : "           ") + $0.element
        }
        return lines.map { VisibleText.lines($0) }
    }
}
