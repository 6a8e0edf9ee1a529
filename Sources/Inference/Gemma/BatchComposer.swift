/// Decides what goes into the next pass over the weights.
///
/// What it composes stays in memory of its own, so that a pass allocates nothing.
struct BatchComposer {
    /// The most tokens of one pass.
    let sliceLimit: Int
    /// Whether every request has passes of its own, cut at fixed positions.
    let isDeterministic: Bool
    /// The requests that take part in the next pass.
    private(set) var requests: [EngineRequest] = []
    /// What each of them contributes.
    private(set) var segments: [BatchSegment] = []

    /// Rows of logits in a pass: those of all decoding requests and their guesses.
    private static let decodeRows = 16
    /// Where prompts are cut if it must not depend on what else is asked.
    private static let fixedSlice = 128

    init(sliceLimit: Int, isDeterministic: Bool) {
        self.sliceLimit = sliceLimit
        self.isDeterministic = isDeterministic
    }

    /// Composes a pass that brings all requests forward.
    ///
    /// Prompts get what decoding leaves of the limit, in equal shares. While somebody decodes that is a quarter of
    /// it at most, so that a long prompt never holds up others by more than such a slice.
    mutating func compose(_ all: [EngineRequest]) {
        clear()
        var decodingCount = 0
        for request in all where request.isDecoding { decodingCount += 1 }
        var readingCount = all.count - decodingCount
        var used = 0
        let rows = max(1, min(Self.decodeRows, sliceLimit) / max(1, decodingCount))
        for request in all where request.isDecoding && used < sliceLimit {
            let segment = request.decodeSegment(draftLimit: min(rows, sliceLimit - used) - 1)
            used += segment.tokens.count
            add(request, segment)
        }
        var budget = decodingCount == 0 ? sliceLimit : min(sliceLimit - used, max(sliceLimit / 4, 16))
        for request in all where !request.isDecoding && budget > 0 {
            let segment = request.prefillSegment(limit: max(1, budget / readingCount))
            readingCount -= 1
            budget -= segment.tokens.count
            add(request, segment)
        }
    }

    /// Composes a pass for one request, which depends on nothing else.
    mutating func compose(alone request: EngineRequest) {
        clear()
        if request.isDecoding {
            add(request, request.decodeSegment(draftLimit: min(Self.decodeRows, sliceLimit) - 1))
        } else {
            let position = request.prompt.count - request.unreadCount
            let slice = min(sliceLimit, Self.fixedSlice)
            add(request, request.prefillSegment(limit: slice - position % slice))
        }
    }

    /// Lets go of the last pass: requests may change what their segments refer to.
    private mutating func clear() {
        requests.removeAll(keepingCapacity: true)
        segments.removeAll(keepingCapacity: true)
    }

    private mutating func add(_ request: EngineRequest, _ segment: BatchSegment) {
        requests.append(request)
        segments.append(segment)
    }
}
