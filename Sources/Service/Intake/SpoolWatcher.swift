import Foundation
import Glibc
import Ledger
import Logging
import ServiceLifecycle

/// Takes files from the spool folder as they come; see ``SpoolFolder`` for the layout.
///
/// Producers write under a hidden or temporary name (`.standup.vtt`, `standup.vtt.part`) and rename, or write
/// and close in one go. `standup.vtt` is a whole meeting; `standup.0001.vtt`, `standup.0002.vtt`, … are chunks
/// of one, which stays open until `standup.end` appears. Kernel events are hints to look again; the folder is
/// also scanned at the start, when events were lost, and at an interval, so that none can be missed.
package final class SpoolWatcher: Service, Sendable {
    /// Limits and intervals.
    package struct Settings: Sendable, Hashable {
        /// Larger files are refused.
        package var byteLimit: Int
        /// How long a file's size and time have to stay the same if no event said that it is complete.
        package var settle: Duration
        /// How long a chunk waits for the one before it.
        package var gapWait: Duration
        /// The interval of scans that no event causes.
        package var scanInterval: Duration
        /// Whether to look at the interval only, as is done by itself on file systems of other machines, whose events do
        /// not come here.
        package var polls: Bool

        /// Creates settings; the defaults suit people and recorders.
        package init(
            byteLimit: Int = 64 * 1024 * 1024, settle: Duration = .seconds(2),
            gapWait: Duration = .seconds(30),
            scanInterval: Duration = .seconds(10), polls: Bool = false
        ) {
            self.byteLimit = byteLimit
            self.settle = settle
            self.gapWait = gapWait
            self.scanInterval = scanInterval
            self.polls = polls
        }
    }

    private let folder: SpoolFolder
    private let ledger: Ledger
    private let settings: Settings
    private let atHand: AtHand?
    private let gate: IntakeGate
    private let logger: Logger
    private let question: PollQuestion

    /// Creates a watcher, which does nothing until ``run()`` is called.
    ///
    /// With `atHand`, a file that crashed the daemon twice is refused. No file is taken while something is erased through
    /// `gate`.
    package init(
        folder: SpoolFolder, ledger: Ledger, settings: Settings = Settings(), atHand: AtHand? = nil,
        gate: IntakeGate = IntakeGate(), logger: Logger
    ) {
        self.gate = gate
        self.folder = folder
        self.ledger = ledger
        self.settings = settings
        self.atHand = atHand
        self.logger = logger
        question = PollQuestion()
    }

    /// Returns when the thread that takes files has responded; at once if it does not run.
    package func respond() async { await question.ask() }

    /// Takes files until graceful shutdown or cancellation; the current file is finished first.
    package func run() async throws {
        let stop = try StopPipe()
        let intake = SpoolIntake(
            folder: folder, ledger: ledger, byteLimit: settings.byteLimit, atHand: atHand,
            betweenParts: { [gate] in
                // What is recorded stays, and the rest comes at the next start.
                if stop.isStopped { throw CancellationError() }
                if gate.isAwaited { throw IntakeGate.Awaited() }
            })
        await withGracefulShutdownHandler {
            await withTaskCancellationHandler {
                await withCheckedContinuation { continuation in
                    // A thread of its own: it blocks in poll(2), in reading and in SQLite.
                    question.begin()
                    let thread = Thread { [settings, gate, logger, question] in
                        AtHand.useFaultStack()
                        SpoolLoop(
                            intake: intake, settings: settings, gate: gate, stop: stop, question: question,
                            logger: logger
                        ).run()
                        question.end()
                        continuation.resume()
                    }
                    thread.name = "spool"
                    thread.start()
                }
            } onCancel: {
                stop.stop()
            }
        } onGracefulShutdown: {
            stop.stop()
        }
    }
}

/// The thread of a ``SpoolWatcher``.
private final class SpoolLoop {
    private let intake: SpoolIntake
    private let settings: SpoolWatcher.Settings
    private let gate: IntakeGate
    private let stop: StopPipe
    private let question: PollQuestion
    private let logger: Logger
    private var queue: SpoolQueue
    private var watch: DirectoryWatch?
    private var watchTrouble: String?
    /// What was logged already, so that it is logged once.
    private var reported: Set<String> = []
    private var attempts = 0
    private var suspendedUntil: ContinuousClock.Instant?

