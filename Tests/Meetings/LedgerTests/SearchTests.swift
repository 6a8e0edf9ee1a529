import Foundation
import GRDB
import Language
import Summaries
import TestSupport
import Testing
import Transcript

@testable import Ledger

/// Finding what was said and written, and an index that has exactly that.
@Suite final class SearchTests {
    private let home: TemporaryLedger
    private var ledger: Ledger { home.ledger }

    init() throws { home = try TemporaryLedger() }

    private func said(_ texts: [(String, String)], times: Bool = true) -> [Utterance] {
        texts.enumerated().map { number, said in
            Utterance(
                speaker: said.0.isEmpty ? nil : said.0, start: times ? Double(number * 10) : nil,
                text: said.1, source: SourcePosition(name: "test", line: number + 1))
        }
    }

    @discardableResult
    private func bring(_ name: String, _ texts: [(String, String)], ends: Bool = true) throws -> MeetingID {
        _ = try ledger.accept(file(name, said(texts), ends: ends))
        return try MeetingID(name)
    }

    private func find(_ words: String, speaker: String? = nil, meeting: MeetingID? = nil) throws -> [String] {
        try ledger.search(SearchRequest(words, meeting: meeting, speaker: speaker)).hits.map {
            "\($0.meeting)\($0.anchor)"
        }
    }

    /// The index has each word of each row, and nothing else.
    private func expectInStep(_ comment: Comment? = nil, at location: SourceLocation = #_sourceLocation)
        throws
    {
        let (indexed, expected) = try ledger.writeQuietly { db -> (Set<String>, Set<String>) in
            try db.execute(
                sql:
                    "CREATE VIRTUAL TABLE IF NOT EXISTS temp.vocabulary USING fts5vocab(main, search, instance)"
            )
            let indexed = Set(try String.fetchAll(db, sql: "SELECT doc || ' ' || term FROM temp.vocabulary"))
            try db.execute(sql: "DROP TABLE temp.vocabulary")
            var entries = try Row.fetchAll(db, sql: "SELECT meeting, sequence FROM utterance").map {
                SearchEntry($0[0], .turn, $0[1])
            }
            entries += try Row.fetchAll(db, sql: "SELECT meeting, window FROM summary").map {
                SearchEntry($0[0], .part, $0[1])
            }
            entries += try Row.fetchAll(db, sql: "SELECT meeting, revision FROM overall").map {
                SearchEntry($0[0], .summary, $0[1])
            }
            entries += try Int64.fetchAll(db, sql: "SELECT id FROM meeting").map {
                SearchEntry($0, .title, 0)
            }
            var expected: Set<String> = []
            for text in try entries.compactMap({ try SearchText($0, db) }) {
                let words = SearchWord.read(text.text).map(\.form)
                let speaker = words.isEmpty ? [] : SearchText.forms(ofSpeaker: text.speaker ?? "")
                expected.formUnion((words + speaker).map { "\(text.entry.row) \($0)" })
            }
            #expect(try Int.fetchOne(db, sql: "SELECT COUNT(*) FROM searchChange") == 0)
            return (indexed, expected)
        }
        #expect(indexed == expected, comment, sourceLocation: location)
    }

    @Test func turnsSummariesAndTitlesAreFound() throws {
        var delivery = try file(
            "board",
            said([
                ("Ada Okafor", "The budget for the hospital is too small."), ("Ben", "Which budget?"),
                ("Ada Okafor", "That of the new wing."),
            ]), ends: true)
        delivery.title = "Budget of the wing"
        _ = try ledger.accept(delivery)
        let board = try MeetingID("board")
        try ledger.record(window(0, 0..<3), of: board)
        try ledger.commit(
            WindowSummary(
                window: 0, text: "They doubt the budget.", model: "m", promptTokens: 1, reusedTokens: 0,
                generatedTokens: 1, seconds: 1), of: board)
        try ledger.finish(
            board,
            overall: MeetingSummary(text: "A budget that is doubted.", model: "m", tokens: 1, seconds: 1))
        #expect(
            try Set(find("BÚDGET")) == ["board", "board#u0", "board#u1", "board#part-1", "board#summary"])
        #expect(try find("budget hospital") == ["board#u0"])
        #expect(try find("budget", speaker: "ada") == ["board#u0"])
        #expect(try find("\"new wing\"") == ["board#u2"] && find("\"wing new\"").isEmpty)
        #expect(try find("hosp*") == ["board#u0"] && find("hosp").isEmpty)
        let hit = try #require(try ledger.search(SearchRequest("wing new")).hits.first)
        #expect(hit.time == 20 && hit.speaker == "Ada Okafor" && hit.title == "Budget of the wing")
        #expect(hit.text == "That of the new wing." && hit.place == .turn && hit.number == 2)
        let part = try #require(try ledger.search(SearchRequest("doubt they")).hits.first)
        #expect(part.time == 0 && part.speaker == nil && part.number == 0)
        // A later summary of the whole takes the place of the earlier one.
        _ = try ledger.accept(file("board", chunk: 1, utterances(1), ends: true))
        try expectInStep()
    }

