import GRDB

/// The tables, and the rules that SQLite itself keeps, whatever a program tries.
///
/// Times are Unix seconds. A meeting's counters are kept by triggers, so they cannot disagree with the rows,
/// and nothing here has to read a whole meeting to know how long it is.
enum LedgerSchema {
    static func migrator() -> DatabaseMigrator {
        var migrator = DatabaseMigrator()
        migrator.registerMigration("1") { db in
            try db.execute(sql: tables)
            try db.execute(sql: rules)
        }
        // Windows may end with a topic, which programs that know version 1 alone cannot read.
        migrator.registerMigration("2") { db in
            try db.execute(sql: windowEnds)
        }
        // Captioners correct what they said before, and say the same again and again.
        migrator.registerMigration("3") { db in
            try db.execute(sql: corrections)
        }
        // A sender that numbers its lines may send them again.
        migrator.registerMigration("4") { db in
            try db.execute(sql: senders)
        }
        // The daemon dies of an input, or while a long file is recorded in parts.
        migrator.registerMigration("5") { db in
            try db.execute(sql: deathsAndParts)
        }
        // What was found in a window is found once, when its summary comes.
        migrator.registerMigration("6") { db in
            try db.execute(sql: findings)
        }
        // A sender breaks off while results of its recogniser are held back.
        migrator.registerMigration("7") { db in
            try db.execute(sql: heldResults)
        }
        // Whether a file was read right is seen from how it was read.
        migrator.registerMigration("8") { db in
            try db.execute(sql: readings)
        }
        // What was written in a meeting's chat was not said.
        migrator.registerMigration("9") { db in
            try db.execute(sql: chat)
        }
        // Meetings and people are forgotten on purpose, and a crash must not leave that half done.
        migrator.registerMigration("10") { db in
            try db.execute(sql: ErasureSchema.tables)
            try db.execute(sql: ErasureSchema.rules)
        }
        // A meeting goes on after a rule has judged it; a clock that is wrong makes everything old.
        migrator.registerMigration("11") { db in
            try db.execute(sql: ErasureSchema.judgements)
        }
        // People put right what minutes say: who spoke, and what is done. These only add tables: reading all rows of a large
        // ledger for keys that lead nowhere would only delay the start.
        migrator.registerMigration("12", foreignKeyChecks: .immediate) { db in
            try db.execute(sql: EditSchema.tables)
        }
        // What was said is looked for in all meetings.
        migrator.registerMigration("13", foreignKeyChecks: .immediate) { db in
            try db.execute(sql: SearchSchema.tables)
            try db.execute(sql: SearchSchema.triggers)
        }
        // Finished minutes are handed on to others, who may not be there.
        migrator.registerMigration("14") { db in
            try db.execute(sql: OutboxSchema.tables)
        }
        // Who was invited to a meeting, when and where, is known from calendars.
        migrator.registerMigration("15", foreignKeyChecks: .immediate) { db in
            try db.execute(sql: InvitationSchema.tables)
            try db.execute(sql: InvitationSchema.windowIndex)
        }
        // Minutes are made a second time, and the first are kept; a title that somebody gave is not overwritten.
        migrator.registerMigration("16", foreignKeyChecks: .immediate) { db in
            try db.execute(sql: RedoSchema.tables)
        }
        return migrator
    }

    /// Makes files be found by their content; in each ledger, since older versions do not mind it.
    static let contentIndex =
        "CREATE INDEX IF NOT EXISTS deliveryContent ON delivery (sha256) WHERE sha256 IS NOT NULL"

    /// How tables, indices and triggers are defined in `db`.
    ///
    /// How the tables below the index look is SQLite's own matter, which another version may see in another way.
    static func definitions(in db: Database) throws -> Set<String> {
        Set(
            try String.fetchAll(
                db,
                sql: """
                    SELECT sql FROM sqlite_schema WHERE sql IS NOT NULL AND substr(name, 1, 7) <> 'search_'
                    """))
    }

