/// The tables of what people put right in minutes.
///
/// They lie over what was received and written, which stays as it is. Only what holds now is kept: a name that was put
/// right once more, or back, is not remembered.
enum EditSchema {
    static let tables = """
        -- What a label of the transcript is shown as; the label is '' where the transcript names nobody.
        CREATE TABLE renaming (
            meeting INTEGER NOT NULL REFERENCES meeting (id) ON DELETE CASCADE,
            speaker TEXT NOT NULL,
            name TEXT NOT NULL CHECK (name <> ''),
            PRIMARY KEY (meeting, speaker)
        ) STRICT, WITHOUT ROWID;

        -- Single turns that somebody else spoke.
        CREATE TABLE turnRenaming (
            meeting INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            name TEXT NOT NULL CHECK (name <> ''),
            PRIMARY KEY (meeting, sequence),
            FOREIGN KEY (meeting, sequence) REFERENCES utterance (meeting, sequence) ON DELETE CASCADE
        ) STRICT, WITHOUT ROWID;

        -- Action items that are done: by what they say and the utterance where it was said, since their places in a list
        -- change.
        CREATE TABLE doneItem (
            id INTEGER PRIMARY KEY,
            meeting INTEGER NOT NULL,
            sequence INTEGER NOT NULL,
            kind TEXT NOT NULL,
            text TEXT NOT NULL,
            UNIQUE (meeting, sequence, kind, text),
            FOREIGN KEY (meeting, sequence) REFERENCES utterance (meeting, sequence) ON DELETE CASCADE
        ) STRICT;
        """
}
