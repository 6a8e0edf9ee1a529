import Foundation
import GRDB
import Language
import Transcript

/// What is looked for.
package struct SearchRequest: Sendable, Hashable, Codable {
    /// Words that all have to stand in a turn, a summary or a title; `begin*` and `"words that stand together"` too.
    package var words: String
    /// Only in this meeting.
    package var meeting: MeetingID?
    /// Only what somebody of this name has said, be it that of the transcript or one that was given by hand; a part of
    /// the name will do.
    package var speaker: String?
    /// Only in meetings that began at this time or later (began to arrive, where nothing says when they began).
    package var since: Date?
    /// The most that are found.
    package var limit: Int

    /// Creates a request.
    package init(
        _ words: String, meeting: MeetingID? = nil, speaker: String? = nil, since: Date? = nil,
        limit: Int = 20
    ) {
        (self.words, self.meeting, self.speaker) = (words, meeting, speaker)
        (self.since, self.limit) = (since, limit)
    }
}

/// Something that was found.
package struct SearchHit: Sendable, Hashable, Codable {
    /// The meeting.
    package let meeting: MeetingID
    /// Its title, if it has one.
    package let title: String?
    /// When it began, or began to arrive.
    package let date: Date
    /// What it is.
    package let place: SearchPlace
    /// The number of the turn or the part in the meeting, counted from 0; 0 for others.
    package let number: Int
    /// Seconds from the meeting's start; nil where the transcript has no times.
    package let time: Double?
    /// Who said it, as people are shown it; nil if that is nobody.
    package let speaker: String?
    /// The text, or of a long one what stands around the first word.
    package let text: String
    /// How well it fits: a higher one is better.
    package let score: Double
    /// Its address on the meeting's page; nil where the folder of the minutes is not known.
    package var link: String?

    /// Where it is on the meeting's page: an address within the page, empty for the whole.
    package var anchor: String {
        switch place {
        case .turn: "#u\(number)"
        case .part: "#part-\(number + 1)"
        case .summary: "#summary"
        case .title: ""
        }
    }
}

/// What was found.
package struct SearchAnswer: Sendable, Hashable, Codable {
    /// The best first.
    package var hits: [SearchHit]
    /// Whether the words stand in so many places that only the latest ones were weighed.
    package var isPartial: Bool
    /// Meetings of an older ledger that cannot be searched yet.
    package var unsearchedMeetings: Int
}

extension Ledger {
    /// Places that are weighed, and places that are looked at for a filter, at most.
    private static let weighed = 500
    private static let looked = 200_000
    /// Words that are looked for at once, at most: each is looked up, and looked for in all that is weighed.
    private static let wordLimit = 100

    /// What stands in the ledger of what is looked for, only in meetings that `mayRead` allows; nil allows all.
    ///
    /// Throws `badSearch` if there is no word in it, or too many are, `unknownMeeting` if there is no such meeting, `damaged`
    /// if the index is (see ``emptySearchIndex()``).
    package func search(
        _ request: SearchRequest, mayRead: ((MeetingID) -> Bool)? = nil
    ) throws -> SearchAnswer {
        let terms = SearchTerm.terms(of: request.words)
        guard !terms.isEmpty else {
            throw LedgerError(
                .badSearch, "'\(request.words.prefix(80))' has no word that could be looked for")
        }
        let count = terms.reduce(SearchWord.read(request.speaker ?? "").count) { $0 + $1.forms.count }
        guard count <= Self.wordLimit else {
            throw LedgerError(
                .badSearch, "these are \(count) words, of which \(Self.wordLimit) can be looked for at once")
        }
        return try read { db in
            let unsearched = try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM searchUnfilled") ?? 0
            var answer = SearchAnswer(hits: [], isPartial: false, unsearchedMeetings: unsearched)
            let meetings = try Self.meetings(request, mayRead, db)
            let (found, isPartial) = try Self.entries(of: terms, request, meetings, db)
            answer.isPartial = isPartial
            var scored: [(score: Double, text: SearchText, place: Int)] = []
            for entry in found {
                guard let text = try SearchText(entry, db) else { continue }
                let words = SearchWord.read(text.text)
                guard let (score, place) = SearchScore.score(terms, words, entry.place) else { continue }
                scored.append((score, text, words[place].range.lowerBound))
            }
            // Of those that are as good the latest first, as they were found.
            let best = scored.enumerated().sorted {
                ($1.element.score, $0.offset) < ($0.element.score, $1.offset)
            }
            answer.hits = try best.prefix(max(0, request.limit)).compactMap {
                try Self.hit($0.element.text, $0.element.score, at: $0.element.place, db)
            }
            return answer
        }
    }

    /// Empties the index for searching, so that ``fillSearchIndex()`` fills it anew.
    package func emptySearchIndex() throws { try writeQuietly(SearchIndex.empty) }

