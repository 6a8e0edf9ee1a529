/// One speaker's turn, as the transcript gave it.
public struct Utterance: Sendable, Hashable, Codable {
    /// Who spoke, if the transcript says so: at most 100 characters, no line breaks; what is longer is shortened.
    public var speaker: String? {
        didSet { speaker = SpeakerName.bounded(speaker) }
    }
    /// Seconds from the start of the meeting, if the transcript has times.
    public var start: Double?
    /// Seconds from the start of the meeting, if the transcript has end times; not before ``start``.
    public var end: Double?
    /// What was said: never empty, white space collapsed, no line breaks.
    public var text: String
    /// Where it stood in what was delivered.
    public var source: SourcePosition
    /// What its source calls it, if the source may still correct it; unique within a connection or a file.
    public var id: String?
    /// How often the same words came again at once and were not taken for said.
    public var repeatCount: Int

    /// Makes an utterance from its parts; an end before the start is dropped.
    public init(
        speaker: String? = nil, start: Double? = nil, end: Double? = nil, text: String,
        source: SourcePosition, id: String? = nil, repeatCount: Int = 0
    ) {
        self.speaker = SpeakerName.bounded(speaker)
        self.start = start
        self.end = end
        self.text = text
        self.source = source
        self.id = id
        self.repeatCount = repeatCount
        dropImpossibleEnd()
    }

    /// Takes out an end that is before the start: one of them is wrong, and people look up the start.
    public mutating func dropImpossibleEnd() {
        if let start, let end, end < start { self.end = nil }
    }
}

/// A place in a delivered file or stream.
public struct SourcePosition: Sendable, Hashable, Codable {
    /// The file's name, or `socket`.
    public var name: String
    /// The line where the utterance begins, 1-based; in a JSON document, the number of the piece it begins in.
    public var line: Int

    /// Makes a position.
    public init(name: String, line: Int) {
        self.name = name
        self.line = line
    }
}
