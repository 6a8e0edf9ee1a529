import Foundation
import GRDB
import Summaries
import Transcript

/// What earlier meetings of a series have left open.
extension Ledger {
    /// A meeting's minutes show what so many of the latest meetings before it have left open.
    static let seriesLimit = 12

    /// Action items and open questions of earlier meetings of the series of `meeting` that are not ticked off.
    ///
    /// The latest meeting comes first; people are named as they are shown. Empty if it is in no ``MeetingSeries``.
    package func stillOpen(before meeting: MeetingID) throws -> [CarriedItem] {
        guard MeetingSeries(meeting) != nil else { return [] }
        return try read { db in
            try Self.neighbours(of: meeting, areLater: false, db).flatMap { earlier in
                let names = try Self.shownNames(of: earlier, db)
                return try Self.items(of: earlier, db)
                    .filter { $0.kind.canBeDone && $0.isDone != true }
                    .map { CarriedItem(meeting: earlier.id, item: names.shown($0)) }
            }
        }
    }

    /// Later meetings of the series of `meeting`, which may be gone, whose minutes show what it has left open.
    package func meetingsShowing(_ meeting: MeetingID) throws -> [MeetingID] {
        try read { try Self.neighbours(of: meeting, areLater: true, $0).map(\.id) }
    }

    /// All later meetings of the series of `meeting`, which may be gone: those whose minutes may have what it has left open.
    ///
    /// Minutes that once had it may have it still where a meeting that came between has not led to their being written
    /// again, having nothing to carry on yet.
    package func meetingsAfter(_ meeting: MeetingID) throws -> [MeetingID] {
        try read { try Self.neighbours(of: meeting, areLater: true, limit: .max, $0).map(\.id) }
    }

    /// Runs `body` in one transaction, then hints at the meeting that it returns, of which minutes show something else now,
    /// and at later ones of its series, which show its open items.
    func writeItems<Result>(at time: Date, _ body: (Database) throws -> (MeetingRow, Result)) throws -> Result
    {
        let (meetings, result) = try writeQuietly { db in
            let (meeting, result) = try body(db)
            return ([meeting.id] + (try Self.touchLater(than: meeting.id, at: time, db)), result)
        }
        hint(at: meetings)
        return result
    }

    /// Records that the minutes of later meetings of the series are to be written again, since what they show of `meeting`
    /// has changed; returns them, to be hinted at after the transaction.
    static func touchLater(
        than meeting: MeetingID, limit: Int = Ledger.seriesLimit, at time: Date, _ db: Database
    ) throws -> [MeetingID] {
        let later = try neighbours(of: meeting, areLater: true, limit: limit, db)
        for row in later { try row.touch(at: time, db) }
        return later.map(\.id)
    }

    /// The nearest `limit` meetings of the same series before or after `meeting`, the nearest ones first.
    private static func neighbours(
        of meeting: MeetingID, areLater: Bool, limit: Int = Ledger.seriesLimit, _ db: Database
    ) throws -> [MeetingRow] {
        guard let series = MeetingSeries(meeting) else { return [] }
        // In the order of names, which an index has; after the digits comes the colon.
        let (first, last) = areLater ? (meeting.name, series.prefix + ":") : (series.prefix, meeting.name)
        let names = try String.fetchCursor(
            db,
            sql:
                "SELECT name FROM meeting WHERE name > ? AND name < ? ORDER BY name \(areLater ? "ASC" : "DESC")",
            arguments: [first, last])
        var found: [MeetingID] = []
        while found.count < limit, let name = try names.next() {
            let other = try MeetingID(name)
            if MeetingSeries(other)?.prefix == series.prefix { found.append(other) }
        }
        return try found.compactMap { try MeetingRow.find($0, db) }
    }
}
