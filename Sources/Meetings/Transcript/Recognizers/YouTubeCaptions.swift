/// YouTube's captions as JSON (`json3`): `events` of `tStartMs`, `dDurationMs` and `segs`.
enum YouTubeCaptions {
    /// Nil if the document is nothing of the kind.
    static func file(_ node: JSONNode, name: String) -> TranscriptFile? {
        guard let events = node["events"]?.array,
            events.contains(where: { $0["tStartMs"] != nil && $0["segs"]?.kind == .array })
        else { return nil }
        let cues = events.enumerated().compactMap { index, event -> Cue? in
            let text = (event["segs"]?.array ?? []).compactMap { $0["utf8"]?.string }.joined()
            guard !text.collapsed.isEmpty, let start = event["tStartMs"]?.milliseconds else { return nil }
            // A caption stays on the screen until the next but one.
            let end = event["dDurationMs"]?.milliseconds.map { start + $0 } ?? start
            return Cue(
                timing: CueTiming(start: start, end: end), identifier: nil, text: text, line: index + 1)
        }
        return CueConversation.file(cues.withoutOverlaps, format: .youTubeJSON, name: name)
    }
}

extension [Cue] {
    /// Each caption ends when the next begins, as what is said in it does.
    var withoutOverlaps: [Cue] {
        var cues = self
        for index in indices.dropLast() {
            guard let next = cues[index + 1].timing?.start, let timing = cues[index].timing,
                next >= timing.start
            else { continue }
            cues[index].timing?.end = Swift.min(timing.end, next)
        }
        return cues
    }
}