    /// Brings a few more rows of an older ledger into the index; false if there is nothing left to do.
    package func fillSearchIndex() throws -> Bool { try writeQuietly(SearchIndex.fill) }

    /// Sizes in bytes of what was said and of the index for it.
    package func searchSizes() throws -> (text: Int, index: Int) {
        try read { db in
            let text = try Int.fetchOne(db, sql: "SELECT SUM(LENGTH(CAST(text AS BLOB))) FROM utterance")
            let index = try Int.fetchOne(
                db,
                sql: """
                    SELECT (SELECT SUM(LENGTH(block) + 8) FROM search_data)
                        + (SELECT SUM(LENGTH(CAST(term AS BLOB)) + 16) FROM search_idx)
                    """)
            return (text ?? 0, index ?? 0)
        }
    }

    /// The meetings that are searched; nil for all.
    private static func meetings(
        _ request: SearchRequest, _ mayRead: ((MeetingID) -> Bool)?, _ db: Database
    ) throws -> Set<Int64>? {
        var conditions: [String] = []
        var arguments: [DatabaseValue] = []
        if let meeting = request.meeting {
            conditions.append("id = ?")
            arguments.append(try MeetingRow.require(meeting, db).key.databaseValue)
        }
        if let since = request.since {
            conditions.append("COALESCE(startedAt, createdAt) >= ?")
            arguments.append(since.timeIntervalSince1970.databaseValue)
        }
        guard !conditions.isEmpty || mayRead != nil else { return nil }
        let wanted = conditions.isEmpty ? "TRUE" : conditions.joined(separator: " AND ")
        return Set(
            try Row.fetchAll(
                db, sql: "SELECT id, name FROM meeting WHERE \(wanted)",
                arguments: StatementArguments(arguments)
            ).compactMap { row in
                if let mayRead, try !mayRead(MeetingID(row["name"])) { return nil }
                return row["id"] as Int64
            })
    }

    /// Places where all the words stand, the latest first, and whether there may be more.
    private static func entries(
        of terms: [SearchTerm], _ request: SearchRequest, _ meetings: Set<Int64>?, _ db: Database
    ) throws -> ([SearchEntry], isPartial: Bool) {
        let wanted = terms.flatMap { term in
            term.forms.enumerated().map { index, form in
                "\"\(form)\"" + (term.isPrefix && index == term.forms.count - 1 ? "*" : "")
            }
        }
        let forms = request.speaker.map(SearchText.forms(ofSpeaker:))
        if let speaker = request.speaker, forms?.isEmpty == true {
            throw LedgerError(.badSearch, "'\(speaker.prefix(80))' is no name")
        }
        guard meetings?.isEmpty != true else { return ([], false) }
        var (found, looked): ([SearchEntry], Int) = ([], 0)
        /// Finds `words` in a range of meetings; false if there may be more.
        func find(
            _ words: [String], in range: ClosedRange<Int64>, where isWanted: (SearchEntry) throws -> Bool
        ) throws -> Bool {
            var count = 0
            let rows = try Int64.fetchCursor(
                db,
                sql: """
                    SELECT rowid FROM search WHERE search MATCH ? AND rowid >= ? AND rowid < ? ORDER BY rowid DESC
                    """,
                arguments: [
                    words.joined(separator: " AND "), SearchEntry(range.lowerBound, .turn, 0).row,
                    SearchEntry(range.upperBound + 1, .turn, 0).row,
                ])
            while let row = try rows.next() {
                looked += 1
                let entry = SearchEntry(row: row)
                if try isWanted(entry) {
                    found.append(entry)
                    count += 1
                }
                if count == weighed || looked >= Self.looked { return false }
            }
            return true
        }
        let all = (meetings?.min() ?? 0)...(meetings?.max() ?? Int64(Int32.max))
        let speaker = (forms ?? []).map { "\"\($0)\"" }
        var isComplete = try find(wanted + speaker, in: all) { meetings?.contains($0.meeting) ?? true }
        guard let forms else { return (found, !isComplete) }
        // The index has no names that were given by hand, so where one of them fits each place is looked at.
        let given = try givenNames(with: forms, meetings, db)
        let few = given.count <= 64
        let ranges = few ? given.keys.map { $0...$0 } : [all]
        looked = 0
        for range in ranges.sorted(by: { $0.lowerBound > $1.lowerBound }) where looked < Self.looked {
            let hasAll = try find(wanted, in: range) { entry in
                guard entry.place == .turn, let names = given[entry.meeting],
                    let name = try givenName(ofTurn: entry.number, in: entry.meeting, db)
                else { return false }
                return names.contains(name)
            }
            isComplete = isComplete && hasAll
        }
        let latest = Set(found).sorted { $0.row > $1.row }
        return (Array(latest.prefix(weighed)), !isComplete || latest.count > weighed)
    }

