import Foundation
import Language

/// The known keys of an object in JSON Lines; it may have others.
struct JSONRecord: Sendable {
    enum Value: Sendable, Equatable {
        case string(String), number(Double), bool(Bool), null
        /// An array or an object where a plain value was expected.
        case structure
    }

    enum Key: String, CaseIterable {
        case speaker, start, end, text, meeting, title, started, ack, format, id, final, repeats, sender, from
        case language, participants, chat, encoding, timeBase

        /// Whether it tells that an object is meant for this format: others have these too.
        var isTelling: Bool {
            ![.format, .id, .language, .participants, .chat, .encoding, .timeBase].contains(self)
        }
    }

    /// Other names for a key, as programs have them that write an utterance a line.
    private static let aliases: [Key: [String]] = [
        .speaker: [
            "speaker_name", "speakerName", "speaker_label", "speakerLabel", "speaker_id", "speakerId",
        ],
        .start: ["start_time", "startTime", "start_timestamp", "startTimestamp", "timestamp"],
        .end: ["end_time", "endTime", "end_timestamp", "endTimestamp"],
        .text: ["sentence", "transcript", "utterance"],
    ]

    private static let aliasesBesideText: [Key: [String]] = [
        .speaker: ["name", "user", "participant", "who"], .start: ["ts", "time", "offset"],
    ]

    static var otherNamesOfSpeakers: [String] { aliasesBesideText[.speaker] ?? [] }

    /// All names of a key.
    static func names(of key: Key) -> [String] { [key.rawValue] + (aliases[key] ?? []) }

    /// Whether an object says something: then it is a line, even alone in a file.
    static func isUtterance(_ node: JSONNode) -> Bool {
        Key.allCases.contains { key in
            key.isTelling && names(of: key).contains { node[$0] != nil }
        }
    }

    /// The same for a file of one object: a title alone is that of something else.
    static func saysSomething(_ node: JSONNode) -> Bool {
        isUtterance(node)
            && [Key.text, .end, .final, .meeting, .started].contains { key in
                names(of: key).contains { node[$0] != nil }
            }
    }

    let values: [Key: Value]

    /// Whether any key is known, so that the object may be meant for this format.
    var isKnown: Bool { values.contains { $0.key.isTelling && $0.value != .null } }

    subscript(key: Key) -> Value? {
        guard let value = values[key], value != .null else { return nil }
        return value
    }

    /// The whole object.
    let node: JSONNode

    /// Throws an error that names `place` if the line is not a JSON object.
    init(_ line: ArraySlice<UInt8>, place: String) throws(TranscriptError) {
        guard let node = JSONNode(line), node.isObject else {
            throw TranscriptError(
                .malformed,
                "\(place) is not a JSON object; write one whole object a line, such as "
                    + #"{"speaker": "Jane", "start": 12.5, "end": 15, "text": "Good morning."}"#)
        }
        self.node = node
        var values: [Key: Value] = [:]
        for key in Key.allCases {
            guard let member = Self.names(of: key).lazy.compactMap({ node.member($0) }).first else {
                continue
            }
            values[key] = Value(member)
        }
        // Other programs have these too, but with what was said they can only mean this.
        if case .string = values[.text] {
            for (key, names) in Self.aliasesBesideText where values[key] == nil {
                values[key] = names.lazy.compactMap { node.member($0) }.first.map(Value.init)
            }
        }
        self.values = values
    }

    /// The same for a text.
    init(_ line: String, place: String) throws(TranscriptError) {
        try self.init(Array(line.utf8)[...], place: place)
    }
}

extension JSONRecord.Value {
    init(_ node: JSONNode) {
        switch node.kind {
        case .null: self = .null
        case .bool: self = .bool(node.bool == true)
        case .string: self = .string(node.string ?? "")
        // Too large for a number: it counts as missing.
        case .number: self = node.number.map { .number($0) } ?? .structure
        case .object, .array: self = .structure
        }
    }
}

/// The meaning of a line of JSON Lines.
struct JSONLine: Sendable {
    var utterance: Utterance?
    var meeting: MeetingID?
    var title: String?
    var startedAt: Date?
    var endsMeeting = false
    /// The result that `id` or `final` make of the line, which others may supersede; nil without either.
    var result: CaptionResult?
    /// What was left out, such as a time that cannot be read.
    var notes: [Note.Kind] = []

    /// Reads a line; `position` is its place.
    init(_ line: String, position: SourcePosition) throws(TranscriptError) {
        try self.init(JSONRecord(line, place: position.spelled), position: position)
    }

    init(_ record: JSONRecord, position: SourcePosition) throws(TranscriptError) {
        let place = position.spelled
        endsMeeting = record[.end] == .bool(true)
        meeting = try Self.meeting(record, place: place)
        title = try Self.title(record, place: place)
        startedAt = try Self.date(record, place: place)
        if let text = try Self.string(record, .text, place: place)?.collapsed, !text.isEmpty {
            var utterance = Utterance(
                speaker: try Self.speaker(record, place: place), text: text, source: position,
                repeatCount: Self.count(record[.repeats]), isWritten: record[.chat] == .bool(true))
            let isWhole = utterance.setTimes(
                start: seconds(record[.start]), end: endsMeeting ? nil : seconds(record[.end]))
            if !isWhole { notes.append(.endBeforeStart) }
            self.utterance = utterance
        } else if !endsMeeting, meeting == nil, title == nil, startedAt == nil, record[.final] == nil {
            notes.append(.lineWithoutText)
        }
        try takeRevision(record, place: place)
    }