    @Test func theBestComesFirst() throws {
        try bring("a", [("Ada", "release " + String(repeating: "and so on ", count: 60))])
        try bring("b", [("Ada", "the date is fixed, and nobody minds that the release is late")])
        try bring("c", [("Ada", "the release date")])
        #expect(try find("release date") == ["c#u0", "b#u0"])
        #expect(try find("release") == ["c#u0", "b#u0", "a#u0"])
        #expect(try ledger.search(SearchRequest("release", limit: 1)).hits.count == 1)
        // Of equals the latest.
        try bring("d", [("Ada", "the release date")])
        #expect(try find("release date").prefix(2) == ["d#u0", "c#u0"])
    }

    @Test func meetingsAndTimesNarrowIt() throws {
        let (first, second) = (try bring("one", [("Ada", "a word")]), try bring("two", [("Ada", "a word")]))
        #expect(try find("word", meeting: first) == ["one#u0"] && find("word", meeting: second) == ["two#u0"])
        #expect(refusal { _ = try find("word", meeting: try MeetingID("none")) } == .unknownMeeting)
        #expect(refusal { _ = try find("…") } == .badSearch)
        #expect(refusal { _ = try find("word", speaker: "!") } == .badSearch)
        let many = String(repeating: "word ", count: 100)
        #expect(try find(many).count == 2)
        #expect(refusal { _ = try find(many + "word") } == .badSearch)
        // What FTS5 would take for its own language are words here, and signs that are in none.
        for words in ["word OR nothing", "NEAR(word", "words:word", "{words}: ^word", "word AND NOT\u{0}\""] {
            #expect(try find(words).isEmpty, "\(words)")
        }
        #expect(try find("§word").count == 2 && find(String(repeating: "w", count: 40_000)).isEmpty)
        func since(_ date: Date) throws -> Int {
            try ledger.search(SearchRequest("word", since: date)).hits.count
        }
        #expect(try since(epoch) == 2 && since(epoch.addingTimeInterval(1)) == 0)
        let seen = try ledger.search(SearchRequest("word")) { $0 == second }
        #expect(seen.hits.map(\.meeting) == [second])
        #expect(try ledger.search(SearchRequest("word")) { _ in false }.hits.isEmpty)
    }

