import Language

/// Makes utterances of captions: joins sentences that were divided into captions, and removes words that were shown
/// twice.
///
/// - A caption that breaks off in mid-sentence and is followed at once by the same speaker's next one makes one
///   utterance with it.
/// - Rolling captions begin with the last words of the one before. Three such words or more are taken only once.
struct CaptionJoiner {
    private(set) var utterances: [Utterance] = []
    private(set) var notes = NoteCounter()
    /// The last words of the last speaker, in the form in which words are compared.
    private var tail: [String] = []

    /// The longest silence between captions that are joined, in seconds.
    static let gapSeconds = 1.5
    /// The most bytes of a joined utterance.
    static let bytesLimit = 1000
    /// How many last words are kept: more than two lines of captions have.
    private static let tailLimit = 80

    /// Appends an utterance, or joins it to the last one; true if it was joined, or had nothing new.
    ///
    /// `startsTurn` says that the caption marks a new speaker, named or not.
    mutating func add(_ utterance: Utterance, startsTurn: Bool = false) -> Bool {
        let words = WordOverlap.words(utterance.text)
        guard let last = utterances.last else {
            append(utterance, words)
            return false
        }
        if last.text == utterance.text, last.speaker == utterance.speaker, last.start != nil,
            last.start == utterance.start, last.end == utterance.end
        {
            notes.count(.cueRepeated, line: utterance.source.line)
            return true
        }
        guard !startsTurn, last.speaker == utterance.speaker, last.isWritten == utterance.isWritten,
            let end = last.end,
            let start = utterance.start, start - end <= Self.gapSeconds, start >= last.start ?? 0
        else {
            append(utterance, words)
            return false
        }
        let repeated = WordOverlap.count(tail: tail, head: words)
        if WordOverlap.weight(words.prefix(repeated)) >= WordOverlap.minimumWords {
            notes.count(.wordsRolled, by: repeated, line: utterance.source.line)
            var rest = utterance
            rest.text = WordOverlap.dropping(repeated, of: utterance.text)
            remember(words.dropFirst(repeated))
            return join(rest, to: last, until: end)
        }
        guard end - start <= Self.gapSeconds else {
            append(utterance, words)
            return false
        }
        remember(words[...])
        return join(utterance, to: last, until: end)
    }

    /// What was said last is shown until then.
    mutating func extend(to end: Double) {
        guard let last = utterances.last?.end, last < end else { return }
        utterances[utterances.count - 1].end = end
    }

    private mutating func join(_ utterance: Utterance, to last: Utterance, until end: Double) -> Bool {
        let newEnd = max(end, utterance.end ?? end)
        guard !utterance.text.isEmpty else {
            utterances[utterances.count - 1].end = newEnd
            return true
        }
        guard !Self.endsSentence(last.text),
            last.text.utf8.count + utterance.text.utf8.count < Self.bytesLimit
        else {
            utterances.append(utterance)
            return false
        }
        utterances[utterances.count - 1].text.join(utterance.text)
        utterances[utterances.count - 1].end = newEnd
        return true
    }

    private mutating func append(_ utterance: Utterance, _ words: [String]) {
        utterances.append(utterance)
        tail = Array(words.suffix(Self.tailLimit))
    }

    private mutating func remember(_ words: ArraySlice<String>) {
        tail = Array((tail + words).suffix(Self.tailLimit))
    }

    static func endsSentence(_ text: String) -> Bool {
        let closing: Set<Character> = ["\"", "”", "’", ")", "]", "'", " "]
        guard let last = text.reversed().first(where: { !closing.contains($0) }) else { return false }
        return ".?!…。？！".contains(last)
    }
}
