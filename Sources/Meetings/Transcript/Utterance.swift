import Language

/// A speaker's turn, as the transcript has it.
///
/// It never ends before it starts: such an end is dropped wherever the times come from. One of the two is wrong, and
/// people look up the start.
package struct Utterance: Sendable, Hashable, Codable {
    /// Who spoke, if the transcript says so: at most 100 characters, no line breaks; what is longer is shortened.
    package var speaker: String? {
        didSet { speaker = SpeakerName.bounded(speaker) }
    }
    /// Seconds from the start of the meeting, if the transcript has times.
    ///
    /// Changed together with the end (``setTimes(start:end:)``), so that a good end is not dropped half-way.
    package private(set) var start: Double?
    /// Seconds from the start of the meeting, if the transcript has end times; not before ``start``.
    package var end: Double? {
        didSet { if isEndImpossible { end = nil } }
    }
    /// What was said: never empty, white space collapsed, no line breaks.
    package var text: String
    /// Where the transcript has it.
    package var source: SourcePosition
    /// The source's id for it, if the source may still correct it; unique within a connection or a file.
    package var id: String?
    /// Its language, if it was recorded.
    package var language: LanguageCode?
    /// How often the same words followed at once and were left out.
    package var repeatCount: Int
    /// Nil rather than false, as in what was recorded by versions that did not know it.
    private var written: Bool?
    /// Whether it was written in the meeting's chat, and not said.
    package var isWritten: Bool {
        get { written == true }
        set { written = newValue ? true : nil }
    }

    /// Creates an utterance from its parts.
    package init(
        speaker: String? = nil, start: Double? = nil, end: Double? = nil, text: String,
        source: SourcePosition, id: String? = nil, language: LanguageCode? = nil, repeatCount: Int = 0,
        isWritten: Bool = false
    ) {
        self.speaker = SpeakerName.bounded(speaker)
        self.start = start
        self.end = end
        self.text = text
        self.source = source
        self.id = id
        self.language = language
        self.repeatCount = repeatCount
        self.isWritten = isWritten
        setTimes(start: start, end: end)
    }

    /// Sets both times, in seconds from the start of the meeting; false if the end was before the start and is dropped.
    @discardableResult
    package mutating func setTimes(start: Double?, end: Double?) -> Bool {
        self.start = start
        self.end = end
        return self.end == end
    }

    /// Converts both times.
    package mutating func mapTimes(_ convert: (Double) -> Double) {
        setTimes(start: start.map(convert), end: end.map(convert))
    }

    private var isEndImpossible: Bool {
        guard let start, let end else { return false }
        return end < start
    }
}

/// A place in a delivered file or stream.
package struct SourcePosition: Sendable, Hashable, Codable {
    /// The file's name, or `socket`.
    package var name: String
    /// The line where the utterance begins, 1-based; in a JSON document, the number of the piece it begins in.
    package var line: Int

    /// Creates a position.
    package init(name: String, line: Int) {
        self.name = name
        self.line = line
    }
}