    /// What is shown and looked for is the name that people gave; that of the transcript finds it too.
    @Test func givenNamesAreFoundAndShown() throws {
        let board = try bring(
            "board", ["Speaker 1", "Speaker 2", "Speaker 1", ""].map { ($0, "a word") })
        let next = try bring("next", [("Speaker 1", "a word"), ("Ada Lind", "a word")])
        #expect(try find("word", speaker: "okafor").isEmpty)
        _ = try ledger.renameSpeakers("Speaker 1", to: "Ada Okafor", in: board)
        _ = try ledger.renameSpeakers("Speaker 2", to: "Ada Okafor", in: board, turns: [1])
        _ = try ledger.renameSpeakers("Ada Okafor", to: "Marta", in: board, turns: [2])
        _ = try ledger.renameSpeakers("Ada Lind", to: "Ben", in: next)
        #expect(try Set(find("word", speaker: "OKAFOR")) == ["board#u0", "board#u1"])
        #expect(try Set(find("word", speaker: "ada")) == ["board#u0", "board#u1", "next#u1"])
        #expect(try find("word", speaker: "okafor", meeting: next).isEmpty)
        #expect(try find("word", speaker: "marta") == ["board#u2"])
        #expect(try Set(find("word", speaker: "speaker 1")) == ["board#u0", "board#u2", "next#u0"])
        #expect(try find("other", speaker: "okafor").isEmpty)
        #expect(try ledger.search(SearchRequest("word", speaker: "okafor")) { $0 == next }.hits.isEmpty)
        func speakers(_ name: String) throws -> [String?] {
            try ledger.search(SearchRequest("word", speaker: name)).hits.map(\.speaker)
        }
        #expect(try speakers("okafor") == ["Ada Okafor", "Ada Okafor"] && speakers("lind") == ["Ben"])
        // Back to what the transcript says.
        _ = try ledger.renameSpeakers("Ada Okafor", to: "Speaker 1", in: board)
        #expect(try find("word", speaker: "okafor").isEmpty)
        // Those whom the transcript does not name.
        _ = try ledger.renameSpeakers("", to: "Ada Okafor", in: board)
        #expect(try find("word", speaker: "okafor") == ["board#u3"])
        try expectInStep()
    }

    /// A word in so many places that not all can be weighed.
    @Test func whatIsEverywhereIsFoundLately() throws {
        _ = try ledger.accept(file("old", utterances(600)))
        let answer = try ledger.search(SearchRequest("word"))
        #expect(answer.isPartial && answer.hits.count == 20)
        #expect(answer.hits.allSatisfy { $0.number >= 100 })
        #expect(try !ledger.search(SearchRequest("17")).isPartial)
    }

    @Test func scriptsWithoutBlanksAreFound() throws {
        try bring("tokyo", [("田中", "明日の株主会議室で話します。"), ("佐藤", "分かりました。")])
        #expect(try find("会議") == ["tokyo#u0"] && find("話") == ["tokyo#u0"] && find("会話").isEmpty)
        #expect(try find("明日", speaker: "田中") == ["tokyo#u0"] && find("明日", speaker: "佐藤").isEmpty)
    }

