/// The tables of what is erased on purpose, and the rules of ``LedgerSchema`` that give way to it.
enum ErasureSchema {
    /// What was erased, or is being erased: when, by whom and why, and nothing of what was said.
    static let tables = """
        CREATE TABLE erasure (
            id INTEGER PRIMARY KEY,
            kind TEXT NOT NULL CHECK (kind IN ('meeting', 'transcript', 'person')),
            -- Names of a person that are still to be replaced, as a JSON list; NULL once they are.
            names TEXT,
            askedAt REAL NOT NULL,
            askedBy TEXT NOT NULL,
            reason TEXT NOT NULL,
            -- 'asked': rows are still to be erased; 'erased': pages and files may still have copies of them.
            state TEXT NOT NULL DEFAULT 'asked' CHECK (state IN ('asked', 'erased', 'done')),
            doneAt REAL,
            utteranceCount INTEGER NOT NULL DEFAULT 0,
            fileCount INTEGER NOT NULL DEFAULT 0,
            -- The highest number that a delivery had then: a connection that is still open must not find another
            -- delivery under its own one's number.
            lastDelivery INTEGER NOT NULL DEFAULT 0,
            CHECK ((state = 'done') = (doneAt IS NOT NULL)),
            CHECK (names IS NULL OR kind = 'person' AND state = 'asked')
        ) STRICT;
        CREATE INDEX erasurePending ON erasure (id) WHERE state <> 'done';
        CREATE INDEX erasureDelivery ON erasure (lastDelivery);

        -- The meetings that an erasure is about; the row of one that is erased is gone.
        CREATE TABLE erasureMeeting (
            erasure INTEGER NOT NULL REFERENCES erasure (id) ON DELETE CASCADE,
            meeting INTEGER NOT NULL,
            name TEXT NOT NULL,
            PRIMARY KEY (erasure, meeting)
        ) STRICT, WITHOUT ROWID;

        -- Senders of meetings that were forgotten, by a hash of both names: one that goes on by itself would bring a
        -- meeting back.
        CREATE TABLE forgottenSender (
            hash INTEGER PRIMARY KEY
        ) STRICT;

        -- When what was said in a meeting was erased, and its minutes kept.
        ALTER TABLE meeting ADD COLUMN transcriptErasedAt REAL;
        """

    /// What a rule has seen of a meeting, and when the rules were followed last.
    static let judgements = """
        -- State, end and utterances of the meeting when a rule asked for it; NULL where a person asked.
        ALTER TABLE erasure ADD COLUMN judged TEXT;

        CREATE TABLE swept (
            id INTEGER PRIMARY KEY CHECK (id = 1),
            at REAL NOT NULL
        ) STRICT;
        """

    /// What is never changed is changed by an erasure that is under way, and by nothing else.
    static let rules = """
        DROP TRIGGER correctionStays;
        CREATE TRIGGER correctionStays BEFORE UPDATE ON correction WHEN \(nothingErased)
        BEGIN SELECT RAISE(ABORT, 'a correction is never changed'); END;

        DROP TRIGGER utteranceOfWindowStays;
        CREATE TRIGGER utteranceOfWindowStays BEFORE UPDATE OF
            speaker, "end", text, wordCount, wordsBefore ON utterance
        WHEN OLD.sequence < (SELECT windowedCount FROM meeting WHERE id = OLD.meeting) AND \(nothingErased)
        BEGIN SELECT RAISE(ABORT, 'an utterance of a window is never changed'); END;

        DROP TRIGGER summaryStays;
        CREATE TRIGGER summaryStays BEFORE UPDATE ON summary WHEN \(nothingErased)
        BEGIN SELECT RAISE(ABORT, 'a summary is never changed'); END;
        """

    private static let nothingErased =
        "NOT EXISTS (SELECT 1 FROM erasure WHERE state <> 'done' AND kind <> 'meeting')"
}
