import Foundation
import TestSupport
import Testing

/// Asking with the real programs.
@Suite(.serialized, .enabled(if: Program.areBuilt, Program.absence)) struct AskTests {
    private func run(_ rig: CrashRig, _ arguments: String...) async throws -> Outcome {
        try await Program.minutectl.run(arguments + ["--config", rig.configuration], in: rig.scratch)
    }

    /// The tiny model's weights are random, and a question is hardly likelier after one passage than after another; so this
    /// tells only that what is shown was said, and that all of it works.
    @Test func aMeetingIsAskedWhileItRuns() async throws {
        let rig = try CrashRig(seed: 21)
        try #require(await rig.start())
        let socket = try SocketClient(rig.ingestSocket)
        try socket.send(
            [#"{"meeting":"live","ack":true,"format":"text"}"#]
                + [
                    "Ines: What does a new pump cost?", "Pavel: It costs four hundred and twenty euros.",
                    "Ines: Then we look at the hedges.", "Marta: They have to be cut in February.",
                ])
        #expect(socket.answers(until: #"{"ack":3}"#).contains(#"{"ack":3}"#))
        let asked = try await run(rig, "ask", "live", "What does a new pump cost?", "--json")
        #expect([0, 1].contains(asked.status) && asked.errors.isEmpty, "\(asked)")
        struct Answered: Decodable {
            struct Answer: Decodable {
                struct Passage: Decodable { let text: String }
                let kind, question: String
                let coverage: Double
                let gain: Double?
                let passages: [Passage]
            }
            let meeting, page: String
            let answer: Answer
        }
        let answered = try JSONDecoder().decode(Answered.self, from: Data(asked.output.utf8))
        #expect(answered.meeting == "live" && answered.page.hasSuffix("/live/minutes.html"))
        #expect(answered.answer.question == "What does a new pump cost?")
        // Every word of it was said, and the model was asked.
        #expect(answered.answer.coverage > 0.99 && answered.answer.gain != nil)
        #expect((answered.answer.kind == "notSaid") == (asked.status == 1))
        #expect(answered.answer.passages.isEmpty == (asked.status == 1))
        let unsaid = try await run(rig, "ask", "live", "Who repairs the reactor of the submarine?")
        #expect(unsaid.status == 1 && unsaid.output == "The meeting does not say.\n", "\(unsaid)")
        let german = try await run(rig, "ask", "live", "Wer repariert den Reaktor des Unterseeboots?")
        #expect(
            german.status == 1 && german.output.hasPrefix("Die Besprechung sagt dazu nichts.\n"), "\(german)")
        // The words stand apart, as without quotation marks.
        #expect([0, 1].contains(try await run(rig, "ask", "live", "which", "pump").status))

        #expect(try await run(rig, "ask", "other", "What does it cost?").status == 66)
        for question in ["", "?!", String(repeating: "pump ", count: 20_000)] {
            let refused = try await run(rig, "ask", "live", question)
            #expect(refused.status == 64 && refused.errors.hasPrefix("minutectl: "), "\(refused.status)")
        }
        // Neither questions nor answers are logged.
        #expect(!rig.log.contains("pump") && !rig.log.contains("submarine"))

        #expect(try await rig.stop(SIGTERM) == 0)
        let alone = try await run(rig, "ask", "live", "What does a new pump cost?")
        #expect(alone.status == 69 && alone.errors.contains("minutectl search"), "\(alone)")
    }
}
