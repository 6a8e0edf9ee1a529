import Errors
import Files
import Foundation
import Glibc
import Intake
import Language
import Ledger
import Minutes
import Pipeline
import Settings
import Transcript

/// Forgets: whole meetings, what was said in them, persons; in all places where the state folder has them.
///
/// The ledger knows what is being erased and how far it has come (``ErasureRecord``), so that what a crash interrupts
/// is completed by ``resume()``. The order is: the intent; received files; the ledger's rows; minutes and caches; the
/// ledger's unused pages and its write-ahead log; the record that nothing is left. Each step may be repeated.
///
/// What was handed on to others cannot be reached, and is listed in ``Outcome/left``.
package actor StateKeeper {
    /// What came of erasing.
    package struct Outcome: Sendable, Hashable, Codable {
        /// What was erased, as the ledger remembers it.
        package var erasures: [ErasureRecord]
        /// What is left and why, in sentences: copies that cannot be reached, or of which only a person can tell.
        package var left: [String] = []
        /// Single words of a person's name that still stand alone in what was said, with how often.
        package var alone: [String: Int] = [:]
        /// Why something could not be erased, or unused pages of the ledger are not overwritten yet, which is tried
        /// again; nil if nothing is left.
        package var trouble: String?
    }

    let ledger: Ledger
    let spool: SpoolFolder
    let folders: Settings.Folders
    let attempts: Int
    let caches: SavedCaches
    /// Nil where no daemon runs.
    let pipeline: Pipeline?
    /// For where no daemon runs.
    let writer: MinutesWriter
    let gate: IntakeGate
    var retention: Settings.Retention
    private var isBusy = false
    /// Later meetings of the series of those that the erasure at hand is about.
    private var traced: Set<MeetingID> = []
    private var waiting: [CheckedContinuation<Void, Never>] = []

    /// Forgets in the folders that `settings` name, of which `ledger` is the ledger.
    ///
    /// With `pipeline`, which is that of this process, also what is in its memory; `gate` is that of the process's
    /// `SpoolWatcher`. Throws ``ApplicationError``, `FileError` or `IntakeError` if the folders cannot be used.
    package init(
        settings: Settings, ledger: Ledger, pipeline: Pipeline? = nil, gate: IntakeGate = IntakeGate()
    ) throws {
        self.ledger = ledger
        self.pipeline = pipeline
        self.gate = gate
        folders = settings.folders
        attempts = settings.summaries.attempts
        retention = settings.retention
        spool = try SpoolFolder(path: settings.folders.spool)
        caches = SavedCaches(folder: settings.folders.caches)
        writer = MinutesWriter(
            ledger: ledger,
            folder: try OutputFolder(
                path: settings.folders.output, readers: try MinutesReaders(settings.output.group)),
            styles: try MinutesStyles(settings.minutes))
    }

    /// Takes other rules over, from the next sweep on.
    package func adopt(_ retention: Settings.Retention) { self.retention = retention }

    // MARK: - Forgetting

    /// Forgets meetings, also while they run; `user` and `reason` are remembered.
    ///
    /// Throws `LedgerError` if there is no such meeting: then nothing is forgotten.
    package func forget(_ meetings: [MeetingID], by user: String, reason: String) async throws -> Outcome {
        try await exclusively {
            for meeting in meetings where try ledger.meeting(meeting) == nil {
                throw LedgerError(
                    .unknownMeeting, "there is no meeting '\(meeting)': see the list of meetings")
            }
            var asked: [Int64] = []
            var named: Set<MeetingID> = []
            for meeting in meetings where named.insert(meeting).inserted {
                asked.append(try ledger.askErasure(of: meeting, .meeting, by: user, reason: reason))
            }
            return try await carryOut(asked)
        }
    }

    /// Replaces a person in all meetings: `names` are the spellings, the whole name first.
    package func forget(person names: [String], by user: String, reason: String) async throws -> Outcome {
        try await exclusively {
            let labels = try ledger.labels(shownAs: names).filter { label in
                !names.contains { $0.lowercased() == label.label.lowercased() }
            }
            let asked = try ledger.askErasure(ofPerson: names, by: user, reason: reason)
            var outcome = try await carryOut([asked])
            let words = Set(names.flatMap { $0.split(whereSeparator: \.isWhitespace).map(String.init) })
            for meeting in outcome.erasures.flatMap(\.meetings) {
                let counts = try ledger.count(of: words.filter { $0.count > 1 }, in: meeting)
                outcome.alone.merge(counts) { $0 + $1 }
            }
            outcome.left += labels.map {
                "what was shown as '\(names[0])' is called '\($0.label)' by the transcript of \($0.meeting), where that stays: "
                    + "forget --speaker '\($0.label)' replaces it too, whoever is meant"
            }
            outcome.left += refusedFiles(naming: names)
            return outcome
        }
    }

    /// Completes what was interrupted; returns what it was, nil if there was nothing.
    @discardableResult
    package func resume() async throws -> Outcome? {
        try await exclusively {
            let pending = try ledger.erasures(pending: true).map(\.id)
            return pending.isEmpty ? nil : try await carryOut(pending)
        }
    }

    /// Runs one erasure or sweep at a time.
    func exclusively<Result>(_ body: () async throws -> Result) async throws -> Result {
        while isBusy { await withCheckedContinuation { waiting.append($0) } }
        isBusy = true
        defer {
            isBusy = false
            if !waiting.isEmpty { waiting.removeFirst().resume() }
        }
        return try await body()
    }

    /// Carries out what was asked for, all with one rewriting of the ledger.
    func carryOut(_ asked: [Int64]) async throws -> Outcome {
        FaultPoint.erasureAsked.reach()
        var outcome = Outcome(erasures: [])
        var carriedOut: [Int64] = []
        var later: [Int64: Set<MeetingID>] = [:]
        for id in asked {
            traced = []
            defer { later[id] = traced }
            do {
                try await carryOut(id)
                carriedOut.append(id)
            } catch {
                // One that cannot be completed keeps no other from it.
                outcome.trouble = outcome.trouble ?? "\(error)"
            }
        }
        let traces = await eraseTraces(in: later.values.reduce(into: []) { $0.formUnion($1) })
        outcome.trouble = outcome.trouble ?? traces.trouble
        carriedOut.removeAll { !traces.hasIndex || later[$0]?.isDisjoint(with: traces.left) == false }
        StateBackup.removeUnfinishedLedger(folders)
        outcome.left = setAsideLedgers()
        do {
            try ledger.rewrite()
            FaultPoint.erasureCleaned.reach()
            try ledger.finishErasures(carriedOut)
            FaultPoint.erasureDone.reach()
        } catch let error as LedgerError where error.isHindrance {
            outcome.trouble = outcome.trouble ?? error.message
        }
        outcome.erasures = try asked.compactMap { try ledger.erasure($0) }
        outcome.left += try asked.flatMap { try ledger.handedOn(of: $0) }.map(Self.sentence)
        return outcome
    }

    private func carryOut(_ id: Int64) async throws {
        guard let erasure = try ledger.erasure(id) else { return }
        switch erasure.kind {
        case .meeting:
            try await erase(erasure, erasure.meetings) { try await self.eraseMeeting($0, erasure) }
        case .transcript:
            try await erase(erasure, erasure.meetings) { try await self.eraseTranscript($0, erasure) }
        case .person: try await erasePerson(erasure)
        }
    }

    /// Erases rows by `rows`, unless they are, and then copies of them, of each meeting.
    ///
    /// A meeting that cannot be erased keeps no other from it; then the first error is thrown.
    private func erase(
        _ erasure: ErasureRecord, _ meetings: [MeetingID], rows: (MeetingID) async throws -> Void
    ) async throws {
        var trouble: (any Error)?
        for meeting in meetings {
            do {
                try await atRest(meeting) {
                    if erasure.state == .asked { try await rows(meeting) }
                    FaultPoint.erasureRowsGone.reach()
                    try await eraseCopies(of: meeting)
                }
            } catch {
                trouble = trouble ?? error
            }
        }
        if let trouble { throw trouble }
    }

    /// Runs `body` while the pipeline does nothing for a meeting.
    private func atRest(_ meeting: MeetingID, _ body: () async throws -> Void) async throws {
        await pipeline?.beginErasure(of: meeting)
        do {
            try await body()
        } catch {
            await pipeline?.endErasure(of: meeting)
            throw error
        }
        await pipeline?.endErasure(of: meeting)
    }

    private func eraseMeeting(_ meeting: MeetingID, _ erasure: ErasureRecord) async throws {
        let (ledger, spool) = (ledger, spool)
        try await gated {
            // Another meeting of this name, or one that goes on, keeps its files.
            guard try ledger.isDue(erasure), let files = try ledger.files(of: meeting) else {
                return try ledger.eraseMeeting(erasure.id, files: 0)
            }
            let count = try spool.erase(files, asked: erasure.askedAt)
            FaultPoint.erasureFilesGone.reach()
            try ledger.eraseMeeting(erasure.id, files: count)
        }
    }

    private func eraseTranscript(_ meeting: MeetingID, _ erasure: ErasureRecord) async throws {
        // What the minutes need of the words is recorded when they are written.
        if try !ledger.isDue(erasure) {
            return try ledger.eraseTranscript(erasure.id, files: 0)
        }
        if let pipeline {
            try await pipeline.writeOutputNow(of: meeting)
        } else {
            _ = try await writer.write(meeting)  // Ignored: whether anything was different.
        }
        let (ledger, spool) = (ledger, spool)
        try await gated {
            let count =
                try ledger.isDue(erasure) ? Self.eraseReceived(of: meeting, erasure, ledger, spool) : 0
            FaultPoint.erasureFilesGone.reach()
            try ledger.eraseTranscript(erasure.id, files: count)
        }
    }

    private func erasePerson(_ erasure: ErasureRecord) async throws {
        let names = try ledger.namesToReplace(of: erasure.id)
        let (ledger, spool) = (ledger, spool)
        if erasure.state == .asked {
            for meeting in try ledger.meetingsNaming(names) {
                try await atRest(meeting) {
                    try await gated {
                        let count = try Self.eraseReceived(of: meeting, erasure, ledger, spool)
                        FaultPoint.erasureFilesGone.reach()
                        try ledger.countFiles(count, of: erasure.id)
                        // Ignored: the record has the sum.
                        _ = try ledger.replacePerson(names, in: meeting, of: erasure.id) {
                            PersonLabel.next(in: $0, taken: $1)
                        }
                    }
                }
            }
            try ledger.finishReplacing(erasure.id)
        }
        guard let replaced = try ledger.erasure(erasure.id) else { return }
        try await erase(replaced, replaced.meetings) { _ in }
    }

    /// Removes the files that a meeting was received in; its words, as far as they stay, are in the ledger.
    private static func eraseReceived(
        of meeting: MeetingID, _ erasure: ErasureRecord, _ ledger: Ledger, _ spool: SpoolFolder
    ) throws -> Int {
        guard let files = try ledger.files(of: meeting) else { return 0 }
        return try spool.erase(files.receivedOnly, asked: erasure.askedAt)
    }

    /// Erases the minutes and caches of a meeting; what other minutes show of it is left to ``eraseTraces()``.
    ///
    /// What cannot be erased keeps nothing else from it; then the first error is thrown.
    private func eraseCopies(of meeting: MeetingID) async throws {
        var trouble: (any Error)?
        do {
            try await eraseMinutes(of: meeting)
        } catch {
            trouble = error
        }
        FaultPoint.erasureMinutesGone.reach()
        do {
            try caches.remove(meeting.name)
        } catch {
            trouble = trouble ?? error
        }
        FaultPoint.erasureCacheGone.reach()
        // Minutes of later meetings of a series show what this one has left open, or have shown it and may still do.
        traced.formUnion(try ledger.meetingsAfter(meeting))
        if let trouble { throw trouble }
    }

    /// What minutes of other meetings still show.
    private struct Traces {
        /// Meetings whose minutes could not be written again.
        var left: Set<MeetingID> = []
        /// Whether the pages of all meetings were written.
        var hasIndex = true
        var trouble: String?
    }

    /// Erases what minutes of later meetings and the pages of all meetings show of those that were erased: once for all
    /// of them, since a sweep may erase many meetings of one series.
    private func eraseTraces(in later: Set<MeetingID>) async -> Traces {
        var traces = Traces()
        for meeting in later.sorted(by: { $0.name < $1.name }) {
            do {
                try await eraseMinutes(of: meeting)
            } catch {
                traces.left.insert(meeting)
                traces.trouble = traces.trouble ?? "\(error)"
            }
        }
        do {
            if let pipeline { try await pipeline.eraseIndex() } else { try await writer.eraseIndex() }
        } catch {
            traces.hasIndex = false
            traces.trouble = traces.trouble ?? "\(error)"
        }
        return traces
    }

    /// Removes the minutes of a meeting, or writes them again from what is left of it.
    private func eraseMinutes(of meeting: MeetingID) async throws {
        if let pipeline {
            try await pipeline.eraseOutput(of: meeting)
        } else {
            try await writer.erase(meeting, keepsIndex: true)
        }
    }

    /// Runs `body` while no file of the spool is being taken, on a thread that may be blocked.
    func gated(_ body: @escaping @Sendable () throws -> Void) async throws {
        let gate = gate
        try await withCheckedThrowingContinuation { (continuation: CheckedContinuation<Void, any Error>) in
            Thread.detachNewThread { continuation.resume(with: Result { try gate.erasing(body) }) }
        }
    }

    // MARK: - What is left

    private static func sentence(_ handedOn: HandedOn) -> String {
        let time = ISO8601DateFormatter().string(from: handedOn.at)
        let what =
            handedOn.state == .delivered
            ? "were handed on to '\(handedOn.target)'" : "may have been handed on to '\(handedOn.target)'"
        return "minutes of \(handedOn.meeting) \(what) at \(time), as \(handedOn.id): out of reach from here"
    }

    /// Damaged ledgers that were set aside, which nobody can search.
    private func setAsideLedgers() -> [String] {
        setAside().map {
            "\($0.path) is a damaged ledger that was set aside; what was forgotten may be in it: remove it when it is of "
                + "no use any more"
        }
    }

    /// Damaged ledgers that were set aside, with the times when that was done.
    ///
    /// Their content was changed last when they were still in use.
    func setAside() -> [(path: String, at: Date)] {
        // Ignored: a folder that is not there holds nothing.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folders.state)) ?? []
        let prefix = Folder.split(folders.ledger).name + Ledger.damagedMark
        return names.sorted().filter { $0.hasPrefix(prefix) }.compactMap { name in
            let path = folders.state + "/" + name
            return modified(path).map { (path, max($0, Ledger.setAsideTime(name) ?? $0)) }
        }
    }

    /// When the content of a file was changed last; nil if it is not there.
    func modified(_ path: String) -> Date? {
        var status = stat()
        guard lstat(path, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Date(timeIntervalSince1970: Double(status.st_mtim.tv_sec))
    }

    /// Files that are in no meeting, and whose bytes have one of the names.
    private func refusedFiles(naming names: [String]) -> [String] {
        let wanted = names.map { Data($0.utf8) }
        return spool.failedNames().compactMap { name in
            let path = spool.failed + "/" + name
            // Ignored: what went away in between names nobody.
            guard let data = try? Data(contentsOf: URL(filePath: path), options: .mappedIfSafe),
                wanted.contains(where: { data.range(of: $0) != nil })
            else { return nil }
            return "\(path) was refused, so it belongs to no meeting, and it has the name: remove it"
        }
    }
}
