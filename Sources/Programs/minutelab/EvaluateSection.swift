import ArgumentParser
import Corpora
import Evaluation
import Foundation
import Language
import Summaries

/// The systems that summarise.
enum EvaluatedSystem: String, CaseIterable, ExpressibleByArgument, Sendable {
    /// The first three utterances.
    case lead3
    /// The three longest utterances.
    case longest
    /// TextRank's three sentences.
    case textrank
    /// The three utterances closest to the references: an upper bound for those that quote.
    case oracle
    /// Each reference against the others.
    case human
    /// The model without adapter.
    case base
    /// The model without adapter, shown a few examples.
    case fewshot
    /// The model, with the adapter if one is given.
    case model

    static let baselines: [EvaluatedSystem] = [.lead3, .longest, .textrank, .oracle, .human]

    /// Whether it needs a model.
    var isModel: Bool { [.base, .fewshot, .model].contains(self) }
}

extension CorpusExample.Kind {
    /// The prompt for a model that was not trained on another.
    var usualFormat: PromptFormat { self == .dialogue ? .dialogsum : .tuned }

    fileprivate var title: String {
        switch self {
        case .dialogue: "Dialogues"
        case .query: "Questions about meetings"
        case .window: "Passages of meetings"
        case .meeting: "Whole meetings"
        case .overall: "Whole meetings, from their passages' summaries"
        case .pair: "Own transcripts"
        }
    }
}

/// Examples of a kind and the systems that answer them.
struct EvaluateSection {
    var kind: CorpusExample.Kind
    var examples: [CorpusExample]
    var systems: [EvaluatedSystem]
    /// For the model with its adapter.
    var format: PromptFormat
    /// For the model without.
    var untunedFormat: PromptFormat
    var shots: [CorpusExample]
    /// Whether answers call speakers by the names that they use for each other.
    var namesSpeakers: Bool
    var isStemmed: Bool
    var seed: UInt32

    /// What has to be known to do it again.
    var facts: [ScoreReport.Fact] {
        var facts: [ScoreReport.Fact] = []
        for system in systems where system.isModel {
            facts.append(
                .init("prompt of \(system.rawValue) for \(kind.rawValue)", self.format(of: system).rawValue))
        }
        if systems.contains(.fewshot) {
            facts.append(.init("fewshot's examples", shots.map(\.id).joined(separator: ", ")))
        }
        return facts
    }

    /// Lets every system answer and measures the answers; notes tell what was cut or is missing.
    func measure(writer: EvaluateWriter?) async throws -> (
        section: ScoreReport.Section, tables: [ScoreReport.Table], notes: [String]
    ) {
        var measured: [SystemScores] = []
        var written: [(system: String, texts: [String: String])] = []
        var notes: [String] = []
        let namings = examples.map { SpeakerNaming(namesSpeakers ? $0.source : []) }
        let sources = zip(examples, namings).map { example, naming in
            example.source.map { naming.applied(to: $0.spoken) }
        }
        for system in systems {
            if system == .human {
                let answers = examples.compactMap { example in
                    ScoredAnswer(
                        id: example.id, references: example.references, source: example.source.map(\.spoken),
                        isStemmed: isStemmed)
                }
                if !answers.isEmpty { measured.append(scores(of: system, answers)) }
                continue
            }
            let unnamed: [String]
            if system.isModel {
                guard let writer else { preconditionFailure("a model system was wanted without a model") }
                let prompts = examples.map { example in
                    format(of: system).prompt(of: example, after: system == .fewshot ? shots : [])
                }
                let answers = try await writer.answers(
                    to: prompts, ids: examples.map(\.id), system: system, kind: kind.rawValue)
                notes += EvaluateWriter.notes(answers, system: system, kind: kind.rawValue)
                unnamed = answers.map(\.text)
            } else {
                unnamed = zip(examples, sources).map { extract(system, $0, source: $1) }
            }
            let texts = zip(unnamed, namings).map { text, naming in naming.applied(to: text) }
            if system.isModel {
                let ids = examples.map(\.id)
                written.append((system.rawValue, Dictionary(zip(ids, texts)) { first, _ in first }))
            }
            let answers = examples.indices.map { place in
                ScoredAnswer(
                    id: examples[place].id, text: texts[place], references: examples[place].references,
                    source: sources[place], isStemmed: isStemmed)
            }
            measured.append(scores(of: system, answers))
        }
        let section = ScoreReport.Section(name: kind.rawValue, title: kind.title, systems: measured)
        // Questions and passages of meetings: what the daemon's check is for.
        let evidence = [.query, .window].contains(kind) ? EvaluateEvidence(examples, seed: seed) : nil
        let tables = [evidence?.table(answers: written), evidence?.plantedTable()].compactMap(\.self)
        return (section, tables, notes)
    }

    private func format(of system: EvaluatedSystem) -> PromptFormat {
        system == .model ? format : untunedFormat
    }

    private func scores(of system: EvaluatedSystem, _ answers: [ScoredAnswer]) -> SystemScores {
        SystemScores(name: system.rawValue, answers: answers, seed: seed)
    }

    private func extract(_ system: EvaluatedSystem, _ example: CorpusExample, source: [String]) -> String {
        let units: [String]
        switch system {
        case .lead3: units = Extract.lead(source)
        case .longest: units = Extract.longest(source)
        case .textrank:
            let sentences = example.source.flatMap { utterance in
                TextReader.read(utterance.text, language: .english).sentenceTexts.map {
                    (utterance.speaker, $0)
                }
            }
            // Ranked without the speakers, who would make sentences alike; shown with them.
            units = Extract.textRank(sentences.map(\.1)).map { place in
                CorpusUtterance(speaker: sentences[place].0, text: sentences[place].1, index: 0).spoken
            }
        case .oracle: units = OracleExtract.units(source, references: example.references)
        case .human, .base, .fewshot, .model: preconditionFailure("\(system) is no extract")
        }
        return units.joined(separator: "\n")
    }
}

extension CorpusUtterance {
    /// With who said it.
    var spoken: String { speaker.map { "\($0): \(text)" } ?? text }
}