    /// Converts the times of what the line says.
    mutating func mapTimes(_ convert: (Double) -> Double) {
        utterance?.mapTimes(convert)
        for index in result?.spoken.indices ?? 0..<0 { result?.spoken[index].mapTimes(convert) }
    }

    private mutating func takeRevision(_ record: JSONRecord, place: String) throws(TranscriptError) {
        let id: String?
        switch record[.id] {
        case nil: id = nil
        case .string(let text): id = text.collapsed.isEmpty ? nil : String(text.collapsed.prefix(200))
        case .number(let number) where abs(number) < 1e15: id = String(Int(number))
        default: throw TranscriptError(.malformed, "\(place): \"id\" must be a string or a number")
        }
        let isFinal: Bool?
        switch record[.final] {
        case nil: isFinal = nil
        case .bool(let value): isFinal = value
        default: throw TranscriptError(.malformed, "\(place): \"final\" must be true or false")
        }
        guard id != nil || isFinal != nil, utterance != nil || isFinal != nil else { return }
        result = CaptionResult(
            id: id, track: id == nil ? utterance?.speaker ?? "" : "", hasStableID: id != nil,
            isFinal: isFinal ?? true, spoken: [utterance].compactMap { $0 })
        utterance = nil
    }

    private static func count(_ value: JSONRecord.Value?) -> Int {
        guard case .number(let number) = value, number >= 0, number < 1e9 else { return 0 }
        return Int(number)
    }

    static func string(_ record: JSONRecord, _ key: JSONRecord.Key, place: String) throws(TranscriptError)
        -> String?
    {
        guard let value = record[key] else { return nil }
        guard case .string(let string) = value else {
            throw TranscriptError(.malformed, "\(place): \"\(key.rawValue)\" must be a string")
        }
        return string
    }

    /// A name, or the number that a recogniser gave a voice.
    private static func speaker(_ record: JSONRecord, place: String) throws(TranscriptError) -> String? {
        switch record[.speaker] {
        case .number, .structure:
            guard
                let name = record.node[
                    keys: JSONRecord.names(of: .speaker) + JSONRecord.otherNamesOfSpeakers]?.speaker()
            else { break }
            return name
        default: break
        }
        return try string(record, .speaker, place: place)
    }

    static func title(_ record: JSONRecord, place: String) throws(TranscriptError) -> String? {
        try string(record, .title, place: place).map(TranscriptFile.boundedTitle)
    }

    static func meeting(_ record: JSONRecord, place: String) throws(TranscriptError) -> MeetingID? {
        guard let name = try string(record, .meeting, place: place) else { return nil }
        do {
            return try MeetingID(new: name)
        } catch {
            throw TranscriptError(.badMeetingName, "\(place): \(error.message)")
        }
    }

    static func date(_ record: JSONRecord, place: String) throws(TranscriptError) -> Date? {
        guard let text = try string(record, .started, place: place) else { return nil }
        guard let date = ISODate.parse(text) else {
            throw TranscriptError(
                .malformed,
                "\(place): \"started\" must be an ISO 8601 time of the years 1900 to 2199, such as "
                    + "2024-05-01T10:00:00Z, not '\(text.prefix(60))'"
            )
        }
        return date
    }

    /// Seconds as a number, or `HH:MM:SS.mmm`; a value that is neither is noted and dropped.
    private mutating func seconds(_ value: JSONRecord.Value?) -> Double? {
        switch value {
        case nil: return nil
        case .number(let seconds) where seconds.isFinite && seconds >= 0 && seconds < 1e10: return seconds
        case .number(let number) where JSONNode.epochMilliseconds.contains(number): return number / 1000
        case .string(let text):
            if let clock = ClockTime(text), !clock.isOfDay { return clock.seconds }
            if let date = ISODate.parse(text)?.timeIntervalSince1970, date >= 0 { return date }
            if let seconds = Double(text.trimmed), seconds.isFinite, seconds >= 0, seconds < 1e10 {
                return seconds
            }
        default: break
        }
        notes.append(.timesUnreadable)
        return nil
    }
}

/// ISO 8601 times, with or without fractions of a second; without a zone they are UTC.
enum ISODate {
    static func parse(_ text: String) -> Date? {
        let text = text.trimmed
        guard text.utf8.count <= 40, let date = read(text), years.contains(date) else { return nil }
        return date
    }

    /// No meeting was held before 1900 or will be after 2199: such a time is a program's zero, or went wrong.
    private static let years =
        Date(timeIntervalSince1970: -2_208_988_800)..<Date(timeIntervalSince1970: 7_258_118_400)

    private static func read(_ text: String) -> Date? {
        if let date = try? Date(text, strategy: .iso8601) { return date }
        if let date = try? Date(text, strategy: Date.ISO8601FormatStyle(includingFractionalSeconds: true)) {
            return date
        }
        if let date = try? Date(text + "Z", strategy: .iso8601) { return date }
        return try? Date(text + "T00:00:00Z", strategy: .iso8601)
    }
}

extension SourcePosition {
    /// The place as errors name it: `standup.jsonl, line 3`.
    var spelled: String { "\(name), line \(line)" }
}
