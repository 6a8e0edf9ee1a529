import Foundation
import Ledger
import Logging
import Minutes
import ServiceLifecycle
import Transcript

/// Leads each meeting from the ledger to its minutes.
///
/// A loop over the meetings that have work: each gets one turn, and a turn is at most one piece of work for the
/// model, so that a long meeting never starves another. Everything decided is in the ledger before the next thing
/// is begun; what is lost with the process is the piece at hand, which is done again.
public actor Pipeline: Service {
    /// What the pipeline does with failures, silence and time.
    public struct Policy: Sendable, Hashable {
        /// When windows close.
        public var segmentation: SegmentationPolicy
        /// Tries before a summary is given up.
        public var attempts: Int
        /// Wait before the second try; doubled for each further one.
        public var retryDelay: Duration
        /// Silence after which an open meeting ends; nil for never.
        public var idleEnd: Duration?
        /// Between two writes of minutes while utterances arrive.
        public var refreshInterval: Duration
        /// How often to look for work that no hint announced.
        public var pollInterval: Duration

        /// Makes a policy.
        public init(
            segmentation: SegmentationPolicy = SegmentationPolicy(), attempts: Int = 3,
            retryDelay: Duration = .seconds(2), idleEnd: Duration? = nil,
            refreshInterval: Duration = .seconds(5), pollInterval: Duration = .seconds(1)
        ) {
            precondition(attempts > 0 && pollInterval > .zero)
            self.segmentation = segmentation
            self.attempts = attempts
            self.retryDelay = retryDelay
            self.idleEnd = idleEnd
            self.refreshInterval = refreshInterval
            self.pollInterval = pollInterval
        }

        /// Takes the policy from the settings.
        public init(_ settings: Settings) {
            let idle = settings.meetings.idleEndMinutes
            self.init(
                segmentation: settings.segmentation.policy, attempts: settings.summaries.attempts,
                retryDelay: .seconds(settings.summaries.retrySeconds),
                idleEnd: idle > 0 ? .seconds(idle * 60) : nil,
                refreshInterval: .seconds(settings.output.refreshSeconds))
        }
    }

    /// The piece of work at hand.
    public struct Activity: Sendable, Hashable, Codable {
        /// Whose.
        public var meeting: MeetingID
        /// The window that is summarised; nil for the meeting as a whole.
        public var window: Int?
        /// Since when.
        public var since: Date
    }

    /// Tells what happens.
    public nonisolated let progress: Progress
    /// What the model is at; nil while it has nothing to summarise.
    public private(set) var activity: Activity?

    let ledger: Ledger
    let model: any LanguageModel
    let summarizer: Summarizer
    let writer: MinutesWriter
    let policy: Policy
    let logger: Logger
    var work: [MeetingID: MeetingWork] = [:]
    /// Meetings that are left alone until then, after a failure.
    var postponed: [MeetingID: ContinuousClock.Instant] = [:]
    /// Meetings that changed since their minutes were written.
    var dirty: Set<MeetingID> = []
    /// Meetings whose minutes could not be written the last time.
    var unwritable: Set<MeetingID> = []
    private let startedAt = Date.now

    /// Makes a pipeline; nothing happens before ``run()``.
    public init(
        ledger: Ledger, model: any LanguageModel, writer: MinutesWriter, policy: Policy,
        progress: Progress = Progress(), logger: Logger
    ) {
        self.ledger = ledger
        self.model = model
        self.summarizer = Summarizer(model: model)
        self.writer = writer
        self.policy = policy
        self.progress = progress
        self.logger = logger
    }

    /// Works until graceful shutdown or cancellation; returns within the model's answer to cancellation.
    public func run() async throws {
        let hints = ledger.changes()
        await cancelWhenGracefulShutdown {
            await withDiscardingTaskGroup { group in
                let (wakeUps, wake) = AsyncStream.makeStream(
                    of: Void.self, bufferingPolicy: .bufferingNewest(1))
                group.addTask { await self.follow(hints, wake: wake) }
                group.addTask { await self.refreshOutputs() }
                group.addTask { await Self.tick(self.policy.pollInterval, wake: wake) }
                group.addTask { await self.work(on: wakeUps) }
            }
        }
    }

    /// Works until nothing is left to do: every meeting is as far as its input allows.
    ///
    /// Throws `CancellationError` when the task is cancelled.
    public func drain() async throws {
        while true {
            let worked = try await pass()
            try Task.checkCancellation()
            if worked { continue }
            guard let next = postponed.values.min() else { return }
            try await Task.sleep(until: next)
            postponed = postponed.filter { $0.value > next }
        }
    }

    /// Ends a meeting; false if it was ended before.
    ///
    /// Throws `LedgerError` if there is no such meeting.
    public func end(_ meeting: MeetingID) throws -> Bool {
        let isNew = try ledger.end(meeting)
        if isNew { report(.ended, meeting) }
        return isNew
    }

    // MARK: - Loops

    private func work(on wakeUps: AsyncStream<Void>) async {
        for await _ in wakeUps {
            do {
                repeat { endIdleMeetings() } while try await pass()
            } catch {
                logger.error("the ledger cannot be read", error: error)
            }
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
        var worked = false
        for meeting in try ledger.pendingMeetings() where !Task.isCancelled {
            if await turn(of: meeting) { worked = true }
        }
        return worked && !Task.isCancelled
    }

    private func endIdleMeetings() {
        guard let idleEnd = policy.idleEnd else { return }
        let limit = Date.now.addingTimeInterval(-(idleEnd / .seconds(1)))
        do {
            // What came while this process was not there may still be on its way: silence begins anew.
            for meeting in try ledger.meetings()
            where meeting.state == .open && max(meeting.changedAt, startedAt) < limit {
                _ = try end(meeting.id)
                logger.notice(
                    "ended a meeting that got no more input", metadata: ["meeting": "\(meeting.id)"])
            }
        } catch {
            logger.error("cannot look for idle meetings", error: error)
        }
    }

    // MARK: - Activity

    func begin(_ meeting: MeetingID, window: Int?) {
        activity = Activity(meeting: meeting, window: window, since: .now)
    }

    func endActivity() {
        activity = nil
    }
}
