import Foundation
import Language

/// Decodes the lines of a connection, one by one.
///
/// The first line may be a ``SocketGreeting``. The lines after it are either plain text (`Name: text`, with or
/// without a time before it; each line is an utterance) or JSON Lines. If the greeting does not name the format,
/// the first line after it decides: a JSON object means JSON Lines. `{"end": true}` ends the meeting in
/// both.
///
/// JSON Lines may also be the messages of a recogniser (``TranscriptFormat``), or have `"final": false`: such results
/// are held back until a settled one comes. A settled result that comes again with the same `id` is a revision.
package struct LineDecoder: Sendable {
    /// The formats of lines.
    package enum Format: String, Sendable, Hashable, Codable {
        /// `Name: text`
        case text
        /// One JSON object a line.
        case jsonLines = "jsonl"
    }

    /// The meaning of a line.
    package enum Event: Sendable, Hashable {
        /// The first line was a greeting.
        case greeting(SocketGreeting)
        /// Something was said.
        case utterance(Utterance)
        /// A correction of the utterance with this id, which was reported before.
        case revision(Utterance)
        /// The last utterance again, more often in a row than people repeat themselves.
        case repetition(Utterance)
        /// A later line that says more about the meeting (JSON Lines only).
        case meeting(SocketGreeting)
        /// The meeting is over.
        case endOfMeeting
        /// Something was left out.
        case note(Note)

        /// Whether it is about what was said, so that the sender is waiting for its number.
        package var isSpeech: Bool {
            switch self {
            case .utterance, .revision, .repetition: true
            case .greeting, .meeting, .endOfMeeting, .note: false
            }
        }
    }

    /// The format of the lines, once it is known.
    package internal(set) var format: Format?
    /// The number of lines decoded so far, including blank ones.
    package internal(set) var lineCount = 0

    private let name: String
    /// What the greeting says about the lines.
    private var language: LanguageCode?
    private var encoding: String?
    private var timeBase: TranscriptHints.TimeBase?
    private var rules = SpokenLine.Rules.timedText(shortClock: false)
    var sawFirst = false
    var above: SpokenLine?
    var timeOfDay = TimeOfDay()
    var assembler = CaptionAssembler()
    var recognizer: RecognizerEvents
    var repetitions = RepetitionFilter()
    /// The meeting's start in seconds since 1970, if times are given since 1970.
    var epoch: Double?

    /// Creates a decoder for a connection; the utterances' source positions have its `name`.
    package init(name: String = "socket", format: Format? = nil) {
        self.name = name
        self.format = format
        recognizer = RecognizerEvents(name: name)
    }

    /// Whether results are held back until they are settled.
    package var holdsBack: Bool { recognizer.holdsBack || assembler.holdsBack }

    /// Returns the results that were never settled, when no more lines will come.
    package mutating func finish() -> [Event] {
        var events: [Event] = []
        for result in recognizer.finish() { events += settled(assembler.take(result)) }
        events += settled(assembler.finish())
        events += assembler.takeNotes().map { .note(Note($0, of: name)) }
        return events
    }

    /// Decodes one line given as bytes, without its line feed; a carriage return at its end is dropped.
    ///
    /// Throws an error if the bytes are not UTF-8 text or the line is not valid in its format. Decoding can go on
    /// after an error, as if the line had not been received.
    package mutating func decode(_ bytes: [UInt8]) throws(TranscriptError) -> [Event] {
        var bytes = bytes[...]
        if bytes.last == UInt8(ascii: "\r") { bytes.removeLast() }
        if lineCount == 0, bytes.starts(with: [0xEF, 0xBB, 0xBF]) { bytes.removeFirst(3) }
        var whole = Array(bytes)
        if let encoding {
            guard let text = Charset.utf8(whole, from: encoding) else {
                lineCount += 1
                throw TranscriptError(.notText, "\(name), line \(lineCount) is no text in \(encoding)")
            }
            whole = text
        }
        if let offset = TranscriptText.invalidUTF8Offset(whole) ?? whole.firstIndex(of: 0) {
            lineCount += 1
            throw TranscriptError(
                .notText, "\(name), line \(lineCount) is not UTF-8 text: invalid byte at offset \(offset)")
        }
        return try decode(String(decoding: whole, as: UTF8.self))
    }

    /// Decodes one line given as text, without its line feed.
    package mutating func decode(_ line: String) throws(TranscriptError) -> [Event] {
        lineCount += 1
        let trimmed = line.trimmed
        guard !trimmed.isEmpty else { return [] }
        let isObject = trimmed.utf8.first == UInt8(ascii: "{")
        if !sawFirst {
            // A refused first line may be sent again, so it counts as seen only when it was understood.
            if isObject, format == nil, let greeting = try greeting(trimmed) {
                sawFirst = true
                format = greeting.format
                epoch = greeting.startedAt?.timeIntervalSince1970
                (language, encoding, timeBase) = (greeting.language, greeting.encoding, greeting.timeBase)
                rules.names = Set(greeting.participants)
                return [.greeting(greeting)]
            }
            sawFirst = true
        }
        if format == nil { format = isObject ? .jsonLines : .text }
        if format == .text {
            if isObject, let record = try? JSONRecord(trimmed, place: name), record[.end] == .bool(true) {
                return finish() + [.endOfMeeting]
            }
            return decodeText(line)
        }
        return try decodeJSON(trimmed)
    }

    /// A first line that is an object without text is a greeting; with text it is JSON Lines already.
    private func greeting(_ line: String) throws(TranscriptError) -> SocketGreeting? {
        let place = "\(name), line \(lineCount)"
        let record = try JSONRecord(line, place: place)
        if record[.text] != nil || record[.end] == .bool(true) || message(record) != nil { return nil }
        return try SocketGreeting(record, place: place)
    }

    private mutating func decodeText(_ line: String) -> [Event] {
        var spoken = SpokenLine(line, rules: rules)
        if spoken.text.isEmpty {
            // `Name:` or `Name  0:12`, which is about the lines that follow.
            above = spoken.opensUtterance ? spoken : above
            return []
        }
        if spoken.opensUtterance {
            above = nil
        } else if let known = above {
            (spoken.speaker, spoken.time) = (known.speaker, known.time)
            if known.isChat { spoken.isChat = true }
            above?.time = nil
        }
        let start = spoken.time.map { self.start($0) }
        return [
            event(
                Utterance(
                    speaker: spoken.speaker, start: start, end: spoken.end, text: spoken.text,
                    source: position, isWritten: spoken.isChat))
        ]
    }

    /// Seconds from the meeting's start, as the greeting says what times mean, or as they are spelled.
    private mutating func start(_ time: ClockTime) -> Double {
        switch timeBase {
        case .offset: return time.seconds
        case .clock:
            let isShort = time.fieldCount == 2 && !time.isOfDay
            return timeOfDay.sinceFirst(isShort ? time.seconds * 60 : time.seconds, isOfDay: true)
        default:
            guard time.fieldCount == 3 || time.isOfDay else { return time.seconds }
            return timeOfDay.sinceFirst(time.seconds, isOfDay: time.isOfDay)
        }
    }

    private mutating func decodeJSON(_ line: String) throws(TranscriptError) -> [Event] {
        let record = try JSONRecord(line, place: position.spelled)
        if let node = message(record) {
            let results = recognizer.results(of: node, line: lineCount) ?? []
            return settled(results.flatMap { assembler.take($0) })
        }
        var content = try JSONLine(record, position: position)
        if timeBase == .milliseconds { content.mapTimes { $0 / 1000 } }
        var events: [Event] = []
        if content.meeting != nil || content.title != nil || content.startedAt != nil {
            epoch = content.startedAt?.timeIntervalSince1970 ?? epoch
            events.append(
                .meeting(
                    SocketGreeting(
                        meeting: content.meeting, title: content.title, startedAt: content.startedAt)))
        }
        if let utterance = content.utterance { events += settled([.settled(utterance)]) }
        if let result = content.result { events += settled(assembler.take(result)) }
        events += content.notes.map {
            .note(Note(.ofLine, .text(name), .text("\(lineCount)"), .note(Note($0))))
        }
        if content.endsMeeting { events += finish() + [.endOfMeeting] }
        return events
    }

    /// The line as a recogniser's message, if it is one: such a message has no `text`, or has LiveKit's times.
    private func message(_ record: JSONRecord) -> JSONNode? {
        if record.node["text"] != nil, !RecognizerEvents.isVosk(record.node) {
            guard record[.final] != nil,
                RecognizerEvents.liveKitTimeKeys.contains(where: { record.node.member($0) != nil })
            else { return nil }
        }
        return RecognizerEvents.format(of: record.node) == nil ? nil : record.node
    }

    // MARK: - What is settled

    private mutating func settled(_ changes: [CaptionAssembler.Change]) -> [Event] {
        var events: [Event] = []
        for change in changes {
            switch change {
            case .settled(let utterance):
                let isKnown = epoch != nil
                let placed = counted(utterance)
                if !isKnown, let epoch {
                    events.append(.meeting(SocketGreeting(startedAt: Date(timeIntervalSince1970: epoch))))
                }
                events.append(event(placed))
            case .revised(let utterance): events.append(.revision(counted(utterance)))
            }
        }
        return events
    }

    private mutating func event(_ utterance: Utterance) -> Event {
        var utterance = utterance
        utterance.language = utterance.language ?? language
        return repetitions.isOneTooMany(utterance) ? .repetition(utterance) : .utterance(utterance)
    }

    /// Converts times since 1970 to times since the meeting's start, or since the first of them if that is unknown.
    private mutating func counted(_ utterance: Utterance) -> Utterance {
        guard let start = utterance.start, start >= TranscriptFile.epochSeconds else { return utterance }
        let base = epoch ?? start
        epoch = base
        var utterance = utterance
        utterance.mapTimes { max(0, $0 - base) }
        return utterance
    }

    private var position: SourcePosition { SourcePosition(name: name, line: lineCount) }
}
