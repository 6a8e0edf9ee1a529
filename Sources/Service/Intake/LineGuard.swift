import Ledger
import Transcript

/// Notes each line while it is decoded, and refuses lines that crashed the daemon too often.
///
/// A sender repeats a line that was not acknowledged, so a line that crashes the daemon would do so for ever.
struct LineGuard: Sendable {
    private let atHand: AtHand?
    private let deadly: Set<UInt64>

    /// Lets everything pass if `atHand` is nil.
    init(atHand: AtHand?, ledger: Ledger) throws {
        self.atHand = atHand
        deadly = atHand == nil ? [] : try ledger.deadlyLines()
    }

    /// Decodes a line; throws a refusal if it cannot be, or must not be once more.
    func decode(
        _ line: [UInt8], with decoder: inout LineDecoder
    ) throws(TranscriptError) -> [LineDecoder.Event] {
        guard let atHand else { return try decoder.decode(line) }
        let digest = AtHand.digest(of: line)
        guard !deadly.contains(digest) else {
            _ = try decoder.decode([])  // An empty line keeps the decoder's count of lines right.
            throw TranscriptError(
                .malformed,
                "line \(decoder.lineCount) is left out: the daemon died twice while it read it, which is a fault of "
                    + "the daemon; please report it")
        }
        let slot = atHand.begin(.line(digest), onThisThread: true)
        defer { atHand.end(slot) }
        return try decoder.decode(line)
    }
}
