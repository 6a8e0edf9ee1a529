import Crypto
import Files
import Foundation
import Glibc
import Language
import Ledger
import Metrics
import Transcript

/// Takes one file of the spool: reads it, records it (a long one in several transactions), and moves it.
///
/// A crash before the move leaves the file in `incoming/`. It is then read again, and recorded from where it was broken
/// off; if it was recorded as a whole, it is found to be a duplicate, and only moved.
struct SpoolIntake: Sendable {
    /// The outcome for a file.
    enum Outcome: Equatable {
        case accepted(MeetingID, utteranceCount: Int)
        case ended(MeetingID)
        /// A calendar was read for the meeting.
        case described(MeetingID)
        /// A calendar waits for its transcript.
        case waiting(reason: String)
        case duplicate(MeetingID)
        case refused(reason: String)
        case gone
        /// Something is to be erased first; what is recorded of the file stays, and it is taken again.
        case interrupted
    }

    /// A temporary obstacle: the file stays where it is.
    struct Hindrance: Error {
        var message: String
        /// Whether it concerns this file only, so that others can be taken.
        var isOfThisFile: Bool
    }

    /// Reads a file of `incoming/`.
    typealias Reading = @Sendable (_ name: String, _ byteLimit: Int) throws(SpoolReadFailure) -> [UInt8]

    let folder: SpoolFolder
    let ledger: Ledger
    let byteLimit: Int
    private let atHand: AtHand?
    /// Called between two transactions of a long file; what it throws breaks the file off.
    private let betweenParts: @Sendable () throws -> Void
    let read: Reading

    /// The number of attempts to read a file, over about two minutes, before it is refused.
    static let readAttempts = 7

    init(
        folder: SpoolFolder, ledger: Ledger, byteLimit: Int, atHand: AtHand? = nil, read: Reading? = nil,
        betweenParts: @escaping @Sendable () throws -> Void = {}
    ) {
        self.folder = folder
        self.ledger = ledger
        self.byteLimit = byteLimit
        self.atHand = atHand
        self.betweenParts = betweenParts
        if let read {
            self.read = read
        } else {
            self.read = { name, limit throws(SpoolReadFailure) in try folder.read(name, byteLimit: limit) }
        }
    }

    func take(_ candidate: SpoolQueue.Candidate) throws(Hindrance) -> Outcome {
        do {
            let outcome = try recordUnlessDeadly(candidate)
            FaultPoint.spoolRecorded.reach()
            switch outcome {
            case .refused(let reason):
                let text = Self.explanation(of: reason, name: candidate.name, folder: folder)
                if try folder.moveToFailed(candidate.name, reason: text) == nil { return .gone }
                try moveHints(of: candidate.name, folder.failed)
            case .gone, .interrupted, .waiting: break
            case .accepted, .ended, .described, .duplicate:
                // Ignored: the name that it has there.
                _ = try folder.moveToDone(candidate.name)
                try moveHints(of: candidate.name, folder.done)
            }
            FaultPoint.spoolMoved.reach()
            return outcome
        } catch let hindrance as Hindrance {
            throw hindrance
        } catch is IntakeGate.Awaited {
            return .interrupted
        } catch {
            throw Hindrance(message: "\(error)", isOfThisFile: false)
        }
    }

    /// How a file that was recorded was read, for the journal, which names nobody.
    func facts(of name: String, _ meeting: MeetingID) -> [(key: String, value: String)] {
        // Ignored: the journal can do without.
        guard let facts = (try? ledger.readings(of: meeting))?.last(where: { $0.name == name })?.facts else {
            return []
        }
        func clock(_ seconds: Double?) -> String { seconds.map { "\(Int($0))" } ?? "-" }
        return [
            ("format", facts.format), ("encoding", facts.encoding),
            ("language", facts.language?.rawValue ?? "-"),
            ("speakers", "\(facts.speakers.count)"),
            ("times", "\(clock(facts.firstTime))-\(clock(facts.lastTime)) s"),
            ("skipped", "\(facts.skippedPercent) %"),
            ("reading", facts.notes.joined(separator: "; ")),
        ]
    }

    // MARK: - Recording

    /// Records a file, unless it crashed the daemon too often: then it is refused, and the count begins anew.
    private func recordUnlessDeadly(_ candidate: SpoolQueue.Candidate) throws -> Outcome {
        guard candidate.kind == .file, let entry = folder.entry(candidate.name) else {
            return try record(candidate)
        }
        let work = AtHand.Work.file(
            name: entry.name, byteCount: entry.byteCount, modified: entry.modified)
        let deaths = atHand == nil ? 0 : try ledger.deathCount(of: work)
        guard deaths < Ledger.deathsOfInput else {
            try ledger.forgetDeaths(of: [work])
            return Self.refused(
                "deadly",
                "the daemon died \(deaths) times while it read this file, which is a fault of the daemon; "
                    + "so it is set aside. Please report it. Tried again, it may end the daemon twice more")
        }
        let outcome = try atHand.doing(work) { try record(candidate) }
        // Reading took many times its size in memory.
        if entry.byteCount >= Self.largeBytes { FreeMemory.giveBack() }
        if deaths > 0 { try ledger.forgetDeaths(of: [work]) }
        return outcome
    }

    /// Files from this size on are large: they take seconds, and memory that is worth giving back.
    static let largeBytes = 1 << 20

