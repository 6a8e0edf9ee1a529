/// The tables of minutes that are made a second time.
enum RedoSchema {
    static let tables = """
        -- Whether somebody gave the title, or took it away: what deliveries say of it does not count then.
        ALTER TABLE meeting ADD COLUMN isTitled INTEGER NOT NULL DEFAULT 0 CHECK (isTitled IN (0, 1));

        -- How the minutes of a meeting are written, where that is not what the configuration says of its kind.
        CREATE TABLE ownStyle (
            meeting INTEGER PRIMARY KEY REFERENCES meeting (id) ON DELETE CASCADE,
            -- The language of the minutes, by its code.
            language TEXT,
            -- Whether the model that wrote them was told it; if not, only headings and the like are in it.
            isTold INTEGER NOT NULL DEFAULT 0 CHECK (isTold IN (0, 1)),
            -- The layout of minutes.md.
            templateName TEXT,
            template TEXT,
            CHECK ((templateName IS NULL) = (template IS NULL))
        ) STRICT;

        -- A set of minutes that is being made, while the one before it is shown.
        CREATE TABLE redo (
            meeting INTEGER PRIMARY KEY REFERENCES meeting (id) ON DELETE CASCADE,
            askedAt REAL NOT NULL,
            -- As in ownStyle; NULL for what holds now.
            language TEXT,
            templateName TEXT,
            template TEXT,
            -- Whether another process than the daemon asks a model.
            isElsewhere INTEGER NOT NULL CHECK (isElsewhere IN (0, 1)),
            failureCount INTEGER NOT NULL DEFAULT 0,
            CHECK ((templateName IS NULL) = (template IS NULL))
        ) STRICT;

        -- What it has so far, as in summary and finding.
        CREATE TABLE redoWindow (
            meeting INTEGER NOT NULL REFERENCES redo (meeting) ON DELETE CASCADE,
            window INTEGER NOT NULL,
            text TEXT NOT NULL CHECK (text <> ''),
            model TEXT NOT NULL,
            promptTokens INTEGER NOT NULL,
            reusedTokens INTEGER NOT NULL,
            generatedTokens INTEGER NOT NULL,
            seconds REAL NOT NULL,
            committedAt REAL NOT NULL,
            findings TEXT NOT NULL CHECK (json_valid(findings)),
            PRIMARY KEY (meeting, window),
            FOREIGN KEY (meeting, window) REFERENCES window (meeting, number) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        -- Sets of minutes whose place others have taken: minutes.json as it was, but for what it showed of other meetings,
        -- and the layout of minutes.md.
        CREATE TABLE earlierMinutes (
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            -- From 1 on.
            number INTEGER NOT NULL CHECK (number > 0),
            replacedAt REAL NOT NULL,
            document TEXT NOT NULL CHECK (json_valid(document)),
            templateName TEXT NOT NULL,
            template TEXT NOT NULL,
            PRIMARY KEY (meeting, number)
        ) STRICT, WITHOUT ROWID;
        """
}
