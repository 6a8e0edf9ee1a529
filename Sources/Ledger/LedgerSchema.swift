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
        return migrator
    }

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