    /// Names with all of `forms` that people gave to speakers, by meeting.
    private static func givenNames(
        with forms: [String], _ meetings: Set<Int64>?, _ db: Database
    ) throws -> [Int64: Set<String>] {
        var given: [Int64: Set<String>] = [:]
        var isWanted: [String: Bool] = [:]
        let rows = try Row.fetchCursor(
            db, sql: "SELECT meeting, name FROM renaming UNION SELECT meeting, name FROM turnRenaming")
        while let row = try rows.next() {
            let (meeting, name): (Int64, String) = (row[0], row[1])
            guard meetings?.contains(meeting) ?? true else { continue }
            let fits = isWanted[name] ?? Set(forms).isSubset(of: SearchText.forms(ofSpeaker: name))
            isWanted[name] = fits
            if fits { given[meeting, default: []].insert(name) }
        }
        return given
    }

    private static func hit(
        _ text: SearchText, _ score: Double, at place: Int, _ db: Database
    ) throws -> SearchHit? {
        let entry = text.entry
        guard
            let meeting = try Row.fetchOne(
                db,
                sql: """
                    SELECT name, title, COALESCE(startedAt, createdAt) AS date,
                        (SELECT MAX(revision) FROM overall WHERE overall.meeting = meeting.id) AS revision
                    FROM meeting WHERE id = ?
                    """, arguments: [entry.meeting])
        else { return nil }
        // The page shows the last summary of the whole.
        if entry.place == .summary, meeting["revision"] != entry.number { return nil }
        let isNumbered = entry.place == .turn || entry.place == .part
        var speaker = text.speaker
        if entry.place == .turn, let given = try givenName(ofTurn: entry.number, in: entry.meeting, db) {
            speaker = given
        }
        return SearchHit(
            meeting: try MeetingID(meeting["name"]), title: meeting["title"], date: date(meeting["date"]),
            place: entry.place, number: isNumbered ? entry.number : 0, time: text.time,
            speaker: speaker, text: SearchScore.passage(of: text.text, around: place), score: score)
    }
}

/// How well a text fits to what is looked for.
enum SearchScore {
    /// The score, and the place of the first word in `words`; nil if the words are there, but not as they should stand.
    static func score(
        _ terms: [SearchTerm], _ words: [SearchWord], _ place: SearchPlace
    ) -> (score: Double, place: Int)? {
        let places = terms.map { $0.places(in: words) }
        guard let first = places.compactMap(\.first).min(), places.allSatisfy({ !$0.isEmpty }) else {
            return nil
        }
        // As of BM25, whose rareness is the same for all places that have all of the words.
        let length = 0.4 + 0.6 * Double(words.count) / Double(place == .turn ? 15 : 60)
        let frequency =
            places.reduce(0.0) { $0 + Double($1.count) * 2.2 / (Double($1.count) + 1.2 * length) }
            / Double(terms.count)
        let nearness = terms.count > 1 ? Double(terms.count) / Double(span(places)) : 0
        let weight =
            switch place {
            case .turn: 1.0
            case .part: 1.2
            case .summary: 1.3
            case .title: 1.5
            }
        return ((frequency + nearness) * weight, first)
    }

    /// The length in words of the shortest stretch that has a place of each.
    private static func span(_ places: [[Int]]) -> Int {
        let sorted = places.enumerated().flatMap { term, places in places.map { (place: $0, term: term) } }
            .sorted { $0.place < $1.place }
        var counts = [Int](repeating: 0, count: places.count)
        var (missing, start, shortest) = (places.count, 0, Int.max)
        for (place, term) in sorted {
            if counts[term] == 0 { missing -= 1 }
            counts[term] += 1
            while missing == 0 {
                shortest = min(shortest, place - sorted[start].place + 1)
                counts[sorted[start].term] -= 1
                if counts[sorted[start].term] == 0 { missing += 1 }
                start += 1
            }
        }
        return shortest
    }

    /// A long text from some words before the byte `place` on.
    static func passage(of text: String, around place: Int) -> String {
        let (limit, before) = (280, 60)
        guard text.utf8.count > limit, place > before * 2 else {
            return text.shortened(toCharacters: limit, bytes: 4 * limit)
        }
        let at = text.utf8.index(text.utf8.startIndex, offsetBy: place)
        var start = at
        for _ in 0..<before {
            guard start > text.startIndex else { break }
            start = text.index(before: start)
        }
        if start > text.startIndex, let blank = text[start..<at].firstIndex(of: " ") {
            start = text.index(after: blank)
        }
        let rest = String(text[start...]).shortened(toCharacters: limit, bytes: 4 * limit)
        return start > text.startIndex ? "… " + rest : rest
    }
}