    private func record(_ candidate: SpoolQueue.Candidate) throws -> Outcome {
        guard candidate.kind == .file else {
            return Self.refused("notAFile", "it is a link, a pipe or a device; only plain files are taken")
        }
        do {
            guard let chunk = try candidate.chunk ?? ChunkName(candidate.name) else { return .gone }
            if chunk.isEndMarker { return try end(chunk.meeting, gap: candidate.gap) }
            if chunk.isCalendar { return try takeCalendar(candidate.name, called: chunk.meeting) }
            let bytes = try read(candidate.name, byteLimit)
            FaultPoint.spoolRead.reach()
            let delivery = try delivery(of: bytes, name: candidate.name, chunk: chunk, gap: candidate.gap)
            switch try ledger.accept(delivery, betweenParts: betweenParts) {
            case .accepted(_, let meeting, let sequences):
                Counters.process.add(to: .filesTaken)
                return .accepted(meeting, utteranceCount: sequences.count)
            case .duplicate(_, let meeting): return .duplicate(meeting)
            }
        } catch let error as TranscriptError {
            return Self.refused(error.code.rawValue, error.message)
        } catch let error as LedgerError where !error.isHindrance {
            return Self.refused(error.code.rawValue, error.message)
        } catch let failure as SpoolReadFailure {
            return try outcome(of: failure, attempts: candidate.attempts)
        }
    }

    private func delivery(
        of bytes: [UInt8], name: String, chunk: ChunkName, gap: Note?
    ) throws(TranscriptError) -> Delivery {
        let (file, facts) = try TranscriptReader.readWithFacts(bytes, name: name, hints: hints(for: name))
        var meeting = chunk.meeting
        var notes = file.notes.map { Note($0, of: name) }
        if let gap { notes.append(gap) }
        if let named = file.meeting, named != meeting {
            if chunk.number == nil {
                meeting = named
            } else {
                // Chunks belong together by their names: one that says otherwise would be torn out.
                notes.append(Note(.meetingIgnored, .text(name), .text(named.name)))
            }
        }
        if file.utterances.isEmpty { notes.append(Note(.fileWithoutWords, .text(name))) }
        var delivery = Delivery(
            meeting: meeting, name: name, kind: .file, chunkNumber: chunk.number,
            sha256: Self.sha256(of: bytes),
            byteCount: bytes.count, format: file.format.rawValue, receivedAt: Date(), title: file.title,
            meetingStart: file.startedAt, utterances: file.utterances,
            endsMeeting: chunk.number == nil || file.endsMeeting, notes: notes, facts: facts)
        delivery.invitation = file.invitation
        delivery.modifiedAt = folder.entry(name).map {
            Date(timeIntervalSince1970: Double($0.modified) / 1_000_000_000)
        }
        return delivery
    }

    // MARK: - Hints

    /// What is said about a file in `NAME.meta.json` beside it; nothing if there is none.
    private func hints(for name: String) throws(TranscriptError) -> TranscriptHints {
        for beside in TranscriptHints.names(for: name) {
            guard let entry = folder.entry(beside) else { continue }
            guard let bytes = try? read(beside, TranscriptHints.byteLimit) else {
                throw TranscriptHints.unreadable(beside, for: name, byteCount: entry.byteCount)
            }
            return try TranscriptHints(parsing: bytes, name: beside)
        }
        return TranscriptHints()
    }

    /// Hints stay with their file.
    private func moveHints(of name: String, _ target: String) throws {
        // Those of its name are about the transcript, which may still come.
        guard !CalendarFile.isCalendar(name) else { return }
        for beside in TranscriptHints.names(for: name) where folder.entry(beside) != nil {
            try folder.moveBeside(beside, to: target)
        }
    }

    /// Hexadecimal SHA-256.
    static func sha256(of bytes: some DataProtocol) -> String {
        SHA256.hash(data: bytes).map { byte in
            let digits = String(byte, radix: 16)
            return digits.utf8.count == 1 ? "0" + digits : digits
        }.joined()
    }

    private func end(_ name: MeetingID, gap: Note?) throws -> Outcome {
        guard let meeting = try ledger.latestMeeting(called: name) else {
            return Self.refused(
                "noMeeting",
                "there is no meeting '\(name)' to end; the part before .end has to be the name of its chunks"
            )
        }
        if let gap { try ledger.note(gap, of: meeting.id) }
        _ = try ledger.end(meeting.id)  // Ignored: ended before is as good.
        return .ended(meeting.id)
    }

    private func outcome(of failure: SpoolReadFailure, attempts: Int) throws(Hindrance) -> Outcome {
        switch failure {
        case .gone: return .gone
        case .notAFile:
            return Self.refused("notAFile", "it is a link, a pipe or a device; only plain files are taken")
        case .tooLarge(let bytes):
            return Self.refused(
                "tooLarge",
                "it has \(bytes) bytes, more than the limit of \(byteLimit): deliver it in numbered chunks, or "
                    + "raise the limit in the configuration")
        case .changing:
            throw Hindrance(
                message: "it changed while it was read: somebody still writes it", isOfThisFile: true)
        case .hindrance(let number):
            let message = "it cannot be read: \(String(cString: strerror(number)))"
            // What the whole process lacks, a file cannot help.
            let isOfProcess = [EMFILE, ENFILE, ENOMEM].contains(number)
            guard isOfProcess || attempts < Self.readAttempts else {
                return Self.refused("unreadable", message + "; the daemon's user has to be able to read it")
            }
            throw Hindrance(message: message, isOfThisFile: true)
        }
    }

    /// A refusal, which is counted by its kind.
    static func refused(_ kind: String, _ reason: String) -> Outcome {
        Counters.process.add(to: .filesRefused, ["reason": kind])
        return .refused(reason: reason)
    }

    private static func explanation(of reason: String, name: String, folder: SpoolFolder) -> String {
        """
        \(name) was not taken.

        Reason: \(reason)
        Time:   \(Date().ISO8601Format())

        Nothing was deleted. Once the cause is removed, move the file to
        \(folder.incoming) again, under the same or another name,
        or run: minutectl retry \(name)

        """
    }
}
