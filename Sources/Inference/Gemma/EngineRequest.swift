import Synchronization
import Tokenizer

/// Something that was asked of the engine, and how far it is.
///
/// Belongs to the engine's thread, but for its cancellation flag.
final class EngineRequest {
    let prompt: [TokenID]
    let timelineName: String
    let adapter: AppliedAdapter?
    let cancellation: CancellationFlag
    let continuation: CheckedContinuation<Generation, any Error>
    private(set) var isFinished = false
    /// Nil if the prompt is only to be prefilled.
    private var answer: AnswerBuilder?
    private let onText: @Sendable (String) -> Void
    private(set) var timeline: TokenTimeline?
    /// The last token of the answer, which is not in the cache yet.
    private var pending: TokenID?
    private var lookup = LookupDrafts()
    /// `pending` and what was guessed to follow it, in the pass at hand.
    private var guess: [TokenID] = []
    /// Tokens of the pass at hand that stay in the cache.
    private var acceptedCount = 0
    /// Whether the guess was looked up, as opposed to being all that a document allows.
    private var isLookup = false
    /// Whether all guesses so far of the pass at hand were right.
    private var isOnTrack = false
    private var end: Generation.End?
    private var reusedTokens = 0
    private var begin = ContinuousClock.now
    private var prefilled: ContinuousClock.Instant?

    init(
        prompt: [TokenID], timelineName: String, adapter: AppliedAdapter?, answer: AnswerBuilder?,
        onText: @escaping @Sendable (String) -> Void, cancellation: CancellationFlag,
        continuation: CheckedContinuation<Generation, any Error>
    ) {
        self.prompt = prompt
        self.timelineName = timelineName
        self.adapter = adapter
        self.answer = answer
        self.onText = onText
        self.cancellation = cancellation
        self.continuation = continuation
    }

    /// Whether the answer is being written, as opposed to the prompt being read.
    var isDecoding: Bool { pending != nil }

    /// Whether there is nothing to do: the prompt was only to be prefilled, and it is.
    var isDone: Bool { answer == nil && timeline?.tokens.count == prompt.count }

    /// Prompt tokens that are not in the cache yet.
    var unreadCount: Int { prompt.count - (timeline?.tokens.count ?? 0) }

    /// Starts on a timeline that holds a prefix of the prompt and nothing else.
    func begin(on timeline: TokenTimeline) {
        self.timeline = timeline
        begin = .now
        // The last token is run again even if it is cached: its logits are not.
        if answer != nil { timeline.rewind(to: min(timeline.tokens.count, prompt.count - 1)) }
        reusedTokens = timeline.tokens.count
    }

    /// The next `limit` tokens of the prompt as part of a pass.
    func prefillSegment(limit: Int) -> BatchSegment {
        guard let timeline else { preconditionFailure("a request takes part before it has a timeline") }
        let first = timeline.tokens.count
        let slice = prompt[first..<min(prompt.count, first + limit)]
        acceptedCount = slice.count
        guess.removeAll(keepingCapacity: true)
        let isLast = slice.endIndex == prompt.count && answer != nil
        return BatchSegment(
            tokens: slice, cache: timeline.cache, position: first, logits: isLast ? .last : .none,
            adapter: adapter)
    }

    /// The pending token and up to `draftLimit` guesses of what follows, as part of a pass.
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

    /// Appends to `guess` what a document prescribes, or else what stood there before.
    private func extendGuess(_ answer: AnswerBuilder, after tokens: [TokenID], limit: Int) {
        guess.append(contentsOf: answer.forcedTokens().prefix(max(0, limit)))
        isLookup = guess.count == 1
        if isLookup { lookup.extend(&guess, after: tokens, limit: limit) }
        answer.cutGuess(&guess)
    }

    /// Chooses a token by the logits of the segment's token `index`; behind a wrong guess they mean nothing.
    func take(_ logits: UnsafeMutableBufferPointer<Float>, of index: Int) {
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

    /// Records what the pass put into the cache.
    func endPass(_ segment: BatchSegment) {
        guard let timeline else { return }
        timeline.append(segment.tokens.prefix(acceptedCount))
        if isLookup, guess.count > 1 {
            lookup.record(proposed: guess.count - 1, accepted: acceptedCount - 1)
        }
        if let end { finish(end) } else if isDone { finish(.limit) }
    }

    /// Answers whoever asked.
    func finish(_ end: Generation.End) {
        isFinished = true
        let decodeBegin = prefilled ?? .now
        continuation.resume(
            returning: Generation(
                text: answer?.text ?? "", tokens: answer?.tokens ?? [], end: end, promptTokens: prompt.count,
                reusedTokens: reusedTokens, prefillTime: decodeBegin - begin, decodeTime: .now - decodeBegin))
    }
}

/// Says from any thread that a request is no longer wanted.
final class CancellationFlag: Sendable {
    private let raised = Atomic<Bool>(false)

    var isRaised: Bool { raised.load(ordering: .relaxed) }

    func raise() { raised.store(true, ordering: .relaxed) }
}