    @Test func whatTheIndexHasIsWhatTheRowsHave() throws {
        let standup = try MeetingID("standup")
        guard case .accepted(let id, _, _) = try ledger.accept(connection("standup", [])) else { return }
        func line(_ text: String, id: String? = nil) -> Utterance {
            Utterance(
                speaker: "Ada Okafor", start: 1, text: text, source: SourcePosition(name: "s", line: 1),
                id: id)
        }
        _ = try ledger.append([line("first draft", id: "a"), line("second", id: "b")], byteCount: 1, to: id)
        try expectInStep("appended")
        // Twice in one transaction.
        _ = try ledger.amend(
            [.revision(line("final wording", id: "a")), .revision(line("last wording", id: "a"))],
            byteCount: 1,
            of: id)
        try expectInStep("corrected")
        #expect(try find("draft").isEmpty && find("final").isEmpty && find("last") == ["standup#u0"])
        try ledger.record(window(0, 0..<2), of: standup)
        try ledger.commit(summary(0), of: standup)
        // Too late: the words stay.
        _ = try ledger.amend([.revision(line("other", id: "b"))], byteCount: 1, of: id)
        #expect(try find("second") == ["standup#u1"] && find("other").isEmpty)
        try bring("other", [("Ben", "Ada Okafor said so")])
        let person = try ledger.askErasure(ofPerson: ["Ada Okafor"], by: "x", reason: "x")
        for meeting in try ledger.meetingsNaming(["Ada Okafor"]) {
            _ = try ledger.replacePerson(["Ada Okafor"], in: meeting, of: person) { _, _ in "Person 1" }
        }
        try ledger.finishReplacing(person)
        try expectInStep("a person is replaced")
        #expect(try find("okafor").isEmpty && find("second", speaker: "okafor").isEmpty)
        #expect(
            try find("person said") == ["other#u0"] && find("second", speaker: "person") == ["standup#u1"])
        let words = try ledger.askErasure(of: standup, .transcript, by: "x", reason: "x")
        try ledger.eraseTranscript(words, files: 0)
        try expectInStep("what was said is erased")
        #expect(try find("second").isEmpty && find("summary 0") == ["standup#part-1"])
        let whole = try ledger.askErasure(of: standup, .meeting, by: "x", reason: "x")
        try ledger.eraseMeeting(whole, files: 0)
        try ledger.rewrite()
        try expectInStep("the meeting is erased")
        #expect(try find("summary").isEmpty && ledger.findings().isEmpty)
        try home.reopen()
    }

    /// A change that is taken back leaves the index as it was.
    @Test func aTransactionThatFailsChangesNothing() throws {
        try bring("kept", [("Ada", "a word")])
        struct Failure: Error {}
        #expect(throws: Failure.self) {
            try ledger.writeQuietly { db in
                try db.execute(sql: "DELETE FROM meeting")
                throw Failure()
            }
        }
        try expectInStep()
        #expect(try find("word") == ["kept#u0"])
    }

    /// Whatever has changed the rows: the next transaction finds it.
    @Test func aChangeByAnotherProgramIsTakenUp() throws {
        let kept = try bring("kept", [("Ada", "a word")])
        try ledger.record(window(0, 0..<1), of: kept)
        try ledger.commit(summary(0), of: kept)
        try DatabaseQueue(path: home.path).write { try $0.execute(sql: "DELETE FROM summary") }
        _ = try bring("next", [("Ada", "another")])
        try expectInStep()
        #expect(try find("summary").isEmpty)
    }

    // MARK: - Older ledgers

    private func older(_ count: Int) throws -> Ledger {
        let path = try home.older(
            "11",
            """
            INSERT INTO meeting (name, calledName, title, createdAt, changedAt) VALUES
                ('old', 'old', 'An old title', 1, 1), ('older', 'older', NULL, 1, 1);
            INSERT INTO delivery (id, meeting, calledName, name, kind, sha256, byteCount, format, receivedAt,
                endsMeeting, state) VALUES (1, 1, 'old', 'old.vtt', 'file', 'x', 1, 'vtt', 1, 0, 'accepted');
            WITH RECURSIVE number(n) AS (SELECT 0 UNION ALL SELECT n + 1 FROM number WHERE n < \(count - 1))
            INSERT INTO utterance (meeting, sequence, delivery, speaker, text, sourceName, sourceLine, wordCount,
                wordsBefore, repeatCount, isWritten)
            SELECT 1, n, 1, 'Ada', 'old words ' || n, 'x', n, 3, 3 * n, 0, 0 FROM number;
            """)
        return try Ledger(path: path)
    }

    @Test func anOlderLedgerIsFilledStepByStep() throws {
        let count = SearchIndex.stepLimit + 500
        let ledger = try older(count)
        func found(_ words: String) throws -> Int { try ledger.search(SearchRequest(words)).hits.count }
        #expect(try ledger.search(SearchRequest("old")).unsearchedMeetings == 2)
        #expect(try found("title") == 0)
        var steps = 0
        while try ledger.fillSearchIndex() {
            steps += 1
            if steps == 2 {
                // In the middle of it: what is there is found, and what comes waits for its turn.
                #expect(try found("17") == 1 && found("\(count - 1)") == 0)
                guard case .accepted(let id, _, _) = try ledger.accept(connection("old", [])) else { return }
                _ = try ledger.append(utterances(1), byteCount: 1, to: id)
            }
        }
        #expect(steps == 3)
        #expect(try found("17") == 1 && found("\(count - 1)") == 1 && found("word 0") == 1)
        #expect(try found("old title") == 1)
        #expect(try ledger.search(SearchRequest("old")).unsearchedMeetings == 0)
        #expect(try !ledger.fillSearchIndex())
    }

    @Test func aMeetingIsForgottenBeforeItIsFilled() throws {
        let ledger = try older(SearchIndex.stepLimit + 10)
        for _ in 0..<2 { #expect(try ledger.fillSearchIndex()) }
        let id = try ledger.askErasure(of: MeetingID("old"), .meeting, by: "x", reason: "x")
        try ledger.eraseMeeting(id, files: 0)
        #expect(try !ledger.fillSearchIndex())
        #expect(try ledger.search(SearchRequest("17")).hits.isEmpty)
        #expect(try ledger.search(SearchRequest("17")).unsearchedMeetings == 0)
        _ = try ledger.accept(file("new", utterances(3)))
        #expect(try ledger.search(SearchRequest("word")).hits.count == 3)
        try ledger.rewrite()
        try ledger.checkIntegrity()
    }

    /// Another version of ICU may cut words in another way.
    @Test func otherRulesFillItAnew() throws {
        try bring("kept", [("Ada", "a word")])
        try ledger.writeQuietly { try $0.execute(sql: "UPDATE searchRules SET rules = 'others'") }
        try home.reopen()
        #expect(try ledger.search(SearchRequest("word")).unsearchedMeetings == 1)
        while try ledger.fillSearchIndex() {}
        #expect(try find("word") == ["kept#u0"])
        try expectInStep()
    }

    /// It is made of what is recorded, which goes on being recorded.
    @Test(arguments: [
        "UPDATE search_data SET block = x'ffffffffffff' WHERE id = 10",
        "DELETE FROM search_data WHERE id = 10",
    ])
    func aDamagedIndexIsFilledAnew(_ damage: String) throws {
        try bring("kept", [("Ada", "a word")])
        for isFoundByReading in [true, false] {
            try DatabaseQueue(path: home.path).write { try $0.execute(sql: damage) }
            try home.reopen()
            if isFoundByReading {
                #expect(refusal { _ = try find("word") } == .damaged)
                try ledger.emptySearchIndex()
            } else {
                try bring("next", [("Ada", "another word")])
            }
            #expect(try ledger.search(SearchRequest("word")).unsearchedMeetings == (isFoundByReading ? 1 : 2))
            while try ledger.fillSearchIndex() {}
            #expect(try find("word").contains("kept#u0"))
            try expectInStep()
        }
    }

    /// SQLite looks at the index too from version 3.44 on, when it looks at the file: the rows are sound.
    @Test func aDamagedIndexIsNoDamageOfTheLedger() throws {
        try bring("kept", [("Ada", "a word")])
        try DatabaseQueue(path: home.path).write {
            try $0.execute(sql: "UPDATE search_data SET block = x'ffffffffffff' WHERE id = 10")
        }
        try home.reopen()
        try ledger.checkIntegrity()
        #expect(try ledger.meeting(MeetingID("kept"))?.utteranceCount == 1)
        for form in ["malformed inverted index for FTS5 table main.search", "row 1 missing from index x"] {
            #expect(Ledger.isOfSearchIndex(form) == form.hasPrefix("malformed"))
        }
    }

    /// Beside a process that writes, and where none is.
    @Test func itIsReadBesideAWriter() throws {
        let other = try Ledger(path: home.path, access: .readOnly)
        try bring("kept", [("Ada", "a word")])
        #expect(try other.search(SearchRequest("word")).hits.count == 1)
    }

    @Test func aLongTextIsShownAroundTheWord() throws {
        let text = String(repeating: "früher war alles besser ", count: 40) + "Zielwort " + "und so weiter "
        try bring("long", [("Ada", text)])
        let hit = try #require(try ledger.search(SearchRequest("zielwort")).hits.first)
        #expect(hit.text.contains("Zielwort und so weiter") && hit.text.count < 300)
        #expect(hit.text.hasPrefix("… "))
    }
}
