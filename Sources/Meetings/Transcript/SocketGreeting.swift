import Foundation
import Language

/// The optional first line of a connection to the ingest socket: one JSON object.
///
/// `{"meeting": "standup", "title": "Weekly standup", "ack": true, "format": "jsonl"}`: every key is
/// optional, unknown keys are ignored.
package struct SocketGreeting: Sendable, Hashable {
    /// `meeting`: the meeting to append to; nil lets the daemon choose.
    package var meeting: MeetingID?
    /// `title`: the meeting's title.
    package var title: String?
    /// `started`: when the meeting started, ISO 8601.
    package var startedAt: Date?
    /// `ack`: the sender wants an answer for every line that is durable.
    package var wantsAcknowledgements: Bool
    /// `format`: `text` or `jsonl`; nil lets the next line decide.
    package var format: LineDecoder.Format?
    /// `language`: the language that is spoken; nil lets each line tell.
    package var language: LanguageCode?
    /// `participants`: names as they stand before a colon, whatever they look like.
    package var participants: [String] = []
    /// `encoding`: what the lines after this one are encoded in; nil is UTF-8.
    package var encoding: String?
    /// `timeBase`: what times mean; nil lets their spelling tell.
    package var timeBase: TranscriptHints.TimeBase?
    /// `start` (the same as `started`), `place` (or `location`) and `invited`.
    package var invitation = Invitation()
    /// `sender`: the sender's own name, by which its lines are counted; nil if they are not counted.
    package var sender: String?
    /// `from`: how many of its lines for this meeting the sender skips; nil if it waits for the answer.
    package var firstLine: Int?

    /// Creates a greeting from its parts.
    package init(
        meeting: MeetingID? = nil, title: String? = nil, startedAt: Date? = nil,
        wantsAcknowledgements: Bool = false, format: LineDecoder.Format? = nil, sender: String? = nil,
        firstLine: Int? = nil
    ) {
        self.meeting = meeting
        self.title = title
        self.startedAt = startedAt
        self.wantsAcknowledgements = wantsAcknowledgements
        self.format = format
        self.sender = sender
        self.firstLine = firstLine
    }

    /// Parses a first line; throws an error that names the wrong key.
    package init(parsing line: String) throws(TranscriptError) {
        try self.init(JSONRecord(line, place: "the first line"), place: "the first line")
    }

    init(_ record: JSONRecord, place: String) throws(TranscriptError) {
        meeting = try JSONLine.meeting(record, place: place)
        title = try JSONLine.title(record, place: place)
        invitation = try Invitation(record.node, place: place)
        startedAt = try JSONLine.date(record, place: place) ?? invitation.start
        switch record[.ack] {
        case nil: wantsAcknowledgements = false
        case .bool(let value): wantsAcknowledgements = value
        default: throw TranscriptError(.malformed, "\(place): \"ack\" must be true or false")
        }
        if let name = try JSONLine.string(record, .format, place: place) {
            guard let known = LineDecoder.Format(rawValue: name) else {
                throw TranscriptError(
                    .unknownFormat,
                    "\(place): \"format\" must be \"text\" or \"jsonl\", not \"\(name.prefix(40))\"")
            }
            format = known
        }
        if let code = try JSONLine.string(record, .language, place: place) {
            guard let known = LanguageCode(named: code) else {
                throw TranscriptError(
                    .malformed, "\(place): \"language\" must be the code of a language, such as \"de\"")
            }
            language = known
        }
        participants = (record.node["participants"]?.array ?? []).compactMap(\.text)
        encoding = try Self.encoding(record, place: place)
        if let base = try JSONLine.string(record, .timeBase, place: place) {
            guard let known = TranscriptHints.TimeBase(rawValue: base) else {
                throw TranscriptError(
                    .malformed,
                    "\(place): \"timeBase\" must be \"offset\", \"clock\" or \"milliseconds\", not \"\(base.prefix(40))\""
                )
            }
            timeBase = known
        }
        sender = try JSONLine.string(record, .sender, place: place)
        guard let sender else { return }
        guard meeting != nil, (1...Self.senderBytesLimit).contains(sender.utf8.count) else {
            throw TranscriptError(
                .malformed,
                "\(place): a \"sender\" has a name of 1 to \(Self.senderBytesLimit) bytes and names its \"meeting\""
            )
        }
        switch record[.from] {
        case nil: break
        case .number(let number) where number >= 0 && number < 1e15 && number == number.rounded():
            firstLine = Int(number)
        default: throw TranscriptError(.malformed, "\(place): \"from\" must be a number of lines")
        }
    }

    /// Only of encodings in which a line ends as in ASCII can lines be told apart.
    private static func encoding(_ record: JSONRecord, place: String) throws(TranscriptError) -> String? {
        guard let name = try JSONLine.string(record, .encoding, place: place) else { return nil }
        if ["utf-8", "utf8"].contains(name.lowercased()) { return nil }
        let line = Array("{A}\n".utf8)
        guard Charset.utf8(line, from: name) == line else {
            throw TranscriptError(
                .malformed,
                "\(place): \"encoding\" must name one whose lines end as in ASCII, such as \"windows-1251\", not "
                    + "\"\(name.prefix(40))\"; send UTF-8 instead")
        }
        return name
    }

    private static let senderBytesLimit = 200
}