    private static let suspensionLimit = Duration.seconds(10)

    init(
        intake: SpoolIntake, settings: SpoolWatcher.Settings, gate: IntakeGate, stop: StopPipe,
        question: PollQuestion, logger: Logger
    ) {
        self.gate = gate
        self.intake = intake
        self.settings = settings
        self.stop = stop
        self.question = question
        self.logger = logger
        queue = SpoolQueue(settle: settings.settle, gapWait: settings.gapWait)
    }

    func run() {
        while !stop.isStopped {
            if watch == nil { beginWatching() }
            // One time for all decisions of a round: what becomes due meanwhile is left to the next round.
            let now = ContinuousClock.now
            scan(now: now)
            takeCompleteFiles(now: now)
            wait(since: now)
        }
        logger.info("stopped watching the spool", metadata: ["waiting": "\(queue.count)"])
    }

    // MARK: - Looking

    private func beginWatching() {
        do {
            try intake.folder.prepare()
            if let reason = reasonToPoll() {
                watchTrouble = nil
                if reported.insert(reason).inserted {
                    logger.info("polling the spool", metadata: ["reason": "\(reason)"])
                }
                return
            }
            watch = try DirectoryWatch(intake.folder.incoming)
            watchTrouble = nil
            logger.info("watching the spool", metadata: ["folder": "\(intake.folder.incoming)"])
        } catch {
            // The scans go on without it.
            if watchTrouble != "\(error)" { logger.warning("cannot watch the spool", error: error) }
            watchTrouble = "\(error)"
        }
    }

    private func reasonToPoll() -> String? {
        if settings.polls { return "spool.poll is set" }
        return RemoteFileSystem(of: intake.folder.incoming).map {
            "it is on \($0.name), which tells no events"
        }
    }

    private func scan(now: ContinuousClock.Instant) {
        do {
            let (entries, unreadableNameCount) = try intake.folder.list()
            queue.update(entries, now: now)
            for entry in entries where entry.kind == .folder && reported.insert(entry.name).inserted {
                logger.notice("a folder in the spool is passed over", metadata: ["name": "\(entry.name)"])
            }
            if unreadableNameCount > 0, reported.insert("").inserted {
                logger.warning(
                    "files whose names are not UTF-8 are passed over",
                    metadata: ["count": "\(unreadableNameCount)"])
            }
        } catch {
            if watchTrouble != "\(error)" { logger.warning("cannot look into the spool", error: error) }
            watchTrouble = "\(error)"
            // The folder may have gone with the one above it: make it again.
            watch = nil
        }
    }

    /// Sleeps until there is a reason to scan again.
    private func wait(since now: ContinuousClock.Instant) {
        var deadline = now + settings.scanInterval
        if let suspendedUntil {
            deadline = min(deadline, suspendedUntil)
        } else if let next = queue.nextDeadline(now: now) {
            deadline = min(deadline, next)
        }
        while !stop.isStopped {
            let left = max(deadline - .now, .zero)
            // Rounded up, so that the deadline is over when poll says so.
            let milliseconds = Int32(
                clamping: left / .milliseconds(1) < 1e9 ? Int(left / .milliseconds(1)) + 1 : 1 << 30)
            var polls = [stop.descriptor, question.descriptor].map {
                pollfd(fd: $0, events: Int16(POLLIN), revents: 0)
            }
            if let watch { polls.append(pollfd(fd: watch.descriptor, events: Int16(POLLIN), revents: 0)) }
            let count = poll(&polls, nfds_t(polls.count), left == .zero ? 0 : milliseconds)
            question.answer()
            if takeEvents() || count == 0 || left == .zero { return }
        }
    }

    /// Passes the kernel's events on to the queue; true if they are a reason to scan.
    private func takeEvents() -> Bool {
        guard let events = watch?.events() else { return false }
        var isReason = false
        for event in events {
            queue.note(event)
            switch event {
            case .opened: break
            case .created, .completed: isReason = true
            case .overflow:
                logger.notice("events of the spool were lost, looking through all of it")
                isReason = true
            case .folderGone:
                logger.warning(
                    "the spool folder was moved or deleted", metadata: ["folder": "\(intake.folder.incoming)"]
                )
                watch = nil
                isReason = true
            }
        }
        return isReason
    }

