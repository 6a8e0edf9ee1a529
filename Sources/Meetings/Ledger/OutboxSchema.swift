/// The tables of what is to be handed on to others: mail, a web service, a folder.
enum OutboxSchema {
    static let tables = """
        -- The entries of the configuration, as the daemon has read them last.
        CREATE TABLE outboxTarget (
            name TEXT PRIMARY KEY CHECK (name <> ''),
            -- How the names of its meetings begin, as a JSON list; an empty one for all meetings.
            kinds TEXT NOT NULL CHECK (json_valid(kinds)),
            attempts INTEGER NOT NULL CHECK (attempts > 0),
            retrySeconds REAL NOT NULL CHECK (retrySeconds >= 0),
            timeoutSeconds REAL NOT NULL CHECK (timeoutSeconds > 0)
        ) STRICT, WITHOUT ROWID;

        -- Minutes that are to be handed on, or were.
        CREATE TABLE outbox (
            id INTEGER PRIMARY KEY,
            -- By which the receiver tells that something comes again.
            key TEXT NOT NULL UNIQUE CHECK (key <> ''),
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            target TEXT NOT NULL,
            reason TEXT NOT NULL CHECK (reason IN ('finished', 'changed')),
            createdAt REAL NOT NULL,
            state TEXT NOT NULL DEFAULT 'waiting'
                CHECK (state IN ('waiting', 'running', 'delivered', 'failed', 'replaced')),
            -- Attempts that were begun.
            attempts INTEGER NOT NULL DEFAULT 0 CHECK (attempts >= 0),
            -- Those of them that do not count: before somebody had it tried once more, and broken off.
            earlierAttempts INTEGER NOT NULL DEFAULT 0 CHECK (earlierAttempts <= attempts),
            -- When it is tried next; while it is running: when the attempt counts as broken off.
            dueAt REAL NOT NULL,
            settledAt REAL,
            -- What the command said at the end of the last attempt that failed.
            problem TEXT,
            CHECK ((state IN ('waiting', 'running')) = (settledAt IS NULL))
        ) STRICT;
        CREATE INDEX outboxOfMeeting ON outbox (meeting, target, id);
        CREATE INDEX outboxDue ON outbox (target, dueAt) WHERE settledAt IS NULL;
        CREATE INDEX outboxFailed ON outbox (id) WHERE state = 'failed';

        -- What had left the house of a meeting when that was erased.
        CREATE TABLE handedOn (
            erasure INTEGER NOT NULL REFERENCES erasure (id) ON DELETE CASCADE,
            key TEXT NOT NULL,
            meeting TEXT NOT NULL,
            target TEXT NOT NULL,
            state TEXT NOT NULL,
            at REAL NOT NULL,
            PRIMARY KEY (erasure, key)
        ) STRICT, WITHOUT ROWID;
        """
}
