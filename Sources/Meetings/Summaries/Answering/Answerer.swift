import Foundation
import Language
import Transcript

/// Answers questions about a meeting: by quoting what was said, or, with a model that notes, in a sentence or two that
/// what was said bears out.
///
/// A value without state; nothing of a question or its answer is kept.
package struct Answerer: Sendable {
    private let model: any LanguageModel
    private let prompts: Prompts
    private let style: ModelProfile.Style
    /// What the model's cache of a question is called; whoever asks closes it.
    private let timeline: String
    private let allowsTranslation: Bool

    /// Passages that are weighed, and of these those that are shown at most.
    private static let (weighedPassages, shownPassages) = (5, 3)
    /// A passage that fits much worse than the best is not shown with it.
    private static let shownShare = 0.5

    /// Creates an answerer that asks `model` on `timeline`, for a meeting whose minutes are written in `style`.
    package init(model: any LanguageModel, timeline: String, style: SummaryStyle = SummaryStyle()) {
        let profile = model.profile(ofTimeline: timeline)
        (self.model, self.timeline) = (model, timeline)
        self.style = profile.style
        prompts = Prompts(template: .of(profile.style).told(style))
        allowsTranslation = style.language != nil
    }

    /// What the meeting, with all its `utterances` as they are shown and its `items`, says to `question`.
    ///
    /// `clear` is awaited before each call of the model, and may make it wait. A model that fails is no error: the answer
    /// then says so and goes by words. Throws what `clear` throws, and `CancellationError`.
    package func answer(
        _ question: AskedQuestion, in utterances: [ReadUtterance], items: [MinutesItem] = [],
        clear: @Sendable () async throws -> Void = {}
    ) async throws -> MeetingAnswer {
        let finder = PassageFinder(utterances)
        var candidates = finder.candidates(for: question, items: items, limit: Self.weighedPassages)
        var answer = MeetingAnswer(
            question: question.text, language: question.language, spoken: utterances.mainLanguage,
            kind: .notSaid, statements: [], passages: [], coverage: 0, remark: nil)
        guard let best = candidates.map(\.coverage).max() else {
            if isForeign(question, to: utterances) { answer.remark = .otherLanguage }
            return answer
        }
        answer.coverage = best
        var isSaid = best >= Bearing.leastCoverage
        do {
            if prompts.template.asksForNotes {
                guard best >= Bearing.leastCoverage / 2 else { return answer }
                let written = try await write(question, finder, candidates, clear: clear)
                guard let written else { return answer }
                answer.statements = written
                if written.isEmpty { answer.remark = .notBorneOut }
                isSaid = true
            } else {
                answer.gain = try await weigh(question, finder, &candidates, clear: clear)
                if let gain = answer.gain {
                    isSaid = best + Bearing.likelihoodWeight * gain >= Bearing.least
                }
            }
        } catch is CancellationError {
            throw CancellationError()
        } catch let error as Interrupted {
            throw error.cause
        } catch {
            if Task.isCancelled { throw CancellationError() }
            answer.remark = .modelFailed
        }
        guard isSaid else { return answer }
        answer.kind = answer.statements.isEmpty ? .quoted : .written
        answer.passages = passages(candidates, question, finder)
        return answer
    }

    /// Waiting for the model was ended by whoever makes it wait, which is not the model's failure.
    private struct Interrupted: Error {
        let cause: any Error
    }

    private func waited(_ clear: @Sendable () async throws -> Void) async throws {
        do {
            try await clear()
            try Task.checkCancellation()
        } catch {
            throw Interrupted(cause: error)
        }
    }

    /// Whether hardly anybody speaks the language of the question.
    private func isForeign(_ question: AskedQuestion, to utterances: [ReadUtterance]) -> Bool {
        !utterances.isEmpty && !utterances.contains { $0.reading.language == question.language }
    }

    /// The best of `candidates` as they are shown, the best first.
    private func passages(
        _ candidates: [PassageFinder.Candidate], _ question: AskedQuestion, _ finder: PassageFinder
    ) -> [Statement] {
        let named = finder.speakers(in: question)
        let most = candidates.map(\.score).max() ?? 0
        var shown: Set<Int> = []
        var passages: [Statement] = []
        for candidate in candidates where candidate.score >= Self.shownShare * most {
            guard passages.count < Self.shownPassages else { break }
            let quotation = finder.quotation(of: candidate, for: question, by: named)
            guard !quotation.text.isEmpty, let turn = quotation.citations.first?.utterance,
                shown.insert(turn).inserted
            else { continue }
            passages.append(quotation)
        }
        return passages
    }

    // MARK: - Whether it is said

    /// How well a meeting bears on a question: thresholds and weights, found with questions of the training part of QMSum
    /// (`minutelab evaluate --questions`).
    private enum Bearing {
        /// Below it, a meeting has said nothing to a question: the share of the question's words that a passage has, and
        /// what the model finds the question likelier after a passage than without.
        static let least = 0.6
        /// The same where no model was asked.
        static let leastCoverage = 0.4
        /// What a unit of likelihood counts for, the length of a question that it is told for, and the most that it
        /// counts more in a shorter one.
        static let (likelihoodWeight, usualTokens, mostStretch) = (0.05, 15.0, 1.5)
        /// What a unit of likelihood counts for among passages of the same question.
        static let rankWeight = 0.1
    }

    /// Has the model say how likely the question is after each passage, sorts `candidates` by that too, and returns
    /// ``MeetingAnswer/gain``; nil if the model cannot say.
    ///
    /// A passage that is not about it makes a question hardly likelier than a text about nothing does, in the same language.
    private func weigh(
        _ question: AskedQuestion, _ finder: PassageFinder, _ candidates: inout [PassageFinder.Candidate],
        clear: @Sendable () async throws -> Void
    ) async throws -> Double? {
        func likelihood(after passage: String) async throws -> (sum: Double, tokens: Int)? {
            try await waited(clear)
            return try await model.logLikelihood(
                of: question.text,
                after: [.beginningOfSequence, .text(passage + PromptTemplate.questionRule)],
                timeline: timeline)
        }
        guard let alone = try await likelihood(after: question.nothing), alone.tokens > 0 else { return nil }
        var gains: [Double] = []
        for candidate in candidates {
            let passage = finder.turns(of: candidate).map { turn in
                Prompts.spelled(
                    speaker: finder.utterances[turn].utterance.speaker, text: finder.excerpt(turn, question))
            }.joined()
            guard let after = try await likelihood(after: passage) else { return nil }
            gains.append(after.sum - alone.sum)
        }
        let most = gains.max() ?? 0
        for (number, gain) in gains.enumerated() {
            candidates[number].score = max(0, candidates[number].score + Bearing.rankWeight * gain)
        }
        candidates.sort { ($1.score, $0.turn) < ($0.score, $1.turn) }
        return most * min(Bearing.mostStretch, (Bearing.usualTokens / Double(alone.tokens)).squareRoot())
    }

    // MARK: - Wording

    /// A sentence or two of the model that the passages bear out; nil if it says that the meeting does not say, empty if
    /// what it wrote is not borne out.
    private func write(
        _ question: AskedQuestion, _ finder: PassageFinder, _ candidates: [PassageFinder.Candidate],
        clear: @Sendable () async throws -> Void
    ) async throws -> [Statement]? {
        let (turns, prompt) = try self.prompt(question, finder, candidates)
        guard !turns.isEmpty else { return [] }
        try await waited(clear)
        let completion = try await model.complete(
            prompt, timeline: timeline,
            options: CompletionOptions(
                maximumTokens: prompts.template.questionTokens,
                schema: WordedAnswer.schema(turns: turns.count)), onText: { _ in })
        guard let worded = WordedAnswer(completion.text) else { return [] }
        guard worded.isSaid else { return nil }
        let places = Set(worded.turns).sorted().map { $0 - 1 }
        let notes = worded.answer.map { StatedNote(text: SummaryAnswer.ended($0), turns: places) }
            .filter { !$0.text.isEmpty }
        let evidence = EvidenceFinder(
            utterances: turns.map { finder.utterances[$0] }, participants: finder.speakers,
            allowsTranslation: allowsTranslation)
        return evidence.statements(of: notes.map(\.text).joined(separator: "\n"), notes: notes)
            .filter(\.isGrounded).map { statement in
                var statement = statement
                for number in statement.citations.indices {
                    statement.citations[number].utterance = turns[statement.citations[number].utterance]
                }
                return statement
            }
    }

    /// The turns of as many passages as fit, in order, and the prompt that has them, numbered from 1 on.
    private func prompt(
        _ question: AskedQuestion, _ finder: PassageFinder, _ candidates: [PassageFinder.Candidate]
    ) throws -> (turns: [Int], prompt: [PromptPiece]) {
        let template = prompts.template
        let request = prompts.questionRequest(question.text)
        func count(_ pieces: [PromptPiece]) throws -> Int {
            try pieces.reduce(0) { sum, piece in
                guard case .text(let text) = piece else { return sum + 1 }
                return try sum + model.tokenCount(of: text)
            }
        }
        func pieces(_ turns: Set<Int>) -> [PromptPiece] {
            turns.sorted().enumerated().map { number, turn in
                .text(
                    prompts.spelled(
                        speaker: finder.utterances[turn].utterance.speaker,
                        text: finder.excerpt(turn, question), number: number + 1))
            }
        }
        let opening = prompts.instructions + [.text(template.questionOpening)]
        let room = try model.profile.contextLength - template.questionTokens - count(opening + request)
        var turns: Set<Int> = []
        for candidate in candidates {
            let more = turns.union(finder.turns(of: candidate))
            guard try count(pieces(more)) <= room else { break }
            turns = more
        }
        return (turns.sorted(), opening + pieces(turns) + request)
    }
}

/// What a model that notes writes to a question: a document of ``schema(turns:)``.
struct WordedAnswer: Codable, Equatable {
    /// Whether the passages say anything to it.
    var isSaid: Bool
    /// Numbers of turns, from 1.
    var turns: [Int]
    /// Sentences.
    var answer: [String]

    /// Reads what a model wrote; nil if it is no such document.
    init?(_ json: String) {
        guard let answer = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = answer
    }

    /// The schema of an answer from passages that have so many `turns`.
    static func schema(turns: Int) -> String {
        #"""
        {
          "type": "object",
          "required": ["isSaid", "turns", "answer"],
          "additionalProperties": false,
          "properties": {
            "isSaid": { "type": "boolean" },
            "turns": { "type": "array", "maxItems": 3, "items": { "type": "integer", "minimum": 1, \#
        "maximum": \#(turns) } },
            "answer": { "type": "array", "maxItems": 2, "items": { "type": "string", "minLength": 1, \#
        "maxLength": 300 } }
          }
        }
        """#
    }
}
