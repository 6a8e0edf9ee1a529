import Foundation

/// How a sender's next connection goes on where the one before was broken off.
extension LineDecoder {
    /// What of the lines so far bears on those to come: results that are held back, and what may still be corrected or
    /// repeated.
    private struct State: Codable {
        var format: Format?
        var above: SpokenLine?
        var timeOfDay: TimeOfDay
        var assembler: CaptionAssembler
        var deepgram: RecognizerEvents.Deepgram
        var repetitions: RepetitionFilter
        var epoch: Double?
    }

    /// What a later connection has to know to go on with the lines that follow, as JSON.
    ///
    /// Held results are in it, up to about 256 KB of text, and the latest settled ones (64 KB).
    package func savedState() -> String {
        let state = State(
            format: format, above: above, timeOfDay: timeOfDay, assembler: assembler.remembered(),
            deepgram: recognizer.deepgram, repetitions: repetitions, epoch: epoch)
        guard let bytes = try? JSONEncoder().encode(state) else {
            preconditionFailure("times are finite, and everything else can be encoded")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// Passes a line over that an earlier connection brought.
    package mutating func skip() {
        lineCount += 1
        sawFirst = true
    }

    /// Goes on from what ``savedState()`` gave; what the greeting of this connection has said stays.
    ///
    /// Throws a refusal if `saved` is nothing of the kind; then nothing has changed.
    package mutating func resume(from saved: String) throws(TranscriptError) {
        let state: State
        do {
            state = try JSONDecoder().decode(State.self, from: Data(saved.utf8))
        } catch {
            throw TranscriptError(
                .malformed, "what was kept of the sender's earlier lines cannot be read: \(error)")
        }
        format = format ?? state.format
        epoch = epoch ?? state.epoch
        (above, timeOfDay, repetitions) = (state.above, state.timeOfDay, state.repetitions)
        (assembler, recognizer.deepgram) = (state.assembler, state.deepgram)
    }
}
