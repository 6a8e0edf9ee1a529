/// The index of what was said and written, and the notes of what it lacks.
///
/// An entry is a row of the index: an utterance, a window's summary, a summary of the whole, or a title; its number is
/// that of ``SearchEntry``. The index holds forms of ``SearchWord`` and no texts. SQLite notes each change of a row, and
/// ``SearchIndex`` brings the index up to date before the transaction ends, whatever has changed the row.
enum SearchSchema {
    static let tables = """
        -- Without texts, places in them, and lengths: those are in the rows. Forms are parted by blanks.
        CREATE VIRTUAL TABLE search USING fts5(
            words, content = '', columnsize = 0, detail = none, tokenize = 'ascii');

        -- Rows that have changed in this transaction, with what the index has of them; NULL for a new row.
        CREATE TABLE searchChange (
            id INTEGER PRIMARY KEY,
            entry INTEGER NOT NULL,
            textBefore TEXT,
            speakerBefore TEXT
        ) STRICT;

        -- Meetings that the index does not have, or only up to an utterance.
        CREATE TABLE searchUnfilled (
            meeting INTEGER PRIMARY KEY,
            next INTEGER NOT NULL DEFAULT 0
        ) STRICT;

        -- What the forms in the index depend on.
        CREATE TABLE searchRules (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            rules TEXT NOT NULL
        ) STRICT;
        """

    static let triggers =
        triggers(
            of: "utterance", "text", "speaker", entry: entry(.turn, "meeting", "sequence"),
            isEntry: "%.sequence < \(SearchEntry.numberLimit)")
        + triggers(of: "summary", "text", entry: entry(.part, "meeting", "window"))
        + triggers(
            of: "overall", "text", entry: entry(.summary, "meeting", "revision"), isEntry: "%.text NOT NULL")
        + triggers(of: "meeting", "title", entry: entry(.title, "id", nil), isEntry: "%.title NOT NULL")

    /// Triggers of a table whose columns have the text and the speaker; in expressions % stands for the row.
    private static func triggers(
        of table: String, _ text: String, _ speaker: String? = nil, entry: String, isEntry: String = "TRUE"
    ) -> String {
        func of(_ row: String, _ expression: String) -> String { expression.replacing("%", with: row) }
        let columns = [text, speaker].compactMap(\.self)
        let changed = columns.map { "OLD.\($0) IS NOT NEW.\($0)" }.joined(separator: " OR ")
        let before = "OLD.\(text), " + (speaker.map { "OLD.\($0)" } ?? "NULL")
        let noted = "INSERT INTO searchChange (entry, textBefore, speakerBefore) VALUES"
        return """

            CREATE TRIGGER \(table)SearchedWhenNew AFTER INSERT ON \(table) WHEN \(of("NEW", isEntry))
            BEGIN INSERT INTO searchChange (entry) VALUES (\(of("NEW", entry))); END;

            CREATE TRIGGER \(table)SearchedWhenChanged AFTER UPDATE OF \(columns.joined(separator: ", ")) ON \(table)
            WHEN (\(of("OLD", isEntry)) OR \(of("NEW", isEntry))) AND (\(changed))
            BEGIN \(noted) (\(of("OLD", entry)), \(before)); END;

            CREATE TRIGGER \(table)SearchedUntilGone AFTER DELETE ON \(table) WHEN \(of("OLD", isEntry))
            BEGIN \(noted) (\(of("OLD", entry)), \(before)); END;

            """
    }

    private static func entry(_ place: SearchPlace, _ meeting: String, _ number: String?) -> String {
        let first = "(%.\(meeting) << \(SearchEntry.meetingShift)) + \(place.code << SearchEntry.placeShift)"
        return number.map { "\(first) + %.\($0)" } ?? first
    }
}

/// What is found by searching.
package enum SearchPlace: String, Sendable, Hashable, Codable, CaseIterable {
    /// What somebody said.
    case turn
    /// The summary of a part of the meeting.
    case part
    /// The summary of the whole.
    case summary
    /// The meeting's title.
    case title

    var code: Int64 {
        switch self {
        case .turn: 0
        case .part: 1
        case .summary: 2
        case .title: 3
        }
    }
}

/// A row of the index, by its number there: the meeting, the place, and the number in it.
struct SearchEntry: Hashable {
    let meeting: Int64
    let place: SearchPlace
    /// Of the utterance, the window or the revision.
    let number: Int

    static let placeShift: Int64 = 24
    static let meetingShift: Int64 = 26
    /// Utterances of a meeting beyond so many are not in the index.
    static let numberLimit: Int64 = 1 << placeShift

    init(_ meeting: Int64, _ place: SearchPlace, _ number: Int) {
        (self.meeting, self.place, self.number) = (meeting, place, number)
    }

    init(row: Int64) {
        meeting = row >> Self.meetingShift
        let code = row >> Self.placeShift & 3
        place = SearchPlace.allCases.first { $0.code == code } ?? .turn
        number = Int(row & (Self.numberLimit - 1))
    }

    var row: Int64 {
        meeting << Self.meetingShift + place.code << Self.placeShift + Int64(number)
    }
}