    // MARK: - Taking

    private func takeCompleteFiles(now: ContinuousClock.Instant) {
        if let until = suspendedUntil, now < until { return }
        suspendedUntil = nil
        var isMoved = false
        do {
            for name in queue.complete(now: now) where !stop.isStopped {
                let turn = try queue.turn(of: name, now: now, progress: intake.ledger.chunkProgress(called:))
                guard let turn else { continue }
                question.answer()
                if try takeAnswering(turn) { isMoved = true }
            }
            if isMoved {
                try intake.folder.synchronize()
                FaultPoint.spoolSynchronized.reach()
            }
            if attempts > 0 { logger.notice("taking files again") }
            attempts = 0
        } catch {
            if stop.isStopped { return }
            if attempts == 0 { logger.error("cannot take files, trying again", error: error) }
            // Not for long: what keeps all files from being taken also keeps the daemon from its work.
            suspendedUntil = .now + min(SpoolQueue.delay(afterAttempts: attempts), Self.suspensionLimit)
            attempts += 1
        }
    }

    /// Takes one file; while a large one is being taken, questions of the watchdog are still answered.
    private func takeAnswering(_ candidate: SpoolQueue.Candidate) throws -> Bool {
        let byteCount = intake.folder.entry(candidate.name)?.byteCount ?? 0
        guard byteCount >= SpoolIntake.largeBytes, byteCount <= settings.byteLimit else {
            return try take(candidate)
        }
        // A slow machine takes a second for it.
        let seconds = 10 + byteCount / (64 << 10)
        return try question.answering(atMost: .seconds(seconds)) { try take(candidate) }
    }

    /// Takes one file; false if it stays.
    ///
    /// Throws an error that keeps all files from being taken.
    private func take(_ candidate: SpoolQueue.Candidate) throws -> Bool {
        do {
            let outcome = try gate.taking { () throws(SpoolIntake.Hindrance) in try intake.take(candidate) }
            // Still in the queue, and complete.
            if outcome == .interrupted { return false }
            if case .waiting(let reason) = outcome {
                guard reported.insert("waits \(candidate.name)").inserted else { return false }
                logger.notice(
                    "a calendar waits", metadata: ["source": "\(candidate.name)", "reason": "\(reason)"])
                return false
            }
            reported.remove("waits \(candidate.name)")
            queue.remove(candidate.name)
            log(outcome, of: candidate)
            return true
        } catch  where error.isOfThisFile {
            if queue.postpone(candidate.name, now: .now) {
                logger.warning(
                    "a file waits", metadata: ["source": "\(candidate.name)", "error": "\(error.message)"])
            }
            return false
        } catch {
            throw IntakeError(.system, error.message)
        }
    }

    private func log(_ outcome: SpoolIntake.Outcome, of candidate: SpoolQueue.Candidate) {
        var metadata: Logger.Metadata = ["source": "\(candidate.name)"]
        switch outcome {
        case .accepted(let meeting, let count):
            metadata["meeting"] = "\(meeting)"
            metadata["utterances"] = "\(count)"
            for (key, value) in intake.facts(of: candidate.name, meeting) { metadata[key] = "\(value)" }
            if let gap = candidate.gap {
                metadata["gap"] = "\(gap)"
                logger.warning("took a file after a gap", metadata: metadata)
            } else {
                logger.info("took a file", metadata: metadata)
            }
        case .ended(let meeting):
            metadata["meeting"] = "\(meeting)"
            logger.info("a file ended its meeting", metadata: metadata)
        case .described(let meeting):
            metadata["meeting"] = "\(meeting)"
            logger.info("took a calendar", metadata: metadata)
        case .duplicate(let meeting):
            metadata["meeting"] = "\(meeting)"
            logger.notice("a file was taken before, nothing is added", metadata: metadata)
        case .refused(let reason):
            metadata["reason"] = "\(reason)"
            logger.warning("refused a file, see failed/", metadata: metadata)
        case .gone: logger.info("a file went away", metadata: metadata)
        case .interrupted, .waiting: break
        }
    }
}