    /// Those of a new ledger, and of each that was brought up to date.
    static let definitions: Set<String> = {
        do {
            let database = try DatabaseQueue()
            try migrator().migrate(database)
            return try database.read(definitions(in:))
        } catch {
            preconditionFailure("the ledger's own definitions are broken: \(error)")
        }
    }()

    private static let tables = """
        CREATE TABLE meeting (
            id INTEGER PRIMARY KEY,
            name TEXT NOT NULL UNIQUE CHECK (name <> ''),
            -- What the deliveries call it; differs from name where a name was used again for a new meeting.
            calledName TEXT NOT NULL,
            title TEXT,
            createdAt REAL NOT NULL,
            changedAt REAL NOT NULL,
            startedAt REAL,
            endedAt REAL,
            state TEXT NOT NULL DEFAULT 'open' CHECK (state IN ('open', 'ended', 'finished')),
            utteranceCount INTEGER NOT NULL DEFAULT 0,
            wordCount INTEGER NOT NULL DEFAULT 0,
            lastTime REAL,
            chunksRestart INTEGER NOT NULL DEFAULT 0 CHECK (chunksRestart IN (0, 1)),
            windowCount INTEGER NOT NULL DEFAULT 0,
            windowedCount INTEGER NOT NULL DEFAULT 0 CHECK (windowedCount <= utteranceCount),
            CHECK ((state = 'open') = (endedAt IS NULL))
        ) STRICT;
        CREATE INDEX meetingCalled ON meeting (calledName, id);
        CREATE INDEX meetingAtWork ON meeting (id) WHERE state <> 'finished';

        CREATE TABLE delivery (
            id INTEGER PRIMARY KEY,
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            calledName TEXT NOT NULL,
            name TEXT NOT NULL,
            kind TEXT NOT NULL CHECK (kind IN ('file', 'socket')),
            chunkNumber INTEGER CHECK (chunkNumber >= 0),
            sha256 TEXT,
            byteCount INTEGER NOT NULL CHECK (byteCount >= 0),
            format TEXT NOT NULL,
            receivedAt REAL NOT NULL,
            endsMeeting INTEGER NOT NULL CHECK (endsMeeting IN (0, 1)),
            timeOffset REAL NOT NULL DEFAULT 0,
            -- A file is accepted as a whole; a connection is growing until it is closed.
            state TEXT NOT NULL CHECK (state IN ('accepted', 'growing', 'closed')),
            UNIQUE (calledName, name, sha256),
            UNIQUE (meeting, chunkNumber),
            CHECK ((kind = 'file') = (state = 'accepted')),
            CHECK (kind = 'socket' OR sha256 IS NOT NULL)
        ) STRICT;
        CREATE INDEX deliveryOfMeeting ON delivery (meeting, id);
        CREATE INDEX deliveryGrowing ON delivery (id) WHERE state = 'growing';

        CREATE TABLE utterance (
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            sequence INTEGER NOT NULL,
            delivery INTEGER NOT NULL REFERENCES delivery (id) ON DELETE CASCADE,
            speaker TEXT,
            start REAL,
            "end" REAL,
            text TEXT NOT NULL CHECK (text <> ''),
            sourceName TEXT NOT NULL,
            sourceLine INTEGER NOT NULL,
            wordCount INTEGER NOT NULL,
            -- Words of the meeting before this utterance, so that any range is counted by two look-ups.
            wordsBefore INTEGER NOT NULL,
            PRIMARY KEY (meeting, sequence)
        ) STRICT, WITHOUT ROWID;
        CREATE INDEX utteranceOfDelivery ON utterance (delivery, sequence);

        -- speaker is '' where the transcript names nobody.
        CREATE TABLE participant (
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            speaker TEXT NOT NULL,
            utteranceCount INTEGER NOT NULL,
            wordCount INTEGER NOT NULL,
            firstSequence INTEGER NOT NULL,
            PRIMARY KEY (meeting, speaker)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE window (
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            number INTEGER NOT NULL,
            firstUtterance INTEGER NOT NULL,
            endUtterance INTEGER NOT NULL,
            tokenCount INTEGER NOT NULL CHECK (tokenCount >= 0),
            closedBy TEXT NOT NULL,
            closedAt REAL NOT NULL,
            wordCount INTEGER NOT NULL,
            givenUp INTEGER NOT NULL DEFAULT 0 CHECK (givenUp IN (0, 1)),
            PRIMARY KEY (meeting, number),
            CHECK (firstUtterance < endUtterance)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE summary (
            meeting INTEGER NOT NULL,
            window INTEGER NOT NULL,
            text TEXT NOT NULL CHECK (text <> ''),
            model TEXT NOT NULL,
            promptTokens INTEGER NOT NULL,
            reusedTokens INTEGER NOT NULL,
            generatedTokens INTEGER NOT NULL,
            seconds REAL NOT NULL,
            committedAt REAL NOT NULL,
            PRIMARY KEY (meeting, window),
            FOREIGN KEY (meeting, window) REFERENCES window (meeting, number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        -- window is NULL where the summary of the whole failed.
        CREATE TABLE failure (
            id INTEGER PRIMARY KEY,
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            window INTEGER,
            reason TEXT NOT NULL,
            at REAL NOT NULL,
            FOREIGN KEY (meeting, window) REFERENCES window (meeting, number) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX failureOfWindow ON failure (meeting, window, id);

        CREATE TABLE overall (
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            revision INTEGER NOT NULL,
            -- NULL where there was nothing to summarise, or the model gave nothing; a note says which.
            text TEXT,
            model TEXT,
            tokens INTEGER,
            seconds REAL,
            utteranceCount INTEGER NOT NULL,
            committedAt REAL NOT NULL,
            PRIMARY KEY (meeting, revision)
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE note (
            id INTEGER PRIMARY KEY,
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            text TEXT NOT NULL CHECK (text <> ''),
            at REAL NOT NULL,
            UNIQUE (meeting, text)
        ) STRICT;
        """

