import Foundation
import Ledger
import Logging
import Minutes
import ServiceLifecycle
import Settings
import Summaries
import Transcript

/// Turns what the ledger has recorded of each meeting into its minutes.
///
/// Several meetings have their turns at the same time, so that the model can serve them together. A turn is at most one
/// piece of work for the model; after it, a meeting goes to the end of the queue. Every decision is in the ledger before
/// the next step begins, so a process that ends loses only the piece of work in progress, which is done again.
package actor Pipeline: Service {
    /// How the pipeline handles failures, silence and time.
    package struct Policy: Sendable, Hashable {
        /// When windows close.
        package var segmentation: SegmentationPolicy
        /// Tries before a summary is given up.
        package var attempts: Int
        /// Wait before the second try; doubled for each further one.
        package var retryDelay: Duration
        /// Silence after which an open meeting ends; nil for never.
        package var idleEnd: Duration?
        /// Least time between two writes of a meeting's minutes while it goes on.
        package var refreshInterval: Duration
        /// How often to look for work that no change notification has announced.
        package var pollInterval: Duration
        /// The least time between two saves of the model's cache of an open window.
        package var saveInterval: Duration

        /// Creates a policy.
        package init(
            segmentation: SegmentationPolicy = SegmentationPolicy(), attempts: Int = 3,
            retryDelay: Duration = .seconds(2), idleEnd: Duration? = nil,
            refreshInterval: Duration = .seconds(5), pollInterval: Duration = .seconds(10),
            saveInterval: Duration = .seconds(10)
        ) {
            precondition(attempts > 0 && pollInterval > .zero)
            self.segmentation = segmentation
            self.attempts = attempts
            self.retryDelay = retryDelay
            self.idleEnd = idleEnd
            self.refreshInterval = refreshInterval
            self.pollInterval = pollInterval
            self.saveInterval = saveInterval
        }

        /// Takes the policy from the settings.
        package init(_ settings: Settings) {
            let idle = settings.meetings.idleEndMinutes
            self.init(
                segmentation: settings.segmentation.policy, attempts: settings.summaries.attempts,
                retryDelay: .seconds(settings.summaries.retrySeconds),
                idleEnd: idle > 0 ? .seconds(idle * 60) : nil,
                refreshInterval: .seconds(settings.output.refreshSeconds))
        }
    }

    /// A piece of work in progress.
    package struct Activity: Sendable, Hashable, Codable {
        /// The meeting that is worked on.
        package var meeting: MeetingID
        /// The window that is summarised; nil for the meeting as a whole.
        package var window: Int?
        /// When the work began.
        package var since: Date
    }

    /// Reports what happens.
    package nonisolated let progress: Progress
    /// The piece of work that the model has been busy with for the longest time; nil while there is none.
    package var activity: Activity? { activities.values.min { $0.since < $1.since } }

    let ledger: Ledger
    /// What writes summaries.
    package let model: any LanguageModel
    let writer: MinutesWriter
    /// Reads what was said.
    let reader: MeetingReader
    /// Judges the answers about windows.
    var judging: WindowJudging
    /// The same for minutes that are made again.
    var redoJudging: WindowJudging
    var policy: Policy
    let logger: Logger
    let atHand: AtHand?
    /// Meetings that were worked on when the previous process crashed: each gets a turn alone, to find out which one
    /// caused it.
    var suspects: Set<MeetingID>
    var work: [MeetingID: MeetingWork] = [:]
    /// When meetings may be tried again after a failure.
    var postponed: [MeetingID: ContinuousClock.Instant] = [:]
    /// When minutes are written.
    var outputs = OutputSchedule()
    /// When the page of all meetings is written.
    var index = IndexSchedule()
    /// Failures that last.
    var troubles = Troubles()
    /// When the model's caches were saved last; not part of ``MeetingWork``, which is created anew after a correction.
    var savedAt: [MeetingID: ContinuousClock.Instant] = [:]
    private var activities: [MeetingID: Activity] = [:]
    /// When the last of them ended.
    private(set) var idleSince: ContinuousClock.Instant?
    /// Number of the last turn of a meeting.
    var lastTurn: [MeetingID: Int] = [:]
    private var turnCount = 0
    /// Meetings whose turn it is.
    private(set) var inTurn: Set<MeetingID> = []
    /// Their turns, to be broken off.
    var turns: [MeetingID: Task<Bool, Never>] = [:]
    private let startedAt = Date.now
    /// What an operator has paused or ended.
    var hold = Hold()
    /// Questions that are being answered.
    var asking = Asking()
    /// Wakes the work loop; nil while it is not running.
    private var wake: AsyncStream<Void>.Continuation?
    /// Tokens read and written in a second, over the last summaries; nil before the first.
    package var tokensPerSecond: Double?
    /// More turns at once would only wait for each other in the model.
    private static let turnsLimit = 8

    /// Creates a pipeline, which does nothing before ``run()``.
    ///
    /// - `atHand` records the work in progress; work that has crashed the process ``Policy/attempts`` times is given up.
    /// - `suspects` are the meetings that were worked on when the previous process crashed.
    package init(
        ledger: Ledger, model: any LanguageModel, writer: MinutesWriter, policy: Policy,
        progress: Progress = Progress(), atHand: AtHand? = nil, suspects: Set<MeetingID> = [], logger: Logger
    ) {
        self.ledger = ledger
        self.model = model
        self.writer = writer
        reader = MeetingReader(ledger: ledger, styles: writer.styles)
        judging = WindowJudging(reader: reader)
        redoJudging = judging
        self.policy = policy
        self.progress = progress
        self.atHand = atHand
        self.suspects = suspects
        self.logger = logger
    }

    /// The summarizer for a meeting, in its style.
    func summarizer(for meeting: MeetingID) throws -> Summarizer {
        MinutesMaker(ledger: ledger, reader: reader, model: model)
            .summarizer(for: meeting, style: try reader.style(of: meeting))
    }

    /// Works until graceful shutdown or cancellation; returns as soon as the model has reacted to it.
    package func run() async throws {
        let hints = ledger.changes()
        let (wakeUps, wake) = AsyncStream.makeStream(of: Void.self, bufferingPolicy: .bufferingNewest(1))
        self.wake = wake
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                group.addTask { await self.follow(hints, wake: wake) }
                group.addTask { await self.refreshOutputs() }
                group.addTask { await self.findStaleOutputs() }
                group.addTask { await Self.tick(await self.policy.pollInterval, wake: wake) }
                group.addTask { await self.work(on: wakeUps, wake: wake) }
            }
        }
    }

    /// Works until every meeting is processed as far as its input allows.
    ///
    /// Throws `CancellationError` when the task is cancelled.
    package func drain() async throws {
        while true {
            let worked = try await pass()
            try Task.checkCancellation()
            if worked { continue }
            guard let next = postponed.values.min() else { break }
            try await Task.sleep(until: next)
            postponed = postponed.filter { $0.value > next }
        }
        for meeting in outputs.changed { await writeOutput(meeting) }
    }

    /// Ends a meeting; false if it was ended before.
    ///
    /// Throws `LedgerError` if there is no such meeting.
    package func end(_ meeting: MeetingID) throws -> Bool {
        let isNew = try ledger.end(meeting)
        if isNew { report(.ended, meeting) }
        return isNew
    }

    /// Returns as soon as the actor is free, which shows that it is not stuck.
    package func respond() {}

    /// Looks for work now.
    func wakeUp() { wake?.yield() }

    // MARK: - Loops

    private func work(on wakeUps: AsyncStream<Void>, wake: AsyncStream<Void>.Continuation) async {
        await withDiscardingTaskGroup { group in
            for await _ in wakeUps where !Task.isCancelled {
                endIdleMeetings()
                for meeting in nextMeetings() {
                    inTurn.insert(meeting)
                    group.addTask {
                        let worked = await self.interruptibleTurn(of: meeting)
                        await self.leave(meeting)
                        // The turn has freed a place, and there may be more to do for the meeting.
                        if worked { wake.yield() }
                        if let until = await self.postponed[meeting],
                            (try? await Task.sleep(until: until)) != nil
                        {
                            wake.yield()
                        }
                    }
                }
            }
        }
    }

    private func leave(_ meeting: MeetingID) {
        inTurn.remove(meeting)
        suspects.remove(meeting)
    }

    /// Meetings that have work and whose turn it is not yet; the one that has waited longest comes first.
    private func nextMeetings() -> [MeetingID] {
        do {
            let waiting = try ledger.pendingMeetings().filter { meeting in
                !inTurn.contains(meeting) && !hold.holds(meeting)
                    && postponed[meeting].map { $0 <= .now } ?? true
            }
            // Minutes that are made a second time wait for those that nobody has yet, and one of them is made at once.
            let again = try ledger.meetingsMadeAgain()
            var isMakingAgain = !again.isDisjoint(with: inTurn)
            let order = waiting.sorted {
                (again.contains($0) ? 1 : 0, lastTurn[$0, default: 0])
                    < (again.contains($1) ? 1 : 0, lastTurn[$1, default: 0])
            }.filter { meeting in
                guard again.contains(meeting) else { return true }
                defer { isMakingAgain = true }
                return !isMakingAgain
            }
            suspects.formIntersection(inTurn.union(waiting))
            let limit = suspects.isEmpty ? Self.turnsLimit : 1
            let next = order.prefix(max(0, limit - inTurn.count))
            for meeting in next {
                turnCount += 1
                lastTurn[meeting] = turnCount
            }
            itWorks(.reading)
            return Array(next)
        } catch {
            complain(.reading, "the ledger cannot be read", error)
            return []
        }
    }

    private static func tick(_ interval: Duration, wake: AsyncStream<Void>.Continuation) async {
        wake.yield()
        // Cancellation is the way out of the sleep.
        while (try? await Task.sleep(for: interval)) != nil { wake.yield() }
        wake.finish()
    }

    /// One turn for each meeting that has work; false if none could do anything.
    private func pass() async throws -> Bool {
        let pending = try ledger.pendingMeetings()
        var worked = false
        for first in stride(from: 0, to: pending.count, by: Self.turnsLimit) where !Task.isCancelled {
            let some = pending[first..<min(pending.count, first + Self.turnsLimit)]
            let someWorked = await withTaskGroup(of: Bool.self) { group in
                for meeting in some { group.addTask { await self.turn(of: meeting) } }
                var any = false
                for await one in group where one { any = true }
                return any
            }
            worked = worked || someWorked
        }
        return worked && !Task.isCancelled
    }

    private func endIdleMeetings() {
        guard let idleEnd = policy.idleEnd else { return }
        let limit = Date.now.addingTimeInterval(-(idleEnd / .seconds(1)))
        do {
            // Input that came while no process was running may still be on its way, so silence is counted from the start.
            guard startedAt < limit else { return }
            for meeting in try ledger.openMeetings(unchangedSince: limit)
            where postponed[meeting].map({ $0 <= .now }) ?? true {
                do {
                    _ = try end(meeting)
                    logger.notice(
                        "ended a meeting that got no more input", metadata: ["meeting": "\(meeting)"])
                } catch {
                    hinder(meeting, "a meeting that gets no more input cannot be ended", error)
                }
            }
        } catch {
            complain(.reading, "the ledger cannot be read", error)
        }
    }

    // MARK: - Activity

    func begin(_ meeting: MeetingID, window: Int?) {
        activities[meeting] = Activity(meeting: meeting, window: window, since: .now)
    }

    func endActivity(_ meeting: MeetingID) {
        activities[meeting] = nil
        if activities.isEmpty { idleSince = .now }
    }
}
