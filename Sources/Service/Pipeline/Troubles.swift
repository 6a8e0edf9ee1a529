import Transcript

/// Troubles that last, such as a full disk: each is to be said when it begins and when it is over, not at every try.
struct Troubles {
    /// What does not work.
    enum Kind: Sendable {
        /// A meeting's next step cannot be recorded.
        case step
        /// A meeting's minutes cannot be written.
        case minutes
        /// What the model has read of a meeting cannot be saved.
        case cache
        /// The ledger cannot be read.
        case reading

        /// What is said when it works again.
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

    /// How often in a row it did not work.
    func count(_ kind: Kind, _ meeting: MeetingID? = nil) -> Int {
        counts[Key(kind: kind, meeting: meeting), default: 0]
    }

    /// It did not work; returns how often in a row that is now.
    mutating func add(_ kind: Kind, _ meeting: MeetingID? = nil) -> Int {
        counts[Key(kind: kind, meeting: meeting), default: 0] += 1
        return count(kind, meeting)
    }

    /// It worked; whether it had not before.
    mutating func end(_ kind: Kind, _ meeting: MeetingID? = nil) -> Bool {
        counts.removeValue(forKey: Key(kind: kind, meeting: meeting)) != nil
    }
}
