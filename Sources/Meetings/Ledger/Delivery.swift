import Foundation
import Language
import Transcript

/// A file, or the first lines of a connection, recorded in one transaction.
package struct Delivery: Sendable, Hashable {
    /// How a delivery arrived.
    package enum Kind: String, Sendable, Codable {
        /// A file of the spool: complete, never grows.
        case file
        /// A connection to the ingest socket: grows by ``Ledger/record(_:of:at:)`` until it is closed.
        case socket
    }

    /// The name that the delivery gives its meeting; ``Acceptance`` has the meeting that it went to.
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
    package var notes: [Note]
    /// How far a sender that gave its name has come with this; nil for a file, and for a sender without a name.
    package var sender: SenderPosition?
    /// What a connection says of utterances that the same sender brought by another one; recorded before the new ones.
    package var amendments: [Amendment]
    /// How a file was read; nil for a connection.
    package var facts: TranscriptFacts?
    /// Whether the meeting ends with these very utterances, and not only when the connection is closed.
    package var isLast: Bool
    /// Whether it is all that the connection brings, so that it is closed at once.
    package var closes: Bool
    /// What is known of the meeting besides.
    package var invitation = Invitation()
    /// When a file was last written; nil for a connection.
    package var modifiedAt: Date?

    /// Creates a delivery from its parts.
    package init(
        meeting: MeetingID, name: String, kind: Kind, chunkNumber: Int? = nil, sha256: String? = nil,
        byteCount: Int, format: String, receivedAt: Date, title: String? = nil, meetingStart: Date? = nil,
        utterances: [Utterance], endsMeeting: Bool, notes: [Note] = [], sender: SenderPosition? = nil,
        amendments: [Amendment] = [], facts: TranscriptFacts? = nil, isLast: Bool = false,
        closes: Bool = false
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
        self.amendments = amendments
        self.facts = facts
        self.isLast = isLast
        self.closes = closes
    }
}

/// The number of lines that were taken from a named sender for a meeting.
///
/// It is recorded in one transaction with what the lines said, and with what of them is held back until later lines
/// settle it. So a sender that counts its lines can repeat those of which it is not sure, and none is taken twice.
package struct SenderPosition: Sendable, Hashable {
    /// The sender's own name, which stays the same when it connects again.
    package var name: String
    /// Which of its lines these are, counted from 0 over all its connections: they begin where those end that are
    /// recorded, and are recorded up to the upper bound afterwards.
    package var lines: Range<Int>
    /// What the lines that follow depend on (``LineDecoder/savedState()``); nil if that is nothing.
    package var state: String?
    /// Whether there are results in ``state`` that were said and are no utterances yet.
    package var holdsBack: Bool

    /// Creates a position.
    package init(name: String, lines: Range<Int>, state: String? = nil, holdsBack: Bool = false) {
        self.name = name
        self.lines = lines
        self.state = state
        self.holdsBack = holdsBack
    }
}

/// A file that was received, as a delivery remembers it.
package struct ReceivedFile: Sendable, Hashable {
    /// Its name in the spool.
    package let name: String
    /// Hexadecimal SHA-256 of its content.
    package let sha256: String
    /// Its size.
    package let byteCount: Int

    /// A file.
    package init(name: String, sha256: String, byteCount: Int) {
        (self.name, self.sha256, self.byteCount) = (name, sha256, byteCount)
    }
}

/// The ledger's number of a delivery.
package struct DeliveryID: RawRepresentable, Sendable, Hashable, Codable {
    /// The number of the row.
    package let rawValue: Int64

    /// Creates an identifier from a row's number.
    package init(rawValue: Int64) { self.rawValue = rawValue }
}

/// The outcome of accepting a delivery.
package enum Acceptance: Sendable, Hashable {
    /// It is durable, in `meeting`, with these sequence numbers of its utterances.
    case accepted(DeliveryID, meeting: MeetingID, sequences: Range<Int>)
    /// The same file was accepted before; nothing was appended.
    case duplicate(of: DeliveryID, meeting: MeetingID)
}

/// A delivery as the ledger remembers it.
package struct DeliveryRecord: Sendable, Hashable, Codable {
    /// The state of a delivery.
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

/// The chunks that were accepted under a name.
package struct ChunkProgress: Sendable, Hashable {
    /// The latest meeting of this name.
    package let meeting: MeetingID
    /// True until the meeting is ended.
    package let isOpen: Bool
    /// The highest chunk number that was accepted, if any.
    package let highestNumber: Int?
}
