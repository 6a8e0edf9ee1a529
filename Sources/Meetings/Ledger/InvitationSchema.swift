/// The tables of what is known of meetings besides their transcripts.
enum InvitationSchema {
    /// For those who watch over the daemon and ask again and again: windows that were given up are few.
    static let windowIndex = "CREATE INDEX windowGivenUp ON window (meeting, number) WHERE givenUp = 1"

    static let tables = """
        -- When and where a meeting was to be. Times are Unix seconds; one without a time of day has a day (YYYY-MM-DD).
        CREATE TABLE appointment (
            meeting INTEGER PRIMARY KEY REFERENCES meeting (id) ON DELETE CASCADE,
            start REAL,
            "end" REAL,
            day TEXT,
            place TEXT,
            CHECK (day IS NULL OR start IS NULL)
        ) STRICT;

        -- Who was invited, in the order of the invitation; the name is the address where nobody is named.
        CREATE TABLE invited (
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            position INTEGER NOT NULL CHECK (position >= 0),
            name TEXT NOT NULL CHECK (name <> ''),
            address TEXT,
            hasDeclined INTEGER NOT NULL DEFAULT 0 CHECK (hasDeclined IN (0, 1)),
            PRIMARY KEY (meeting, position)
        ) STRICT, WITHOUT ROWID;

        -- An address tells the name, so it goes with it.
        CREATE TRIGGER invitedRenamed AFTER UPDATE OF name ON invited
        WHEN NEW.name <> OLD.name AND NEW.address IS NOT NULL
        BEGIN UPDATE invited SET address = NULL WHERE meeting = NEW.meeting AND position = NEW.position; END;

        -- Calendars that were received, by their content.
        CREATE TABLE calendar (
            id INTEGER PRIMARY KEY,
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            calledName TEXT NOT NULL,
            name TEXT NOT NULL,
            sha256 TEXT NOT NULL,
            byteCount INTEGER NOT NULL CHECK (byteCount >= 0),
            receivedAt REAL NOT NULL,
            UNIQUE (meeting, sha256)
        ) STRICT;
        CREATE INDEX calendarContent ON calendar (sha256);

        -- When a file was last written, which tells about when the meeting was; NULL for connections and older ledgers.
        ALTER TABLE delivery ADD COLUMN modifiedAt REAL;
        """
}
