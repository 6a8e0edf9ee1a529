import Corpora
import Evaluation
import Foundation
import Language
import Minutes
import Summaries
import Transcript

/// How well the check of evidence tells what was said from what was not.
struct EvaluateEvidence {
    private let examples: [CorpusExample]
    private let finders: [EvidenceFinder]
    private let seed: UInt32

    /// Looks at `examples` whose source is a conversation.
    init(_ examples: [CorpusExample], seed: UInt32) {
        self.examples = examples.filter { $0.source.contains { $0.speaker != nil } }
        self.seed = seed
        finders = self.examples.map { EvidenceFinder(utterances: $0.utterances.map { ReadUtterance($0) }) }
    }

    /// A row for each of `answers`, a text for each example by system, and for what people wrote.
    ///
    /// Nil if there is nothing to look at.
    func table(answers: [(system: String, texts: [String: String])]) -> ScoreReport.Table? {
        guard !examples.isEmpty else { return nil }
        let people = examples.map { $0.references.first ?? "" }
        var rows = [row("people", people)]
        // What is true of another passage is not true of this one.
        rows.append(
            row(
                "people, of another passage",
                Array(people.dropFirst(people.count / 2) + people.prefix(people.count / 2))))
        for (system, texts) in answers {
            rows.append(row("`\(system)`", examples.map { texts[$0.id] ?? "" }))
        }
        return ScoreReport.Table(
            title: "Evidence",
            text: """
                Sentences, and how many of them have no number, name or day that is not in what they cite; how many of \
                these also have enough words in common with it, so that the minutes show them.
                """,
            columns: ["written by", "sentences", "nothing missing", "shown", "shown, share"], rows: rows)
    }

    private func row(_ name: String, _ texts: [String]) -> [String] {
        let statements = zip(finders, texts).flatMap { $0.statements(of: $1) }.filter { !$0.isHeading }
        let shown = statements.count(where: \.isGrounded)
        return [
            name, String(statements.count), String(statements.count { $0.missing.isEmpty }), String(shown),
            statements.isEmpty ? "–" : String(format: "%.3f", Double(shown) / Double(statements.count)),
        ]
    }

    /// A row for each kind of false claim, put into sentences that people wrote and the check lets pass.
    func plantedTable() -> ScoreReport.Table? {
        guard !examples.isEmpty else { return nil }
        let rows = PlantedError.allCases.map { kind -> [String] in
            let (planted, caught) = plant(kind)
            let share = planted > 0 ? String(format: "%.3f", Double(caught) / Double(planted)) : "–"
            return [kind.rawValue, String(planted), String(caught), share]
        }
        return ScoreReport.Table(
            title: "Planted errors",
            text: """
                False claims put into sentences that people wrote and that the check lets pass, \(Self.plantLimit) of \
                each kind where there are so many, and how many of them the check then leaves out.
                """,
            columns: ["false claim", "planted", "caught", "share"], rows: rows)
    }

    private static let plantLimit = 200

    private func plant(_ kind: PlantedError) -> (planted: Int, caught: Int) {
        var generator = MersenneTwister(seed: seed)
        var (planted, caught) = (0, 0)
        for place in examples.indices.shuffled(using: &generator) {
            let said = examples[place].utterances
            let ground = PlantedError.Ground(
                said: said, participants: said.compactMap(\.speaker), language: .english)
            let grounded = finders[place].statements(of: examples[place].references.first ?? "").filter(
                \.isGrounded)
            for statement in grounded where planted < Self.plantLimit {
                guard let text = kind.plant(in: statement.text, ground, using: &generator) else { continue }
                planted += 1
                if !finders[place].statement(text).isGrounded { caught += 1 }
            }
        }
        return (planted, caught)
    }
}

extension CorpusExample {
    /// The source as the daemon would have it.
    fileprivate var utterances: [Utterance] {
        source.map { utterance in
            Utterance(
                speaker: utterance.speaker, text: utterance.text,
                source: SourcePosition(name: id, line: utterance.index + 1))
        }
    }
}
