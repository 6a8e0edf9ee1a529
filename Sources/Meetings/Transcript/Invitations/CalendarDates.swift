import CCalendar
import Foundation
import Language

/// The dates of a calendar's events, and which of them is nearest to a meeting.
struct CalendarDates {
    /// A date of an event.
    struct Found {
        let event: Int
        let start: Date
        let end: Date?
        /// The day, if it is a day alone.
        let day: String?
    }

    private let file: OpaquePointer
    private let events: [CalendarEvent]
    private let moment: MeetingMoment
    private var zones: CalendarZones
    /// Dates of repeated events that others stand for, by the event's identifier.
    private var replaced: [String: Set<Date>] = [:]
    /// Events of which not all dates were found.
    private(set) var skippedRules: Set<Int> = []
    private var best: (found: Found, rank: Rank)?
    /// Dates that may still be looked at, and until when.
    private var budget = 50_000
    private let deadline = ContinuousClock.now + .seconds(2)

    /// Later dates than so many seconds after the meeting are not looked for: rules may go on for ever.
    private static let horizon = 400 * 86_400.0

    /// How near a date is; less is nearer.
    private struct Rank: Comparable {
        let isOtherDay: Bool
        let distance: Double
        let isCancelled: Bool

        static func < (one: Rank, other: Rank) -> Bool {
            (one.isOtherDay ? 1 : 0, one.distance, one.isCancelled ? 1 : 0)
                < (other.isOtherDay ? 1 : 0, other.distance, other.isCancelled ? 1 : 0)
        }
    }

    /// `file` is that of `CCalendar`, `events` are its events.
    init(_ file: OpaquePointer, _ events: [CalendarEvent], near moment: MeetingMoment, zone: TimeZone) {
        (self.file, self.events, self.moment) = (file, events, moment)
        zones = CalendarZones(file, local: zone, until: deadline)
    }

    /// The nearest date, and whether it is on another day than the meeting for certain was; nil if no event has a date.
    mutating func nearest() -> (found: Found, isOtherDay: Bool)? {
        for event in events {
            guard let uid = event.uid, let date = event.recurrence.flatMap({ zones.date($0) }) else {
                continue
            }
            replaced[uid, default: []].insert(date)
        }
        for place in events.indices { look(at: place) }
        guard let best else { return nil }
        let isCertain = moment.start != nil || moment.day != nil
        return (best.found, isCertain && best.rank.distance > 86_400)
    }

    /// A time zone that the event's times are in and that is not known.
    func unknownZone(of event: CalendarEvent) -> String? {
        event.start?.zone.flatMap {
            zones.unknown.contains(String($0.prefix(80))) ? String($0.prefix(80)) : nil
        }
    }

    private mutating func look(at place: Int) {
        let event = events[place]
        guard let first = event.start, let start = zones.date(first) else { return }
        let length = length(of: event, from: start)
        let isWholeDay = !first.isDate && length > 0 && length % 86_400 == 0 && zones.isMidnight(start)
        let others = event.recurrence == nil ? event.uid.flatMap { replaced[$0] } ?? [] : []
        var except = Set<Date>()
        for time in event.except where !time.isDate {
            if let date = zones.date(time) { except.insert(date) }
        }
        let exceptDays = Set(event.except.filter(\.isDate).map(\.date))
        var times = [(first, start)]
        for time in event.more {
            if let date = zones.date(time) { times.append((time, date)) }
        }
        if event.hasBrokenRule { skippedRules.insert(place) }
        // An event that stands for one date of another is not repeated itself.
        for rule in event.rules where event.recurrence == nil {
            if !follow(rule, of: place, from: first, into: &times) { skippedRules.insert(place) }
        }
        for (time, date) in times
        where !others.contains(date) && !except.contains(date) && !exceptDays.contains(time.date) {
            consider(
                Found(
                    event: place, start: date, end: length > 0 ? date + Double(length) : nil,
                    day: time.isDate ? time.date : isWholeDay ? zones.day(of: date) : nil))
        }
    }

    /// Finds the dates of a rule; false if they cannot be found, or are too many.
    private mutating func follow(
        _ rule: Int32, of place: Int, from first: CalendarMoment, into times: inout [(CalendarMoment, Date)]
    ) -> Bool {
        guard ContinuousClock.now < deadline else { return false }
        var start = first.time
        guard let dates = ccal_dates_open(file, Int32(place), rule, &start) else { return false }
        defer { ccal_dates_close(dates) }
        let limit = (moment.start ?? moment.day.flatMap(zones.noon) ?? moment.about) + Self.horizon
        let until = until(rule, of: place, zone: first.zone)
        var next = ccal_time()
        while ccal_dates_next(dates, &next) != 0 {
            guard budget > 0, budget % 256 != 0 || ContinuousClock.now < deadline else { return false }
            budget -= 1
            next.is_utc = first.isUTC ? 1 : 0
            let time = CalendarMoment(next, zone: first.zone)
            guard let date = zones.date(time), date <= limit, until.map({ date <= $0 }) ?? true else {
                return true
            }
            times.append((time, date))
        }
        return true
    }

    /// Until when a rule goes: a day alone is meant as a whole.
    private mutating func until(_ rule: Int32, of place: Int, zone: String?) -> Date? {
        var time = ccal_time()
        guard ccal_rule_until(file, Int32(place), rule, &time) != 0 else { return nil }
        var until = CalendarMoment(time, zone: zone)
        if until.isDate { (until.isDate, until.hour, until.minute, until.second) = (false, 23, 59, 59) }
        return zones.date(until)
    }

    /// In seconds; of a day alone a day.
    private mutating func length(of event: CalendarEvent, from start: Date) -> Int64 {
        if let end = event.end.flatMap({ zones.date($0) }) {
            return Int64(max(0, end.timeIntervalSince(start)))
        }
        if let duration = event.duration { return min(max(0, duration), 366 * 86_400) }
        return event.start?.isDate == true ? 86_400 : 0
    }

    private mutating func consider(_ found: Found) {
        let isOtherDay =
            moment.start == nil && moment.day.map { $0 != (found.day ?? zones.day(of: found.start)) } == true
        let rank = Rank(
            isOtherDay: isOtherDay, distance: distance(to: found, isOtherDay: isOtherDay),
            isCancelled: events[found.event].isCancelled)
        // Of two that are equally near the first one counts.
        if best.map({ rank < $0.rank }) ?? true { best = (found, rank) }
    }

    /// Seconds between the meeting and a date; 0 if it lies within it.
    private func distance(to found: Found, isOtherDay: Bool) -> Double {
        let time =
            moment.start ?? (isOtherDay ? moment.day.flatMap(zones.noon) : nil) ?? moment.about
        // When it was on that day is known by a file's time only if that is of that day.
        if moment.start == nil, moment.day != nil, !isOtherDay,
            abs(time.timeIntervalSince(found.start)) > 86_400
        {
            return 0
        }
        let end = found.end ?? found.start
        return time < found.start ? found.start.timeIntervalSince(time) : max(0, time.timeIntervalSince(end))
    }
}
