/// Decides what goes into the next pass over the weights.
struct BatchComposer {
    /// A request and what it contributes.
    struct Part {
        let request: EngineRequest
        let segment: BatchSegment
    }

    /// The most tokens of one pass.
    let sliceLimit: Int
    /// Whether every request has passes of its own, cut at fixed positions.
    let isDeterministic: Bool

    /// Rows of logits in a pass: those of all decoding requests and their guesses.
    private static let decodeRows = 16
    /// Where prompts are cut if it must not depend on what else is asked.
    private static let fixedSlice = 128

    /// Passes that bring every request forward: one for all, or one for each.
    ///
    /// Prompts get what decoding leaves of the limit, in equal shares. While somebody decodes that is a quarter of
    /// it at most, so that a long prompt never holds up others by more than such a slice.
    func batches(for requests: [EngineRequest]) -> [[Part]] {
        if isDeterministic { return requests.map { [alone($0)] } }
        let decoding = requests.filter(\.isDecoding)
        let reading = requests.filter { !$0.isDecoding }
        var parts: [Part] = []
        var used = 0
        let rows = max(1, min(Self.decodeRows, sliceLimit) / max(1, decoding.count))
        for request in decoding where used < sliceLimit {
            let segment = request.decodeSegment(draftLimit: min(rows, sliceLimit - used) - 1)
            used += segment.tokens.count
            parts.append(Part(request: request, segment: segment))
        }
        var budget = decoding.isEmpty ? sliceLimit : min(sliceLimit - used, max(sliceLimit / 4, 16))
        for (index, request) in reading.enumerated() where budget > 0 {
            let share = max(1, budget / (reading.count - index))
            let segment = request.prefillSegment(limit: share)
            budget -= segment.tokens.count
            parts.append(Part(request: request, segment: segment))
        }
        return parts.isEmpty ? [] : [parts]
    }

    private func alone(_ request: EngineRequest) -> Part {
        if request.isDecoding {
            let limit = min(Self.decodeRows, sliceLimit)
            return Part(request: request, segment: request.decodeSegment(draftLimit: limit - 1))
        }
        let position = request.prompt.count - request.unreadCount
        let slice = min(sliceLimit, Self.fixedSlice)
        return Part(request: request, segment: request.prefillSegment(limit: slice - position % slice))
    }
}
