import Foundation
import Language
import Ledger
import Transcript

/// What a connection wants recorded in one transaction.
struct IngestBatch: Sendable {
    /// What the ledger gets; its position is told by ``lines``.
    private(set) var part = DeliveryPart()
    /// Lines that changed or repeated an utterance of this batch, by its place.
    private(set) var amendedPlaces: [Int] = []
    /// Lines of the connection's sender, numbered over all its connections, that are taken with this batch; nil if they
    /// are not counted, or there are none yet.
    var lines: Range<Int>?
    /// As it was after the last of ``lines``.
    var decoder: LineDecoder?
    /// The memory that it takes until it is recorded, about, in bytes.
    private(set) var memory = 0

    /// The connection is over; nothing follows.
    var closes: Bool {
        get { part.closes }
        set { part.closes = newValue }
    }
    /// Whether it has what a meeting is made of, or ends one.
    var bringsMeeting: Bool { !part.utterances.isEmpty || !part.amendments.isEmpty || part.endsMeeting }

    var isEmpty: Bool { part == DeliveryPart() }

    /// The number of notes that are kept between two commits; more would repeat each other.
    private static let notesLimit = 20
    /// The memory that an utterance, a note or a batch takes besides its text, about.
    private static let itemBytes = 256

    init() {}

    /// The last batch of a connection from which nothing more is taken.
    static var closing: IngestBatch {
        var batch = IngestBatch()
        batch.closes = true
        return batch
    }

    /// Counts a line that contained speech.
    mutating func addLine(byteCount: Int) {
        part.byteCount += byteCount + 1
        memory += byteCount
    }

    mutating func add(_ utterance: Utterance) {
        memory += Self.itemBytes
        part.utterances.append(utterance)
    }

    /// Adds a correction or a repetition, by changing the utterance meant if that is not recorded yet.
    mutating func amend(_ amendment: Amendment) {
        memory += Self.itemBytes
        switch amendment {
        case .revision(let utterance):
            if let place = part.utterances.lastIndex(where: { $0.id == utterance.id }) {
                let old = part.utterances[place]
                part.utterances[place] = utterance
                part.utterances[place].setTimes(start: old.start, end: utterance.end ?? old.end)
                part.utterances[place].source = old.source
                amendedPlaces.append(place)
                return
            }
        case .repetition(let utterance):
            if let last = part.utterances.last, utterance.repeats(last) {
                part.utterances[part.utterances.count - 1].repeatCount += 1
                amendedPlaces.append(part.utterances.count - 1)
                return
            }
            guard part.utterances.isEmpty else {
                part.utterances.append(utterance)
                return
            }
        }
        part.amendments.append(amendment)
    }

    mutating func note(_ note: Note) {
        guard part.notes.count < Self.notesLimit else { return }
        memory += note.stored.utf8.count + Self.itemBytes
        part.notes.append(note)
    }

    /// Adds what a greeting, or a line like one, says of the meeting.
    mutating func describe(_ greeting: SocketGreeting) {
        if !greeting.invitation.isEmpty {
            memory += Self.itemBytes * (1 + greeting.invitation.people.count)
            part.invitation = part.invitation.completed(by: greeting.invitation)
        }
        if let title = greeting.title {
            memory += title.utf8.count - (part.title?.utf8.count ?? 0)
            part.title = title
        }
        part.meetingStart = greeting.startedAt ?? part.meetingStart
    }

    /// Marks the end of the meeting; nothing follows in this batch.
    mutating func end() {
        memory += Self.itemBytes
        part.endsMeeting = true
    }

    /// The part that the ledger records.
    func part(of source: IngestSource) -> DeliveryPart {
        var part = part
        if let name = source.sender, let lines {
            part.sender = SenderPosition(
                name: name, lines: lines, state: decoder?.savedState(), holdsBack: decoder?.holdsBack ?? false
            )
        }
        return part
    }
}

/// The source of a batch: a connection, its meeting and its sender.
struct IngestSource: Sendable {
    /// The delivery's name in the ledger: `socket:<n>`.
    var name: String
    var meeting: MeetingID
    /// The daemon chose the name: the meeting is new, and ends with the connection.
    var isGenerated: Bool
    var format: String
    /// The sender's own name, under which its lines are counted.
    var sender: String?
    /// Nil until the first utterance was recorded.
    var delivery: DeliveryID?

    /// A name for a meeting that has none: `socket-YYYYMMDD-HHMMSS-n`, in UTC as all times of minutes are.
    static func generatedName(_ number: Int, at time: Date = Date()) -> MeetingID {
        // Such as 20240501T100000.
        let stamp = time.ISO8601Format(
            .iso8601(timeZone: .gmt, dateSeparator: .omitted, timeSeparator: .omitted)
        ).replacing("T", with: "-")
        guard let name = MeetingID.sanitized("socket-\(stamp)-\(number)") else {
            preconditionFailure("digits and dashes make a meeting's name")
        }
        return name
    }
}

/// What was durably recorded of a batch.
struct IngestReceipt: Sendable {
    /// The source as it is now: with its delivery, and the meeting's final name.
    var source: IngestSource
    var sequences: Range<Int> = 0..<0
    /// Numbers of utterances that were corrected or counted again.
    var amended: [Int] = []
    var endedMeeting = false
}
