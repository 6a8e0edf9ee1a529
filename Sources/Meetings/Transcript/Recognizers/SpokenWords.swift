/// A word from a recogniser that gives words one by one, and how utterances are made of them.
struct SpokenWord {
    var text: String
    var start: Double?
    var end: Double?
    /// Nil if the recogniser does not say; then it is the speaker of the word before.
    var speaker: String?
    /// Whether it is punctuation, which follows the word before without a blank.
    var isPunctuation = false
}

extension [SpokenWord] {
    /// Makes utterances, cutting where the speaker changes, after sentences, and in silences.
    ///
    /// A single word of another speaker within a sentence is taken for an error of the diarisation.
    func utterances(at source: SourcePosition) -> [Utterance] {
        var utterances: [Utterance] = []
        var open: Utterance?
        let speakers = steadySpeakers
        for (index, word) in enumerated() where !word.text.isEmpty {
            if let current = open, !word.isPunctuation {
                let silence = word.start.flatMap { start in current.end.map { start - $0 } } ?? 0
                if current.speaker != speakers[index] || CaptionJoiner.endsSentence(current.text)
                    || silence > CaptionJoiner.gapSeconds
                    || current.text.utf8.count > CaptionJoiner.bytesLimit
                {
                    utterances.append(current)
                    open = nil
                }
            }
            if var current = open {
                if word.isPunctuation { current.text += word.text } else { current.text.join(word.text) }
                current.end = word.end ?? current.end
                open = current
            } else {
                open = Utterance(
                    speaker: speakers[index], start: word.start, end: word.end, text: word.text,
                    source: source)
            }
        }
        if let open { utterances.append(open) }
        return utterances
    }

    /// The speaker of each word; a word without one, or alone with its speaker, has the speaker of the word before.
    private var steadySpeakers: [String?] {
        var speakers: [String?] = []
        var last = first { $0.speaker != nil }?.speaker
        for word in self {
            last = word.isPunctuation ? last : word.speaker ?? last
            speakers.append(last)
        }
        for index in speakers.indices.dropFirst().dropLast()
        where speakers[index] != speakers[index - 1] && speakers[index - 1] == speakers[index + 1] {
            if !CaptionJoiner.endsSentence(self[index - 1].text) { speakers[index] = speakers[index - 1] }
        }
        return speakers
    }
}

extension Utterance {
    /// Nil if there are no words.
    init?(recognized text: String?, speaker: String?, start: Double?, end: Double?, at source: SourcePosition)
    {
        guard let text, !text.isEmpty else { return nil }
        self.init(speaker: speaker, start: start, end: end, text: text, source: source)
    }
}
