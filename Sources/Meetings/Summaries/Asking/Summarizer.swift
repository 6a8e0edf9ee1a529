import Language
import Transcript

/// Has a model write the summaries of a meeting's windows, and of the whole.
///
/// A value without state: the same window after the same earlier summaries makes the same prompt, today and
/// after a restart. Errors of the model are passed on; an answer that is no summary is not an error, but
/// tried once more and then replaced by quotes (``SummaryOrigin/extractive``).
package struct Summarizer: Sendable {
    /// The model that is asked.
    package let model: any LanguageModel
    /// How it is asked.
    package let prompts: Prompts
    /// What the summaries say that wrote them.
    let modelName: String
    /// How the model takes a request.
    package let style: ModelProfile.Style
    /// Answers that are asked for at most while less than half of one is borne out by what was said.
    let furtherAnswers: Int

    /// Each costs another answer, which a small model gives in a second or two.
    package static let usualFurtherAnswers = 3

    /// Creates a summarizer; `prompts` default to those of the model's style.
    ///
    /// - `furtherAnswers` are asked for at most while less than half of one is borne out by what was said.
    package init(model: any LanguageModel, prompts: Prompts? = nil, furtherAnswers: Int = 0) {
        self.init(model: model, profile: model.profile, prompts: prompts, furtherAnswers: furtherAnswers)
    }

    /// Creates the summarizer for the meeting that has `timeline`, whose minutes are written in `style`.
    package init(model: any LanguageModel, timeline: String, style: SummaryStyle = SummaryStyle()) {
        let profile = model.profile(ofTimeline: timeline)
        self.init(
            model: model, profile: profile, prompts: Prompts(template: .of(profile.style).told(style)),
            // What is written in another language can hardly be compared with what was said.
            furtherAnswers: style.language == nil ? Self.usualFurtherAnswers : 0)
    }

    private init(
        model: any LanguageModel, profile: ModelProfile, prompts: Prompts?, furtherAnswers: Int
    ) {
        self.model = model
        self.prompts = prompts ?? Prompts(style: profile.style)
        modelName = profile.name
        style = profile.style
        self.furtherAnswers = furtherAnswers
    }

    /// Tokens of an utterance as it was said, with its speaker: what a segmenter counts.
    package func tokenCount(of utterance: Utterance) throws -> Int {
        try model.tokenCount(of: Prompts.spelled(speaker: utterance.speaker, text: utterance.text))
    }

    /// Prefills what is known of an open window, so that its summary begins soon after it closes.
    ///
    /// `utterances` are those said in window `index` so far, `earlier` the summaries of all windows before
    /// it. Of a window that will not fit into one prompt, what fits is prefilled.
    package func prefillOpenWindow(
        index: Int, utterances: [ReadUtterance], earlier: [WindowSummary], timeline: String
    ) async throws {
        let budget = try PromptBudget(model: model, prompts: prompts)
        let slice = try slices(of: utterances, limit: budget.window).first ?? []
        let prompt = prompts.window(
            number: index + 1, earlier: try earlierPieces(earlier, limit: budget.earlier),
            pieces: slice.map(\.text))
        try await model.prefill(prompt, timeline: timeline)
    }

    /// Summarises a closed window; `utterances` are its own, `earlier` the summaries of all windows before
    /// it.
    ///
    /// `onText` sees the answers as they grow; each of them, should more than one be needed, begins after a
    /// line feed. Throws what the model throws, and a ``MinutesError`` if the model's context is too short.
    package func summarize(
        window: Window, utterances: [ReadUtterance], earlier: [WindowSummary], timeline: String,
        onText: @escaping @Sendable (String) -> Void = { _ in }
    ) async throws -> WindowAnswer {
        precondition(!utterances.isEmpty, "a window is never empty")
        if style.picks, window.index > 0 || !isVerbatim(utterances) {
            let (sentences, cost) = try await weigh(utterances, window: window.index + 1, timeline: timeline)
            let picked = PickedWindow(sentences, of: utterances)
            onText(picked.text)
            return WindowAnswer(
                summary: summary(window, text: picked.text, origin: .model, cost: cost), picked: picked)
        }
        if isVerbatim(utterances) {
            return WindowAnswer(
                summary: summary(
                    window, text: FallbackSummary.verbatim(utterances), origin: .verbatim, cost: Cost()))
        }
        let budget = try PromptBudget(model: model, prompts: prompts)
        let before = try earlierPieces(earlier, limit: budget.earlier)
        let number = window.index + 1
        let speakers = Self.busiest(utterances)
        let cleaner = AnswerCleaner(
            template: prompts.template, language: utterances.mainLanguage,
            speakers: Set(utterances.compactMap(\.utterance.speaker)),
            earlier: earlier.suffix(Self.comparedSummaries).map(\.text))
        var texts: [String] = []
        var stated: [StatedItem] = []
        var notes: [StatedNote] = []
        var origin = SummaryOrigin.extractive
        var cost = Cost()
        for slice in try slices(of: utterances, limit: budget.window) {
            if !texts.isEmpty { onText("\n") }
            let prompt = prompts.window(number: number, earlier: before, pieces: slice.map(\.text))
            let said = Self.merged(slice.map { utterances[$0.utterance] }, of: slice)
            let (answer, answerCost) = try await askForEvidence(
                Request(
                    prompt: prompt + prompts.windowRequest(number: number, speakers: speakers),
                    lead: prompts.windowLead(speakers: speakers), limit: budget.windowAnswer, seed: number,
                    timeline: timeline, cleaner: cleaner,
                    form: prompts.template.asksForNotes ? .notes(turns: utterances.count) : .text),
                said: said, onText: onText)
            cost.add(answerCost)
            if let answer {
                origin = .model
                texts.append(answer.text)
                stated += answer.stated
                notes += answer.notes
            } else {
                texts.append(FallbackSummary.quotes(from: said))
            }
        }
        return WindowAnswer(
            summary: summary(window, text: texts.joined(separator: "\n"), origin: origin, cost: cost),
            stated: stated, notes: notes)
    }

    /// Whether so little was said that it is shown as it is.
    private func isVerbatim(_ utterances: [ReadUtterance]) -> Bool {
        utterances.reduce(0) { $0 + $1.reading.wordCount } < FallbackSummary.verbatimWords
            && utterances.reduce(0) { $0 + $1.utterance.text.utf8.count } < FallbackSummary.verbatimWords * 12
    }

    /// Who spoke, by the number of words, most first.
    private static func busiest(_ utterances: [ReadUtterance]) -> [String] {
        var words: [String: Int] = [:]
        for read in utterances {
            if let speaker = read.utterance.speaker { words[speaker, default: 0] += read.reading.wordCount }
        }
        return words.sorted { ($1.value, $0.key) < ($0.value, $1.key) }.map(\.key)
    }

    /// An answer that is the same as one of so many summaries before it is a copy of it.
    private static let comparedSummaries = 16

    private func summary(_ window: Window, text: String, origin: SummaryOrigin, cost: Cost) -> WindowSummary {
        WindowSummary(
            window: window.index, text: text, model: origin == .model ? modelName : origin.rawValue,
            promptTokens: cost.promptTokens, reusedTokens: cost.reusedTokens,
            generatedTokens: cost.generatedTokens, seconds: cost.seconds)
    }

    /// A piece of a window's prompt and the utterance (by position) that it belongs to.
    private struct SlicePiece {
        var text: String
        var tokens: Int
        var utterance: Int
    }

    /// A window's utterances in slices of at most `limit` tokens: one, unless it is larger than the context.
    private func slices(of utterances: [ReadUtterance], limit: Int) throws -> [[SlicePiece]] {
        let packer = TokenPacker(count: model.tokenCount(of:))
        let pieces = try utterances.enumerated().flatMap { offset, utterance in
            try packer.cut(utterance.utterance.text, limit: limit) {
                prompts.spelled(speaker: utterance.utterance.speaker, text: $0, number: offset + 1)
            }.map { SlicePiece(text: $0.text, tokens: $0.tokens, utterance: offset) }
        }
        return TokenPacker.packed(pieces, limit: limit, tokens: \.tokens)
    }

    /// The utterances of a slice, each once.
    private static func merged(_ utterances: [ReadUtterance], of slice: [SlicePiece]) -> [ReadUtterance] {
        zip(utterances, slice).enumerated()
            .filter { $0.offset == 0 || slice[$0.offset - 1].utterance != $0.element.1.utterance }
            .map(\.element.0)
    }

    /// The latest earlier summaries that fit.
    ///
    /// When they do not fit, the oldest leave until half the budget is free. So the prompts' common prefix
    /// breaks once in many windows rather than at every one. It is worked out from the first summary on each
    /// time, which makes it the same after a restart.
    func earlierPieces(_ earlier: [WindowSummary], limit: Int) throws -> [String] {
        var kept: [(text: String, tokens: Int)] = []
        var total = 0
        for summary in earlier {
            let text = prompts.earlier(summary.text, number: summary.window + 1)
            let tokens = try model.tokenCount(of: text)
            kept.append((text, tokens))
            total += tokens
            guard total > limit else { continue }
            while total > limit / 2, !kept.isEmpty { total -= kept.removeFirst().tokens }
        }
        return kept.map(\.text)
    }
}

