import Transcript

/// Which minutes are to be written, and when: soon after a change, but using at most a tenth of the time.
///
/// After each write, the minutes of a meeting rest nine times as long as the write took, so that a meeting of many hours
/// does not keep the machine busy.
struct OutputSchedule {
    /// Meetings that have changed since their minutes were written.
    private(set) var changed: Set<MeetingID> = []
    /// When the minutes of a meeting may be written again.
    private var rests: [MeetingID: ContinuousClock.Instant] = [:]
    /// How often in a row minutes could not be written.
    private var failures: [MeetingID: Int] = [:]

    static let restShare = 9
    /// The longest wait before minutes that could not be written are tried again.
    static let retryLimit = Duration.seconds(60)

    /// Notes that meetings have changed.
    mutating func note(_ meetings: some Sequence<MeetingID>) { changed.formUnion(meetings) }

    /// Whether the minutes of `meeting` may be written at `now`.
    func isDue(_ meeting: MeetingID, at now: ContinuousClock.Instant) -> Bool {
        rests[meeting].map { $0 <= now } ?? true
    }

    /// Minutes that are to be written at `now`.
    func due(at now: ContinuousClock.Instant) -> [MeetingID] { changed.filter { isDue($0, at: now) } }

    /// When the next minutes are to be written; nil if none are to be.
    var next: ContinuousClock.Instant? { changed.compactMap { rests[$0] }.min() }

    /// The minutes of `meeting` are being written: what changes from now on is not in them.
    mutating func begin(_ meeting: MeetingID) { changed.remove(meeting) }

    /// The minutes were written by `now`, which took `cost`; they rest for at least `interval`.
    mutating func finish(
        _ meeting: MeetingID, cost: Duration, interval: Duration, at now: ContinuousClock.Instant
    ) {
        failures[meeting] = nil
        // What need not rest any more is forgotten, so that finished meetings do not pile up here.
        rests = rests.filter { $0.value > now }
        rests[meeting] = now + max(interval, cost * Self.restShare)
    }

    /// Forgets a meeting.
    mutating func forget(_ meeting: MeetingID) {
        changed.remove(meeting)
        rests[meeting] = nil
        failures[meeting] = nil
    }

    /// The minutes could not be written and are tried again, after twice the time at each failure.
    mutating func fail(_ meeting: MeetingID, interval: Duration, at now: ContinuousClock.Instant) {
        changed.insert(meeting)
        let count = failures[meeting, default: 0]
        failures[meeting] = count + 1
        rests[meeting] = now + min(interval * (1 << min(count, 16)), Self.retryLimit)
    }
}

/// When the page of all meetings is written: at the start, and after a change when it has rested.
struct IndexSchedule {
    var isChanged = true
    var rest: ContinuousClock.Instant?

    func isDue(at now: ContinuousClock.Instant) -> Bool { isChanged && (rest.map { $0 <= now } ?? true) }
}
