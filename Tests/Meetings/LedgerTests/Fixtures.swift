import Foundation
import GRDB
import Language
@testable import Ledger
import Summaries
import Transcript

/// A ledger in a folder of its own, which goes away with it.
final class TemporaryLedger {
    let folder: URL
    let path: String
    private(set) var ledger: Ledger

    init() throws {
        folder = FileManager.default.temporaryDirectory.appendingPathComponent("ledger-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        path = folder.appendingPathComponent("ledger.sqlite").path
        ledger = try Ledger(path: path)
    }

    /// Opens the same file again, as after a restart.
    func reopen() throws { ledger = try Ledger(path: path) }

    /// Makes a ledger of an older version, with what `sql` puts into it, and returns its path.
    func older(_ version: String, _ sql: String = "") throws -> String {
        let path = folder.appendingPathComponent("older.sqlite").path
        let queue = try DatabaseQueue(path: path)
        try LedgerSchema.migrator().migrate(queue, upTo: version)
        try queue.write { try $0.execute(sql: sql) }
        try queue.close()
        return path
    }

    deinit { try? FileManager.default.removeItem(at: folder) }
}

/// A note as an older version wrote it.
func written(_ sentence: String) -> Note { Note(.written, .text(sentence)) }

extension NoteRecord {
    /// The note in English.
    var text: String { note.description }
}

let epoch = Date(timeIntervalSince1970: 1_700_000_000)

/// `count` utterances of three words each, one second apart.
func utterances(_ count: Int, speaker: String? = "Ada", from start: Double? = nil) -> [Utterance] {
    (0..<count).map { index in
        Utterance(
            speaker: speaker, start: start.map { $0 + Double(index) },
            end: start.map { $0 + Double(index) + 1 },
            text: "word word \(index)", source: SourcePosition(name: "test", line: index + 1))
    }
}

func file(
    _ meeting: String, name: String? = nil, content: String? = nil, chunk: Int? = nil,
    _ utterances: [Utterance], ends: Bool = false, notes: [Note] = []
) throws -> Delivery {
    let name = name ?? "\(meeting).\(chunk.map(String.init) ?? "vtt")"
    return Delivery(
        meeting: try MeetingID(meeting), name: name, kind: .file, chunkNumber: chunk,
        sha256: content ?? "content of \(name)", byteCount: 10, format: "vtt", receivedAt: epoch,
        utterances: utterances, endsMeeting: ends, notes: notes)
}

func connection(_ meeting: String, _ utterances: [Utterance], ends: Bool = false) throws -> Delivery {
    Delivery(
        meeting: try MeetingID(meeting), name: "socket:1", kind: .socket, byteCount: 10, format: "plain",
        receivedAt: epoch, utterances: utterances, endsMeeting: ends)
}

func window(_ index: Int, _ range: Range<Int>) -> Window {
    Window(index: index, utterances: range, tokenCount: range.count * 5, closedBy: .size)
}

func summary(_ index: Int) -> WindowSummary {
    WindowSummary(
        window: index, text: "summary \(index)", model: "m", promptTokens: 5, reusedTokens: 2,
        generatedTokens: 3,
        seconds: 0.5)
}

let overall = MeetingSummary(text: "all", model: "m", tokens: 2, seconds: 3)

extension WindowFindings {
    /// What was found in a window in which nothing was found.
    static let nothing = WindowFindings(language: .english)
}

extension Ledger {
    /// Commits a summary of a window in which nothing was found.
    func commit(_ summary: WindowSummary, of meeting: MeetingID) throws {
        try commit(summary, findings: .nothing, of: meeting)
    }

    /// Appends what a connection brought; returns its sequence numbers.
    func append(
        _ utterances: [Utterance], byteCount: Int, to delivery: DeliveryID, sender: SenderPosition? = nil,
        isLast: Bool = false
    ) throws -> Range<Int> {
        var part = DeliveryPart()
        (part.utterances, part.byteCount, part.sender) = (utterances, byteCount, sender)
        part.endsMeeting = isLast
        return try record(part, of: delivery).sequences
    }

    /// Records what a connection corrects or repeats; returns the numbers of the utterances meant.
    func amend(_ amendments: [Amendment], byteCount: Int, of delivery: DeliveryID) throws -> [Int] {
        var part = DeliveryPart()
        (part.amendments, part.byteCount) = (amendments, byteCount)
        return try record(part, of: delivery).amended
    }

    /// Records that a connection is over.
    func close(_ delivery: DeliveryID) throws {
        var part = DeliveryPart()
        part.closes = true
        _ = try record(part, of: delivery)
    }
}

/// The code that `body` is refused with; nil if it is not.
func refusal(_ body: () throws -> Void) -> LedgerError.Code? {
    do {
        try body()
        return nil
    } catch {
        return (error as? LedgerError)?.code
    }
}
