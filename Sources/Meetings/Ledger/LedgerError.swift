/// A refusal or a hindrance of this module; `message` says what is wrong and what to do.
package struct LedgerError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of error, for programs.
    package enum Code: String, Sendable, Codable {
        /// No ledger at this path.
        case missing
        /// The ledger was written by a newer program.
        case newerSchema
        /// The ledger was written by an older program and is opened for reading only.
        case olderSchema
        /// Opened for reading only, and asked to write.
        case readOnly
        /// No such meeting, window or delivery.
        case unknownMeeting, unknownWindow, unknownDelivery
        /// The connection's delivery is closed.
        case deliveryClosed
        /// Lines of a sender that do not follow those which are recorded.
        case linesOutOfPlace
        /// A chunk of this number is already there, with other content.
        case conflictingChunk
        /// The window does not follow the one before it, or reaches beyond what was received.
        case notContiguous
        /// The window has a summary already.
        case alreadySummarised
        /// The meeting is not ready for this: still open, or windows missing or unsummarised.
        case unfinished
        /// What is to be put right by hand is not there: no such speaker, turn or item.
        case badEdit
        /// What is looked for has no word, or too many.
        case badSearch
        /// SQLite could not do it: disk full, file locked, I/O error. Try again later.
        case storage
        /// The file is not a sound SQLite file. What comes waits; at its next start the daemon begins another ledger.
        case damaged
        /// The schema refused what the program tried: a defect of the program.
        case invariant
    }

    /// The kind of error.
    package let code: Code
    /// What is wrong and what to do, for people.
    package let message: String

    /// Creates an error.
    package init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// A delivery is gone with its meeting.
    static let forgotten = LedgerError(
        .unknownDelivery,
        "the meeting that this belongs to was forgotten: what comes under its name from now on is a new meeting, for which "
            + "a sender with a name says \"from\": 0 in its first line")

    /// True if the same call may succeed later.
    package var isHindrance: Bool { code == .storage || code == .damaged }

    /// The message.
    package var description: String { message }
}
