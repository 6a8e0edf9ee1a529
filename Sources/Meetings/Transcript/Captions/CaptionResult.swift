/// A recogniser's result for a stretch of speech, which a later result may replace.
struct CaptionResult: Sendable, Equatable, Codable {
    /// The recogniser's id for the stretch, if it has one.
    var id: String?
    /// A channel or a participant; results of different tracks are independent of each other.
    var track = ""
    /// Whether a stretch keeps its id, so that a different id means a different stretch.
    var hasStableID = false
    /// Whether it is final for the recogniser.
    var isFinal: Bool
    /// The words by speaker; none if a partial result is taken back.
    var spoken: [Utterance]
    /// Whether an earlier connection brought it: a recogniser that is started again uses its ids again.
    var isOlder = false

    /// The id in the ledger of the utterance at `place`.
    func utteranceID(at place: Int) -> String? {
        id.map { id in
            (track.isEmpty ? id : "\(track):\(id)") + (place == 0 ? "" : "/\(place)")
        }
    }

    var words: [String] { spoken.flatMap { WordOverlap.words($0.text) } }

    /// Whether a result of the same id is another reading of this one.
    func isMeant(by later: CaptionResult) -> Bool {
        !isOlder || later.spoken.isEmpty || WordOverlap.resembles(words, later.words)
    }

    /// From the first start to the last end, if both are known.
    var times: ClosedRange<Double>? {
        guard let start = spoken.lazy.compactMap(\.start).min(),
            let end = spoken.lazy.compactMap(\.end).max(), start <= end
        else { return nil }
        return start...end
    }
}
