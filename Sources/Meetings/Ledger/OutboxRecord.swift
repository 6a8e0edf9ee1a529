import Foundation
import Transcript

/// Whom finished minutes are handed on to, and how patiently.
package struct OutboxTarget: Sendable, Hashable, Codable {
    /// The name of the entry in the configuration.
    package var name: String
    /// How the names of its meetings begin; empty for all meetings.
    package var kinds: [String]
    /// So often is it tried before it is given up.
    package var attempts: Int
    /// The wait before the second attempt, in seconds; doubled for each further one.
    package var retrySeconds: Double
    /// The longest that an attempt may take.
    package var timeoutSeconds: Double

    /// Describes an entry.
    package init(
        name: String, kinds: [String] = [], attempts: Int = 30, retrySeconds: Double = 30,
        timeoutSeconds: Double = 60
    ) {
        self.name = name
        self.kinds = kinds
        self.attempts = attempts
        self.retrySeconds = retrySeconds
        self.timeoutSeconds = timeoutSeconds
    }

    /// Whether the minutes of `meeting` go to it.
    package func takes(_ meeting: MeetingID) -> Bool {
        kinds.isEmpty || kinds.contains { meeting.name.hasPrefix($0) }
    }

    /// The longest wait before another attempt, in seconds, before it is spread.
    static let longestWait = 3600.0

    /// How long to wait, in seconds, when `attempts` have failed; `spread` is from 0.75 to 1.25, so that not everybody
    /// comes back to a server at the same moment.
    func wait(after attempts: Int, spread: Double) -> Double {
        min(Self.longestWait, retrySeconds * Double(1 << min(max(attempts - 1, 0), 20))) * spread
    }
}

/// Minutes that are to be handed on, or were.
package struct OutboxRecord: Sendable, Hashable, Codable {
    /// How far it has come.
    package enum State: String, Sendable, Codable {
        /// It is to be tried, for the first time or again.
        case waiting
        /// An attempt is under way.
        case running
        /// The command has said that it is done.
        case delivered
        /// It was tried as often as it may be.
        case failed
        /// It had not come through when the minutes changed; a later one has them.
        case replaced
    }

    /// Why it is handed on.
    package enum Reason: String, Sendable, Codable {
        /// The minutes are finished.
        case finished
        /// Minutes that were finished before have changed.
        case changed
    }

    /// Stays the same in all attempts, and differs from all others: the receiver's idempotency key.
    package let id: String
    /// The name of the entry in the configuration.
    package let target: String
    /// The meeting.
    package let meeting: MeetingID
    /// Why.
    package let reason: Reason
    /// When the minutes were finished, or changed.
    package let createdAt: Date
    /// How far it has come.
    package let state: State
    /// Attempts that were begun.
    package let attempts: Int
    /// Those of them that do not count: from before somebody had it tried once more, and broken off without a report.
    package let earlierAttempts: Int
    /// When it is tried next; nil if it is settled.
    package let dueAt: Date?
    /// When it was delivered, given up or replaced; nil before.
    package let settledAt: Date?
    /// Why the last attempt failed; nil if none did.
    package let problem: String?

    /// Attempts that count: since it was recorded, or somebody had it tried once more, and not broken off.
    var attemptsOfRound: Int { attempts - earlierAttempts }
}

/// How much is to be handed on.
package struct OutboxLoad: Sendable, Hashable, Codable {
    /// How many entries the configuration has.
    package let targets: Int
    /// How many wait, or are under way.
    package let waiting: Int
    /// How many were given up.
    package let failed: Int
    /// Since when the oldest of those has waited; nil if none does.
    package let waitingSince: Date?
}

/// What had been handed on of a meeting that is erased: out of reach.
package struct HandedOn: Sendable, Hashable, Codable {
    /// ``OutboxRecord/id``.
    package let id: String
    /// The meeting.
    package let meeting: String
    /// The entry of the configuration.
    package let target: String
    /// ``OutboxRecord/state`` at that time.
    package let state: OutboxRecord.State
    /// When it was settled, or else recorded.
    package let at: Date
}