/// What a model answered about a window.
package struct WindowAnswer: Sendable {
    /// What it wrote, and what that cost.
    package var summary: WindowSummary
    /// Items that it listed besides.
    package var stated: [StatedItem]
    /// What its summary consists of, if the model cites turns.
    package var notes: [StatedNote]
    /// What it picked, if it is a model that picks.
    package var picked: PickedWindow?

    /// An answer without items by default.
    package init(
        summary: WindowSummary, stated: [StatedItem] = [], notes: [StatedNote] = [],
        picked: PickedWindow? = nil
    ) {
        self.summary = summary
        self.stated = stated
        self.notes = notes
        self.picked = picked
    }
}

extension Collection<ReadUtterance> {
    /// The language that most of the words are in; `.undetermined` if there are none.
    package var mainLanguage: LanguageCode {
        var words: [LanguageCode: Int] = [:]
        for read in self { words[read.reading.language, default: 0] += read.reading.wordCount }
        return words.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key ?? .undetermined
    }
}

extension Summarizer {
    /// What answers cost.
    struct Cost: Equatable {
        var promptTokens = 0
        var reusedTokens = 0
        var generatedTokens = 0
        var seconds = 0.0

        mutating func add(_ other: Cost) {
            promptTokens += other.promptTokens
            reusedTokens += other.reusedTokens
            generatedTokens += other.generatedTokens
            seconds += other.seconds
        }

        mutating func add(_ completion: Completion) {
            promptTokens += completion.promptTokens
            reusedTokens += completion.reusedTokens
            generatedTokens += completion.generatedTokens
            seconds += completion.prefillSeconds + completion.decodeSeconds
        }
    }
}
