import Foundation

/// Something that the minutes have to state about a meeting: what happened, and with what.
///
/// It is recorded as it is, and put into words where it is shown, in the language of the minutes.
package struct Note: Sendable, Hashable {
    /// What happened.
    ///
    /// The raw value is the key of the label that says it, and stands in ledgers: it never changes.
    package enum Kind: String, CaseIterable, Sendable, Codable {
        /// A sentence of an older version, which is shown as it was written; argument: the sentence.
        case written
        /// About a file or connection. Arguments: its name, the note.
        case ofSource
        /// About a line of a connection. Arguments: the connection's name, the line's number, the note.
        case ofLine
        /// What a reader met several times. Arguments: how often, the note, the first line.
        case counted
        // What stands in `counted` notes.
        case lineCutOff, messageUnknown, headerMissing, headerSkipped, identifierSkipped
        /// Argument: the kind of the block, such as `STYLE`.
        case blockSkipped
        case timesUnreadable, endBeforeStart, cueWithoutText, numberWithoutCue, textOutsideCue, cueRepeated
        case wordsRolled, partialAfterSettled, resultRepeated, resultNeverSettled, resultCorrected
        case speakerWithoutText, lineWithoutText, reactionSkipped
        // About a file as a whole.
        case startUnreadable
        /// Argument: how many lines.
        case linesGrown
        case timesSinceEpoch
        /// Argument: the first time.
        case timesOfDay
        case readAsUTF16
        /// Arguments: the byte, and its offset.
        case readAsWindows1252
        /// Arguments: the encoding, the byte, and its offset.
        case readAsLegacy
        /// Argument: how much of the text, in percent.
        case skippedShare
        /// Argument: how many lines.
        case chatWritten
        /// Arguments: the file's name, the meeting that it names.
        case meetingIgnored
        /// Argument: the file's name.
        case fileWithoutWords
        /// Arguments: the new file's name, the name under which its content was taken before.
        case contentKnown
        // Chunks. The first argument is the number or the range of those that are missing.
        /// Arguments: the chunk's number, the highest number before it.
        case chunkLate
        /// Arguments: the missing chunks, the chunk that was taken.
        case chunksMissing
        /// Argument: the missing chunks.
        case chunksMissingAtEnd
        // About a calendar; the first argument is the file's name.
        /// Arguments: the file's name, why.
        case calendarUnreadable
        // Why a calendar cannot be read.
        case calendarMalformed, calendarWithoutEvent
        /// Argument: the limit in kilobytes.
        case calendarTooLarge
        /// Argument: the file's name.
        case calendarCancelled, calendarRuleSkipped, calendarOtherDay
        /// Arguments: the file's name, the time zone.
        case calendarZoneUnknown
        // What the ledger states.
        case connectionCut
        /// Arguments: the name that was taken, the name of this meeting.
        case nameTaken
        /// Arguments: how often, the line.
        case lineRepeated
        /// Arguments: how often, and in how many lines.
        case linesRepeated
        /// Argument: how many corrections.
        case correctionsLate
        case transcriptErased, personErased
        // Summaries.
        case nothingToSummarise
        /// Argument: why.
        case wholeFailed
        /// Arguments: why, the meeting.
        case workStopped
        // Why something failed.
        /// Argument: how often.
        case diedOften
        /// Argument: the signal's number.
        case diedOnce
        case endedNow, contextTooShort, reasonUnknown
        /// Argument: what the program says, which has no other language than English.
        case programError
    }

    /// What goes into a place of the words.
    package enum Argument: Sendable, Hashable {
        case text(String)
        case number(Int)
        indirect case note(Note)
    }

    /// What happened.
    package let kind: Kind
    /// With what, in the order that ``Kind`` tells.
    package let arguments: [Argument]

    /// Notes that something happened.
    package init(_ kind: Kind, _ arguments: Argument...) { self.init(kind, arguments: arguments) }

    /// Notes that something happened, with a list of arguments.
    package init(_ kind: Kind, arguments: [Argument]) {
        self.kind = kind
        self.arguments = arguments
    }

    /// Notes what was the matter with a file or a connection.
    package init(_ note: Note, of source: String) { self.init(.ofSource, .text(source), .note(note)) }

    // MARK: - In ledgers

    /// As ledgers hold it: JSON, the sentence itself if it is an old one.
    package var stored: String {
        if kind == .written, case .text(let sentence)? = arguments.first { return sentence }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(self) else {
            preconditionFailure("texts and numbers make JSON")
        }
        return String(decoding: bytes, as: UTF8.self)
    }

    /// What a ledger holds; a text that is no note of this version is a sentence of an older one.
    package init(stored: String) {
        if stored.utf8.first == UInt8(ascii: "{"),
            let note = try? JSONDecoder().decode(Note.self, from: Data(stored.utf8))
        {
            self = note
        } else {
            self.init(.written, .text(stored))
        }
    }

    /// How ``stored`` begins for all notes of a kind.
    package static func storedBeginning(_ kind: Kind) -> String { "{\"kind\":\"\(kind.rawValue)\"" }
}

extension Note: Codable {
    private enum CodingKeys: String, CodingKey {
        case kind, with
    }

    /// Reads what ``stored`` writes.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        kind = try container.decode(Kind.self, forKey: .kind)
        arguments = try container.decodeIfPresent([Argument].self, forKey: .with) ?? []
    }

    /// Writes the kind, and the arguments as a list.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: CodingKeys.self)
        try container.encode(kind, forKey: .kind)
        if !arguments.isEmpty { try container.encode(arguments, forKey: .with) }
    }
}

extension Note.Argument: Codable {
    /// Reads a number, a text or a note.
    package init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if let number = try? container.decode(Int.self) {
            self = .number(number)
        } else if let text = try? container.decode(String.self) {
            self = .text(text)
        } else {
            self = .note(try container.decode(Note.self))
        }
    }

    /// Writes a number, a text or a note.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        switch self {
        case .text(let text): try container.encode(text)
        case .number(let number): try container.encode(number)
        case .note(let note): try container.encode(note)
        }
    }
}
