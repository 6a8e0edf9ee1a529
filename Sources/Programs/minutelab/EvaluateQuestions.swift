import Corpora
import Evaluation
import Foundation
import Language
import Summaries
import Transcript

/// How questions about meetings are answered: those of QMSum that ask for something in a meeting, and as many others as are
/// wanted put to a meeting that they were not asked about.
struct EvaluateQuestions {
    /// How many questions are asked.
    struct Counts {
        var answerable = 40
        var unanswerable = 20
    }

    /// A question, what was answered, and whether that is right, for people to read.
    private struct Line: Encodable {
        var id: String
        /// The meeting that was asked.
        var meeting: String
        var question: String
        var isAnswerable: Bool
        /// `right`, `wrong` or `refused`.
        var outcome: String
        var coverage: Double
        var gain: Double?
        /// The best passages as they are shown, with their turns by number in the data.
        var shown: [Shown]
        /// The model's sentences.
        var written: [String]
        /// What people answered.
        var reference: String
    }

    private struct Shown: Encodable {
        var turn: Int
        var text: String
        var isRelevant: Bool
    }

    private struct Asked {
        var example: CorpusExample
        var meeting: CorpusMeeting
        var isAnswerable: Bool
    }

    private var lines: [Line] = []
    private var seconds: [Double] = []
    private let usesModel: Bool

    /// Asks questions of the meetings at `paths`, chosen by `seed`; without `model` they are answered by words alone.
    init(_ paths: [String], counts: Counts, seed: UInt32, model: (any LanguageModel)?) async throws {
        usesModel = model != nil
        let corpus = try Corpus.read(paths, options: .init(kinds: [.query]))
        let meetings = Dictionary(corpus.meetings.map { ($0.id, $0) }, uniquingKeysWith: { one, _ in one })
        var said: [String: [ReadUtterance]] = [:]
        for asked in Self.chosen(corpus.examples, meetings, counts, seed: seed) {
            let utterances =
                said[asked.meeting.id] ?? Self.read(asked.meeting)
            said[asked.meeting.id] = utterances
            let begin = ContinuousClock.now
            let answer = try await Answerer(model: model ?? NoModel(), timeline: "question").answer(
                AskedQuestion(asked.example.query ?? "", spoken: utterances.mainLanguage), in: utterances)
            seconds.append((ContinuousClock.now - begin) / .seconds(1))
            lines.append(Self.line(asked, answer))
        }
    }

    /// What was said in a meeting, as the ledger hands it out: each turn in the language that it is told to be in.
    private static func read(_ meeting: CorpusMeeting) -> [ReadUtterance] {
        var language: LanguageCode?
        return meeting.utterances.enumerated().map { number, utterance in
            language = LanguageIdentifier.language(of: utterance.text, after: language)
            return ReadUtterance(
                Utterance(
                    speaker: utterance.speaker, text: utterance.text,
                    source: SourcePosition(name: meeting.id, line: number + 1), language: language))
        }
    }

    /// The questions, by the seed: some of their own meetings, others of a meeting of another kind, in which nobody comes
    /// to speak of their subject.
    private static func chosen(
        _ examples: [CorpusExample], _ meetings: [String: CorpusMeeting], _ counts: Counts, seed: UInt32
    ) -> [Asked] {
        var generator = MersenneTwister(seed: seed)
        var shuffled = examples.filter { $0.query != nil && meetings[Self.meeting(of: $0)] != nil }
        shuffled.shuffle(using: &generator)
        let answerable = shuffled.prefix(counts.answerable).compactMap { example in
            meetings[meeting(of: example)].map { Asked(example: example, meeting: $0, isAnswerable: true) }
        }
        let unanswerable = shuffled.dropFirst(counts.answerable).prefix(counts.unanswerable).compactMap {
            example -> Asked? in
            let kind = kind(ofMeeting: meeting(of: example))
            let others = meetings.values.filter { Self.kind(ofMeeting: $0.id) != kind }
                .sorted { $0.id < $1.id }
            guard !others.isEmpty else { return nil }
            let other = others[Int.random(in: others.indices, using: &generator)]
            return Asked(example: example, meeting: other, isAnswerable: false)
        }
        return answerable + unanswerable
    }

