import CKernels
import Foundation
import Synchronization
import Tokenizer

/// A request to the engine and its progress.
///
/// Only the engine's thread may use it, except for its cancellation flag.
final class EngineRequest {
    let prompt: [TokenID]
    let timelineName: String
    let adapter: AppliedAdapter?
    let cancellation: CancellationFlag
    let continuation: CheckedContinuation<Generation, any Error>
    private(set) var isFinished = false
    /// The answer so far; nil if the prompt is only to be prefilled, or a question is asked about it.
    private var answer: AnswerBuilder?
    /// What is asked about places of the prompt instead of an answer.
    private let question: PromptQuestion?
    /// The logits of the question's choices so far, place by place.
    private var choiceLogits: [[Float]] = []
    /// The likelihoods of the question's tokens so far.
    private var logLikelihoods: [Float] = []
    private let onText: @Sendable (String) -> Void
    private(set) var timeline: TokenTimeline?
    /// The answer's last token, which has been chosen but is not in the cache yet.
    private var pending: TokenID?
    private var lookup = LookupDrafts()
    /// `pending` and the tokens that were guessed to follow it, all of them part of the current pass.
    private var guess: [TokenID] = []
    /// How many tokens of the current pass stay in the cache.
    private var acceptedCount = 0
    /// Whether the guess was looked up; otherwise it is what the grammar prescribes.
    private var isLookup = false
    /// Whether all guesses of the current pass have been right so far.
    private var isOnTrack = false
    private var end: Generation.End?
    private var reusedTokens = 0
    private var begin = ContinuousClock.now
    private var prefilled: ContinuousClock.Instant?

    init(
        prompt: [TokenID], timelineName: String, adapter: AppliedAdapter?, answer: AnswerBuilder?,
        question: PromptQuestion? = nil, onText: @escaping @Sendable (String) -> Void,
        cancellation: CancellationFlag,
        continuation: CheckedContinuation<Generation, any Error>
    ) {
        self.prompt = prompt
        self.timelineName = timelineName
        self.adapter = adapter
        self.answer = answer
        self.question = question
        self.onText = onText
        self.cancellation = cancellation
        self.continuation = continuation
    }

    /// Whether the prompt has been read and the answer is being written.
    var isDecoding: Bool { pending != nil }

    /// Whether the request only asked for a prefill and that is complete.
    var isDone: Bool { answer == nil && timeline?.tokens.count == prompt.count }

    /// How many tokens of the prompt are not in the cache yet.
    var unreadCount: Int { prompt.count - (timeline?.tokens.count ?? 0) }

    /// Starts on a timeline that holds exactly a prefix of the prompt.
    func begin(on timeline: TokenTimeline) {
        self.timeline = timeline
        begin = .now
        // The last token has to run again even if it is cached, because its logits are not.
        if answer != nil { timeline.rewind(to: min(timeline.tokens.count, prompt.count - 1)) }
        // So have all places that are asked about.
        if let first = question?.places.first { timeline.rewind(to: min(timeline.tokens.count, first)) }
        reusedTokens = timeline.tokens.count
    }

    /// The next tokens of the prompt, at most `limit`, as a segment of a pass.
    func prefillSegment(limit: Int) -> BatchSegment {
        guard let timeline else { preconditionFailure("a request takes part before it has a timeline") }
        let first = timeline.tokens.count
        let slice = prompt[first..<min(prompt.count, first + limit)]
        acceptedCount = slice.count
        guess.removeAll(keepingCapacity: true)
        let isLast = slice.endIndex == prompt.count && answer != nil
        let asked = question?.places.filter(slice.indices.contains).map { $0 - first }
        return BatchSegment(
            tokens: slice, cache: timeline.cache, position: first,
            logits: asked.map(BatchSegment.LogitsRequest.at) ?? (isLast ? .last : .none), adapter: adapter)
    }

    /// The pending token and up to `draftLimit` guessed ones after it, as a segment of a pass.
    func decodeSegment(draftLimit: Int) -> BatchSegment {
        guard let timeline, let pending, let answer else { preconditionFailure("nothing to decode") }
        let room = min(
            timeline.cache.capacity - timeline.tokens.count - 1, answer.remainingTokens - 1, draftLimit)
        guess.removeAll(keepingCapacity: true)
        guess.append(pending)
        if answer.options.usesLookup { extendGuess(answer, after: timeline.tokens, limit: room) }
        acceptedCount = 0
        isOnTrack = true
        return BatchSegment(
            tokens: guess[...], cache: timeline.cache, position: timeline.tokens.count, logits: .all,
            adapter: adapter)
    }

    /// Appends to `guess` the tokens that the grammar prescribes, or else those that were looked up.
    private func extendGuess(_ answer: AnswerBuilder, after tokens: [TokenID], limit: Int) {
        guess.append(contentsOf: answer.forcedTokens().prefix(max(0, limit)))
        isLookup = guess.count == 1
        if isLookup { lookup.extend(&guess, after: tokens, limit: limit) }
        answer.cutGuess(&guess)
    }

    /// Chooses a token by the logits of the segment's token `index`; logits after a wrong guess are ignored.
    func take(_ logits: UnsafeMutableBufferPointer<Float>, of index: Int) {
        switch question {
        case .choices(let question):
            return choiceLogits.append(question.choices.map { logits[Int($0)] })
        case .likelihoods(let first, _):
            let next = prompt[first + logLikelihoods.count]
            ck_softmax(logits.baseAddress, logits.count)
            return logLikelihoods.append(log(max(logits[Int(next)], .leastNormalMagnitude)))
        case nil: break
        }
        if !isDecoding {
            prefilled = .now
            let choice = choose(logits)
            if end == nil { pending = choice }
            return
        }
        guard isOnTrack else { return }
        acceptedCount += 1
        let choice = choose(logits)
        isOnTrack = end == nil && index + 1 < guess.count && guess[index + 1] == choice
        if end == nil, !isOnTrack { pending = choice }
    }

    private func choose(_ logits: UnsafeMutableBufferPointer<Float>) -> TokenID {
        guard let choice = answer?.choose(from: logits) else {
            preconditionFailure("a prefill has no logits")
        }
        end = answer?.accept(choice, onText: onText)
        return choice
    }

    /// Records the tokens that the pass added to the cache, and finishes the request if that completes it.
    func endPass(_ segment: BatchSegment) {
        guard let timeline else { return }
        timeline.append(segment.tokens.prefix(acceptedCount))
        if isLookup, guess.count > 1 {
            lookup.record(proposed: guess.count - 1, accepted: acceptedCount - 1)
        }
        if let end { finish(end) } else if isDone { finish(.limit) }
    }

    /// Returns the generation to the caller who is waiting for it.
    func finish(_ end: Generation.End) {
        isFinished = true
        let decodeBegin = prefilled ?? .now
        continuation.resume(
            returning: Generation(
                text: answer?.text ?? "", tokens: answer?.tokens ?? [], end: end, promptTokens: prompt.count,
                reusedTokens: reusedTokens, prefillTime: decodeBegin - begin, decodeTime: .now - decodeBegin,
                choiceLogits: choiceLogits, logLikelihoods: logLikelihoods))
    }
}

/// A flag by which any thread can cancel a request.
final class CancellationFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }

    func raise() { raised.store(true, ordering: .relaxed) }
}