    /// Utterances may be corrected as long as no window has them; every correction is kept.
    private static let corrections = """
        -- What the delivery calls the utterance, if it may still correct it.
        ALTER TABLE utterance ADD COLUMN sourceID TEXT;
        -- How often the same words came again at once.
        ALTER TABLE utterance ADD COLUMN repeatCount INTEGER NOT NULL DEFAULT 0 CHECK (repeatCount >= 0);
        CREATE INDEX utteranceSource ON utterance (delivery, sourceID, sequence) WHERE sourceID IS NOT NULL;
        CREATE INDEX utteranceRepeated ON utterance (meeting, sequence) WHERE repeatCount > 0;
        -- Corrections that changed an utterance: whoever has read the open ones has to read them again.
        ALTER TABLE meeting ADD COLUMN correctionCount INTEGER NOT NULL DEFAULT 0;

        CREATE TABLE correction (
            id INTEGER PRIMARY KEY,
            meeting INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            speakerBefore TEXT,
            textBefore TEXT NOT NULL,
            speaker TEXT,
            text TEXT NOT NULL CHECK (text <> ''),
            -- Whether it came in time to change the utterance: before a window had it.
            applied INTEGER NOT NULL CHECK (applied IN (0, 1)),
            at REAL NOT NULL,
            FOREIGN KEY (meeting, sequence) REFERENCES utterance (meeting, sequence) ON DELETE CASCADE
        ) STRICT;
        CREATE INDEX correctionOfMeeting ON correction (meeting, sequence, id);

        CREATE TRIGGER correctionCounted AFTER INSERT ON correction WHEN NEW.applied = 1
        BEGIN UPDATE meeting SET correctionCount = correctionCount + 1 WHERE id = NEW.meeting; END;

        CREATE TRIGGER correctionStays BEFORE UPDATE ON correction
        BEGIN SELECT RAISE(ABORT, 'a correction is never changed'); END;

        DROP TRIGGER utteranceStays;
        CREATE TRIGGER utteranceStays BEFORE UPDATE OF
            meeting, sequence, delivery, start, sourceName, sourceLine, sourceID ON utterance
        BEGIN SELECT RAISE(ABORT, 'an utterance keeps its place and its source'); END;

        CREATE TRIGGER utteranceOfWindowStays BEFORE UPDATE OF
            speaker, "end", text, wordCount, wordsBefore ON utterance
        WHEN OLD.sequence < (SELECT windowedCount FROM meeting WHERE id = OLD.meeting)
        BEGIN SELECT RAISE(ABORT, 'an utterance of a window is never changed'); END;

        CREATE TRIGGER utteranceCorrected AFTER UPDATE OF speaker, text, wordCount ON utterance
        BEGIN
            UPDATE utterance SET wordsBefore = wordsBefore + NEW.wordCount - OLD.wordCount
            WHERE meeting = NEW.meeting AND sequence > NEW.sequence AND NEW.wordCount <> OLD.wordCount;
            UPDATE meeting SET wordCount = wordCount + NEW.wordCount - OLD.wordCount WHERE id = NEW.meeting;
            UPDATE participant SET utteranceCount = utteranceCount - 1, wordCount = wordCount - OLD.wordCount
            WHERE meeting = OLD.meeting AND speaker = COALESCE(OLD.speaker, '');
            DELETE FROM participant WHERE meeting = OLD.meeting AND utteranceCount = 0;
            INSERT INTO participant (meeting, speaker, utteranceCount, wordCount, firstSequence)
            VALUES (NEW.meeting, COALESCE(NEW.speaker, ''), 1, NEW.wordCount, NEW.sequence)
            ON CONFLICT (meeting, speaker) DO UPDATE SET
                utteranceCount = utteranceCount + 1, wordCount = wordCount + excluded.wordCount,
                firstSequence = MIN(firstSequence, excluded.firstSequence);
        END;
        """