    /// `qmsum/Bed003` of `qmsum/Bed003/specific/0`.
    private static func meeting(of example: CorpusExample) -> String {
        example.id.split(separator: "/").prefix(2).joined(separator: "/")
    }

    /// What kind of meeting it is, which QMSum tells by the name: AMI's design of a remote control, ICSI's meetings of
    /// researchers, or a parliament's committees.
    private static func kind(ofMeeting id: String) -> Character {
        let name = id.split(separator: "/").last ?? ""
        if ["ES", "IS", "TS"].contains(where: name.hasPrefix) { return "A" }
        return name.first == "B" ? "I" : "P"
    }

    private static func line(_ asked: Asked, _ answer: MeetingAnswer) -> Line {
        let relevant = Set(asked.example.source.map(\.index))
        func index(_ turn: Int) -> Int { asked.meeting.utterances[turn].index }
        let isRight = asked.isAnswerable && answer.turns.contains { relevant.contains(index($0)) }
        let outcome = answer.kind == .notSaid ? "refused" : isRight ? "right" : "wrong"
        return Line(
            id: asked.example.id, meeting: asked.meeting.id, question: answer.question,
            isAnswerable: asked.isAnswerable, outcome: outcome, coverage: answer.coverage, gain: answer.gain,
            shown: answer.passages.compactMap { passage in
                guard let turn = passage.citations.first?.utterance else { return nil }
                let around = (passage.before ?? []) + (passage.after ?? [])
                let turns = [turn] + around.map(\.citation.utterance)
                let spoken =
                    (passage.before ?? []).map { FallbackSummary.spoken($0.citation.speaker, $0.text) }
                    + [">> " + FallbackSummary.spoken(passage.speaker, passage.text)]
                    + (passage.after ?? []).map { FallbackSummary.spoken($0.citation.speaker, $0.text) }
                return Shown(
                    turn: index(turn), text: spoken.joined(separator: " – "),
                    isRelevant: asked.isAnswerable && turns.contains { relevant.contains(index($0)) })
            },
            written: answer.statements.map(\.text), reference: asked.example.references.first ?? "")
    }

    /// What came of it.
    func table() -> ScoreReport.Table {
        func count(_ isAnswerable: Bool, _ outcome: String) -> String {
            String(lines.count { $0.isAnswerable == isAnswerable && $0.outcome == outcome })
        }
        let answerable = lines.filter(\.isAnswerable)
        let first = answerable.count { $0.outcome != "refused" && $0.shown.first?.isRelevant == true }
        let sorted = seconds.sorted()
        return ScoreReport.Table(
            title: "Questions",
            text: """
                \(usesModel ? "Answered with the model." : "Answered by words alone.") A question of its own meeting is \
                answered right if a turn is shown that people found relevant to it (of \(first) the passage shown first \
                has one); a question of another meeting is right to be refused. Seconds for an answer: \
                \(sorted.isEmpty ? "–" : String(format: "%.2f", sorted[sorted.count / 2])) in the median, \
                \(String(format: "%.2f", sorted.last ?? 0)) at most.
                """,
            columns: ["questions", "right", "wrong", "refused"],
            rows: [
                [
                    "\(answerable.count) of their own meeting", count(true, "right"), count(true, "wrong"),
                    count(true, "refused"),
                ],
                [
                    "\(lines.count - answerable.count) of another meeting", count(false, "refused"),
                    count(false, "wrong"), count(false, "refused"),
                ],
            ])
    }

    /// Questions and answers, for people to judge; a JSON object to a line.
    func files() throws -> [(name: String, text: String)] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        let text = try lines.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }.joined()
        return [("questions.jsonl", text)]
    }
}

/// Stands where no model is asked: it says nothing.
private struct NoModel: LanguageModel {
    struct Silent: Error {}

    let profile = ModelProfile(name: "none", style: .base, contextLength: 2048, fingerprint: "none")

    func tokenCount(of text: String) -> Int { text.utf8.count }
    func prefill(_ prompt: [PromptPiece], timeline: String) {}
    func complete(
        _ prompt: [PromptPiece], timeline: String, options: CompletionOptions,
        onText: @escaping @Sendable (String) -> Void
    ) throws -> Completion { throw Silent() }
    func close(timeline: String) {}
}
