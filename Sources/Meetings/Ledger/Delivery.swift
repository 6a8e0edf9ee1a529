import Foundation
import Transcript

/// What arrived at once: a file, or the first lines of a connection.
package struct Delivery: Sendable, Hashable {
    /// The way it came.
    package enum Kind: String, Sendable, Codable {
        /// A file of the spool: complete, never grows.
        case file
        /// A connection to the ingest socket: grows by ``Ledger/record(_:of:at:)`` until it is closed.
        case socket
    }

    /// What the delivery calls its meeting; ``Acceptance`` says which one it went to.
    package var meeting: MeetingID
    /// The file's name, or `socket:<n>`.
    package var name: String
    /// The way it came.
    package var kind: Kind
    /// The number of a chunk; nil for a whole meeting and for a connection.
    package var chunkNumber: Int?
    /// Hexadecimal SHA-256 of a file's content, which makes a repeated delivery harmless; nil for a connection.
    package var sha256: String?
    /// Size as received, in bytes.
    package var byteCount: Int
    /// Name of the transcript format.
    package var format: String
    /// When it was received.
    package var receivedAt: Date
    /// The meeting's title, if the delivery knows one; the first one stays.
    package var title: String?
    /// When the meeting began, if the delivery knows; the first one stays.
    package var meetingStart: Date?
    /// What was said, in order; may be empty.
    package var utterances: [Utterance]
    /// Whether the meeting ends with this file, or when this connection is closed.
    package var endsMeeting: Bool
    /// Problems to be stated in the minutes.
    package var notes: [String]
    /// How far a sender that gave its name has come with this; nil for a file, and for a sender without a name.
    package var sender: SenderPosition?
    /// Whether the meeting ends with these very utterances, and not only when the connection is closed.
    package var isLast: Bool
    /// Whether it is all that the connection brings, so that it is closed at once.
    package var closes: Bool

    /// Makes a delivery from its parts.
    package init(
        meeting: MeetingID, name: String, kind: Kind, chunkNumber: Int? = nil, sha256: String? = nil,
        byteCount: Int, format: String, receivedAt: Date, title: String? = nil, meetingStart: Date? = nil,
        utterances: [Utterance], endsMeeting: Bool, notes: [String] = [], sender: SenderPosition? = nil,
        isLast: Bool = false, closes: Bool = false
    ) {
        self.meeting = meeting
        self.name = name
        self.kind = kind
        self.chunkNumber = chunkNumber
        self.sha256 = sha256
        self.byteCount = byteCount
        self.format = format
        self.receivedAt = receivedAt
        self.title = title
        self.meetingStart = meetingStart
        self.utterances = utterances
        self.endsMeeting = endsMeeting
        self.notes = notes
        self.sender = sender
        self.isLast = isLast
        self.closes = closes
    }
}

/// How far a sender has come with the lines that it has for a meeting.
///
/// It is recorded in one transaction with what the lines said. So a sender that counts its lines can send all of which
/// it is not sure again, and nothing is taken twice.
package struct SenderPosition: Sendable, Hashable {
    /// The sender's own name, which stays the same when it connects again.
    package var name: String
    /// Which of its lines these are, counted from 0 over all its connections: they begin where those end that are
    /// recorded, and are recorded up to the upper bound afterwards.
    package var lines: Range<Int>

    /// Makes a position.
    package init(name: String, lines: Range<Int>) {
        self.name = name
        self.lines = lines
    }
}

/// The ledger's number of a delivery.
package struct DeliveryID: RawRepresentable, Sendable, Hashable, Codable {
    /// The row.
    package let rawValue: Int64

    /// Makes a number.
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// What became of a delivery.
package enum Acceptance: Sendable, Hashable {
    /// It is durable, in `meeting`, with these sequence numbers.
    case accepted(DeliveryID, meeting: MeetingID, sequences: Range<Int>)
    /// The same file was accepted before; nothing was appended.
    case duplicate(of: DeliveryID, meeting: MeetingID)
}

/// A delivery as the ledger remembers it.
package struct DeliveryRecord: Sendable, Hashable, Codable {
    /// Where it stands.
    package enum State: String, Sendable, Codable {
        /// A file, taken as a whole.
        case accepted
        /// A connection that may still bring more.
        case growing
        /// A connection that has ended.
        case closed
    }

    /// Its number.
    package let id: DeliveryID
    /// The meeting it went to.
    package let meeting: MeetingID
    /// The file's name, or `socket:<n>`.
    package let name: String
    /// `file` or `socket`.
    package let kind: String
    /// The number of a chunk, if it is one.
    package let chunkNumber: Int?
    /// Hexadecimal SHA-256 of a file's content.
    package let sha256: String?
    /// Size as received, in bytes.
    package let byteCount: Int
    /// Name of the transcript format.
    package let format: String
    /// When it was received.
    package let receivedAt: Date
    /// Seconds that were added to its times, because they began again at 0.
    package let timeOffset: Double
    /// Where it stands.
    package let state: State
    /// How many utterances it brought.
    package let utteranceCount: Int
}

/// How far the chunks of a name have come.
package struct ChunkProgress: Sendable, Hashable {
    /// The latest meeting of this name.
    package let meeting: MeetingID
    /// True until the meeting is ended.
    package let isOpen: Bool
    /// The highest chunk number that was accepted, if any.
    package let highestNumber: Int?
}