    /// How many lines of each sender are in the meeting: what comes again is known by its number.
    private static let senders = """
        CREATE TABLE sender (
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            name TEXT NOT NULL CHECK (name <> ''),
            lineCount INTEGER NOT NULL CHECK (lineCount >= 0),
            PRIMARY KEY (meeting, name)
        ) STRICT, WITHOUT ROWID;
        """

    /// What a sender's next connection has to know of its lines so far, and which connections were the sender's.
    private static let heldResults = """
        -- LineDecoder.savedState(), as JSON; NULL where it was recorded by a version that kept none.
        ALTER TABLE sender ADD COLUMN state TEXT;
        -- Whether results are in it that were said and are no utterances yet.
        ALTER TABLE sender ADD COLUMN holdsBack INTEGER NOT NULL DEFAULT 0 CHECK (holdsBack IN (0, 1));
        ALTER TABLE delivery ADD COLUMN sender TEXT;
        """

    /// What was found in windows, as JSON; windows of older ledgers have none until their minutes are written again.
    private static let findings = """
        -- NULL where it was recorded by a version that did not tell.
        ALTER TABLE utterance ADD COLUMN language TEXT;
        -- What was found in the summary of the whole, as JSON.
        ALTER TABLE overall ADD COLUMN findings TEXT;

        CREATE TABLE finding (
            meeting INTEGER NOT NULL,
            window INTEGER NOT NULL,
            findings TEXT NOT NULL CHECK (json_valid(findings)),
            PRIMARY KEY (meeting, window),
            FOREIGN KEY (meeting, window) REFERENCES window (meeting, number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;
        """

    /// What a process died of, by ``AtHand/Work/key``; and files of which only the first utterances are recorded.
    private static let deathsAndParts = """
        CREATE TABLE death (
            work TEXT PRIMARY KEY,
            count INTEGER NOT NULL CHECK (count > 0),
            at REAL NOT NULL
        ) STRICT, WITHOUT ROWID;

        CREATE TABLE partial (
            delivery INTEGER PRIMARY KEY REFERENCES delivery (id) ON DELETE CASCADE
        ) STRICT;
        """

