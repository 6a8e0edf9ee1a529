import Language

extension Summarizer {
    /// Summarises the whole meeting out of its windows' summaries.
    ///
    /// The prompt begins as the windows' prompts do, so most of it is in the cache of `timeline`. Summaries
    /// that do not fit at once are summarised in groups first, and the groups' summaries then. A meeting of
    /// one window has that window's summary; one of few words is given as it is. Throws what the model
    /// throws, and a ``MinutesError`` if there is nothing to summarise or the model's context is too short.
    package func overall(
        summaries: [WindowSummary], timeline: String,
        onText: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> MeetingSummary {
        guard let only = summaries.first else {
            throw MinutesError(
                .nothingToSummarise, "the meeting has no summarised part; nothing was said, or all failed")
        }
        if summaries.count == 1 {
            return MeetingSummary(text: only.text, model: only.model, tokens: 0, seconds: 0)
        }
        let words = summaries.reduce(0) { $0 + $1.text.wordCount }
        if words < FallbackSummary.verbatimWords, summaries.allSatisfy({ $0.origin == .verbatim }) {
            let text = summaries.map(\.text).joined(separator: "\n")
            return MeetingSummary(text: text, model: SummaryOrigin.verbatim.rawValue, tokens: 0, seconds: 0)
        }
        let budget = try PromptBudget(model: model, prompts: prompts)
        let cleaner = AnswerCleaner(
            template: prompts.template, language: LanguageIdentifier.language(of: only.text))
        var cost = Cost()
        var parts = summaries.map { Part(number: $0.window + 1, text: $0.text) }
        while true {
            // Pieces of half the budget at most, and a quarter after the first round: two or more make a
            // group, so that every round has fewer.
            let pieces = try parts.flatMap { try spelled($0, limit: budget.parts / 2) }
            let groups = TokenPacker.packed(pieces, limit: budget.parts, tokens: \.tokens)
            let isLast = groups.count == 1
            var next: [Part] = []
            for (offset, group) in groups.enumerated() {
                let request = isLast ? prompts.overallRequest : prompts.groupRequest
                let template = prompts.template
                let answer = try await ask(
                    Request(
                        prompt: prompts.instructions + group.map { .text($0.text) } + request,
                        lead: isLast ? template.overallLead : template.groupLead,
                        limit: isLast ? budget.overallAnswer : min(budget.windowAnswer, budget.parts / 4),
                        seed: offset, timeline: timeline, cleaner: cleaner,
                        form: template.asksForNotes ? .sentences : .text),
                    onText: onText)
                cost.add(answer.cost)
                if isLast { return meetingSummary(answer.answer?.text, parts: parts.map(\.text), cost: cost) }
                onText("\n")
                let text = answer.answer?.text ?? FallbackSummary.opening(of: group.map(\.source))
                next.append(try fitted(Part(number: offset + 1, text: text), limit: budget.parts / 4))
            }
            parts = next
        }
    }

    private func meetingSummary(_ text: String?, parts: [String], cost: Cost) -> MeetingSummary {
        MeetingSummary(
            text: text ?? FallbackSummary.firstSentences(of: parts),
            model: text == nil ? SummaryOrigin.extractive.rawValue : modelName,
            tokens: cost.generatedTokens, seconds: cost.seconds)
    }

    /// A stretch of the meeting and what is said about it.
    private struct Part {
        var number: Int
        var text: String
    }

    /// A part, or a piece of one, as the prompt spells it.
    private struct PartPiece {
        var text: String
        var tokens: Int
        /// The part's own words.
        var source: String
    }

    /// A part cut to `limit` tokens: only quotes in place of an answer are ever so long.
    private func fitted(_ part: Part, limit: Int) throws -> Part {
        var part = part
        while try model.tokenCount(of: prompts.earlier(part.text, number: part.number)) > limit,
            part.text.count > 8
        {
            part.text = part.text.prefix(part.text.count * 3 / 4) + "…"
        }
        return part
    }

    private func spelled(_ part: Part, limit: Int) throws -> [PartPiece] {
        try TokenPacker(count: model.tokenCount(of:))
            .cut(part.text, limit: limit) { prompts.earlier($0, number: part.number) }
            .map { PartPiece(text: $0.text, tokens: $0.tokens, source: part.text) }
    }
}
