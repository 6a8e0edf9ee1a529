import Transcript

/// Failures that last, such as a full disk.
///
/// Each is logged when it begins and when it ends, not at every attempt.
struct Troubles {
    /// What can fail.
    enum Kind: Sendable {
        /// A meeting's next step cannot be recorded.
        case step
        /// A meeting's minutes cannot be written.
        case minutes
        /// What the model has read of a meeting cannot be saved.
        case cache
        /// The ledger cannot be read.
        case reading

        /// The log message for the end of the failure.
        var ending: String {
            switch self {
            case .step: "a meeting goes on again"
            case .minutes: "minutes can be written again"
            case .cache: "what the model has read can be saved again"
            case .reading: "the ledger can be read again"
            }
        }
    }

    private struct Key: Hashable {
        let kind: Kind
        let meeting: MeetingID?
    }

    private var counts: [Key: Int] = [:]

    /// How often it has failed in a row.
    func count(_ kind: Kind, _ meeting: MeetingID? = nil) -> Int {
        counts[Key(kind: kind, meeting: meeting), default: 0]
    }

    /// Records a failure; returns how often it has failed in a row.
    mutating func add(_ kind: Kind, _ meeting: MeetingID? = nil) -> Int {
        counts[Key(kind: kind, meeting: meeting), default: 0] += 1
        return count(kind, meeting)
    }

    /// Records a success; returns whether it had failed before.
    mutating func end(_ kind: Kind, _ meeting: MeetingID? = nil) -> Bool {
        counts.removeValue(forKey: Key(kind: kind, meeting: meeting)) != nil
    }
}
