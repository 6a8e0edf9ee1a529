import Transcript

/// Which minutes are to be written, and when: soon after a change, but never for more than a tenth of the time.
///
/// After each writing a meeting's minutes rest nine times as long as it took, so that a meeting of many hours, whose
/// minutes take long to make, does not wear out the machine while it runs.
struct OutputSchedule {
    /// Meetings that changed since their minutes were written.
    private(set) var changed: Set<MeetingID> = []
    /// Until when minutes rest.
    private var rests: [MeetingID: ContinuousClock.Instant] = [:]
    /// How often in a row minutes could not be written.
    private var failures: [MeetingID: Int] = [:]

    static let restShare = 9
    /// However often the minutes could not be written, they are tried again after so long.
    static let retryLimit = Duration.seconds(60)

    /// Notes that meetings changed.
    mutating func note(_ meetings: some Sequence<MeetingID>) { changed.formUnion(meetings) }

    /// Whether the minutes of `meeting` need not rest at `now`.
    func isDue(_ meeting: MeetingID, at now: ContinuousClock.Instant) -> Bool {
        rests[meeting].map { $0 <= now } ?? true
    }

    /// Minutes that are to be written at `now`.
    func due(at now: ContinuousClock.Instant) -> [MeetingID] { changed.filter { isDue($0, at: now) } }

    /// When the next minutes are to be written; nil if none are to be.
    var next: ContinuousClock.Instant? { changed.compactMap { rests[$0] }.min() }

    /// The minutes of `meeting` are being written: what changes from now on is not in them.
    mutating func begin(_ meeting: MeetingID) { changed.remove(meeting) }

    /// They were written by `now`, which took `cost`; they rest for `interval` at least.
    mutating func finish(
        _ meeting: MeetingID, cost: Duration, interval: Duration, at now: ContinuousClock.Instant
    ) {
        failures[meeting] = nil
        // What need not rest any more is forgotten, so that finished meetings do not pile up here.
        rests = rests.filter { $0.value > now }
        rests[meeting] = now + max(interval, cost * Self.restShare)
    }

    /// They could not be written and are tried again, each time after twice as long.
    mutating func fail(_ meeting: MeetingID, interval: Duration, at now: ContinuousClock.Instant) {
        changed.insert(meeting)
        let count = failures[meeting, default: 0]
        failures[meeting] = count + 1
        rests[meeting] = now + min(interval * (1 << min(count, 16)), Self.retryLimit)
    }
}
