/// Decides which requests contribute which tokens to the next pass over the weights.
///
/// It reuses the same memory for each pass, so that composing one allocates nothing.
struct BatchComposer {
    /// The most tokens that a pass may have.
    let sliceLimit: Int
    /// Whether each request has passes of its own, with prompts cut at fixed positions.
    let isDeterministic: Bool
    /// The requests that take part in the next pass.
    private(set) var requests: [EngineRequest] = []
    /// The segment that each of them contributes.
    private(set) var segments: [BatchSegment] = []

    /// The target for the rows of logits in a pass: all decoding requests and their guesses share them.
    private static let decodeRows = 16
    /// The length of prompt slices if they must not depend on other requests.
    private static let fixedSlice = 128

    init(sliceLimit: Int, isDeterministic: Bool) {
        self.sliceLimit = sliceLimit
        self.isDeterministic = isDeterministic
    }

    /// Composes a pass that advances all requests.
    ///
    /// Prompts share equally the tokens that decoding leaves of the limit. While any request is decoding, that is at
    /// most a quarter of the limit, so that a long prompt never delays the others by more than a slice of that length.
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

    /// Composes a pass for one request alone, which does not depend on any other.
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

    /// Drops the last pass, since requests may now change what its segments refer to.
    private mutating func clear() {
        requests.removeAll(keepingCapacity: true)
        segments.removeAll(keepingCapacity: true)
    }

    private mutating func add(_ request: EngineRequest, _ segment: BatchSegment) {
        requests.append(request)
        segments.append(segment)
    }
}
