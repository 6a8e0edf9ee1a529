/// What a recogniser says at one time about a stretch of speech; it may say otherwise later.
struct CaptionResult: Sendable, Equatable, Codable {
    /// What the recogniser calls the stretch, if it does.
    var id: String?
    /// A channel or a participant: results of different tracks have nothing to do with each other.
    var track = ""
    /// Whether a stretch keeps its id, so that another id is another stretch.
    var hasStableID = false
    /// Whether the recogniser has settled it.
    var isFinal: Bool
    /// The words by speaker; none if a partial result is taken back.
    var spoken: [Utterance]
    /// Whether an earlier connection brought it: a recogniser that is started again uses its ids again.
    var isOlder = false

    /// What the ledger may call the utterance at `place` of it.
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