    /// How files were read: ``TranscriptFacts`` as JSON.
    private static let readings = """
        CREATE TABLE reading (
            delivery INTEGER PRIMARY KEY REFERENCES delivery (id) ON DELETE CASCADE,
            facts TEXT NOT NULL
        ) STRICT;
        """

    private static let chat = """
        -- Whether it was written in the meeting's chat.
        ALTER TABLE utterance ADD COLUMN isWritten INTEGER NOT NULL DEFAULT 0 CHECK (isWritten IN (0, 1));
        """

    private static let windowEnds = """
        CREATE TRIGGER windowEndKnown BEFORE INSERT ON window
        WHEN NEW.closedBy NOT IN ('size', 'pause', 'topic', 'meetingEnd')
        BEGIN SELECT RAISE(ABORT, 'unknown end of a window'); END;
        """

    private static let rules = """
        CREATE TRIGGER utteranceFollows BEFORE INSERT ON utterance
        WHEN NEW.sequence <> (SELECT utteranceCount FROM meeting WHERE id = NEW.meeting)
            OR NEW.wordsBefore <> (SELECT wordCount FROM meeting WHERE id = NEW.meeting)
        BEGIN SELECT RAISE(ABORT, 'utterance sequence is not contiguous'); END;

        CREATE TRIGGER utteranceCounted AFTER INSERT ON utterance
        BEGIN
            UPDATE meeting SET utteranceCount = utteranceCount + 1, wordCount = wordCount + NEW.wordCount,
                lastTime = MAX(COALESCE(lastTime, 0), COALESCE(NEW."end", NEW.start, lastTime, 0))
            WHERE id = NEW.meeting;
            INSERT INTO participant (meeting, speaker, utteranceCount, wordCount, firstSequence)
            VALUES (NEW.meeting, COALESCE(NEW.speaker, ''), 1, NEW.wordCount, NEW.sequence)
            ON CONFLICT (meeting, speaker) DO UPDATE SET
                utteranceCount = utteranceCount + 1, wordCount = wordCount + excluded.wordCount;
        END;

        CREATE TRIGGER utteranceStays BEFORE UPDATE ON utterance
        BEGIN SELECT RAISE(ABORT, 'an utterance is never changed'); END;

        CREATE TRIGGER windowFollows BEFORE INSERT ON window
        WHEN NEW.number <> (SELECT windowCount FROM meeting WHERE id = NEW.meeting)
            OR NEW.firstUtterance <> (SELECT windowedCount FROM meeting WHERE id = NEW.meeting)
            OR NEW.endUtterance > (SELECT utteranceCount FROM meeting WHERE id = NEW.meeting)
        BEGIN SELECT RAISE(ABORT, 'window is not contiguous'); END;

        CREATE TRIGGER windowCounted AFTER INSERT ON window
        BEGIN
            UPDATE meeting SET windowCount = windowCount + 1, windowedCount = NEW.endUtterance
            WHERE id = NEW.meeting;
        END;

        CREATE TRIGGER windowStays BEFORE UPDATE OF
            meeting, number, firstUtterance, endUtterance, tokenCount, closedBy, wordCount ON window
        BEGIN SELECT RAISE(ABORT, 'a window is never changed'); END;

        CREATE TRIGGER summaryStays BEFORE UPDATE ON summary
        BEGIN SELECT RAISE(ABORT, 'a summary is never changed'); END;

        CREATE TRIGGER overallFollows BEFORE INSERT ON overall
        WHEN NEW.revision <> (SELECT COALESCE(MAX(revision), 0) + 1 FROM overall WHERE meeting = NEW.meeting)
        BEGIN SELECT RAISE(ABORT, 'revision is not contiguous'); END;
        """
}
