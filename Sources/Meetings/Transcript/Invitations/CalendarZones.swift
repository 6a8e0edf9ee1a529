import CCalendar
import Foundation
import Language

/// A date, or a date and a time of day, as an event gives it.
struct CalendarMoment: Hashable {
    var year, month, day, hour, minute, second: Int
    /// Whether it is a date alone.
    var isDate: Bool
    var isUTC: Bool
    /// The name of its time zone (TZID).
    var zone: String?

    init(_ time: ccal_time, zone: String?) {
        (year, month, day) = (Int(time.year), Int(time.month), Int(time.day))
        (hour, minute, second) = (Int(time.hour), Int(time.minute), Int(time.second))
        (isDate, isUTC) = (time.is_date != 0, time.is_utc != 0)
        self.zone = zone
    }

    /// For libical.
    var time: ccal_time {
        ccal_time(
            year: Int32(year), month: Int32(month), day: Int32(day), hour: Int32(hour), minute: Int32(minute),
            second: Int32(second), is_date: isDate ? 1 : 0, is_utc: isUTC ? 1 : 0)
    }

    /// The date alone: `2026-11-30`.
    var date: String { CalendarMoment.date(year, month, day) }

    static func date(_ year: Int, _ month: Int, _ day: Int) -> String {
        func padded(_ number: Int, to width: Int) -> String {
            let digits = String(number)
            return String(repeating: "0", count: max(0, width - digits.utf8.count)) + digits
        }
        return "\(padded(year, to: 4))-\(padded(month, to: 2))-\(padded(day, to: 2))"
    }
}

/// Finds out which moment clocks in a time zone mean.
///
/// Known are the names of the system's time zones, alone or at the end of a longer one, those of Windows, and what the
/// file itself defines. Times without a zone, and in one that is not known, are those of `local`.
struct CalendarZones {
    private enum Zone {
        case known(Calendar)
        case ofFile
    }

    private let file: OpaquePointer
    private let local: Calendar
    private var zones: [String: Zone] = [:]
    /// From then on time zones of the file are not worked out any more, which may take long where there are many.
    private let deadline: ContinuousClock.Instant
    /// Names that are not known.
    private(set) var unknown: [String] = []

    /// `file` is that of `CCalendar`.
    init(_ file: OpaquePointer, local: TimeZone, until deadline: ContinuousClock.Instant) {
        (self.file, self.deadline) = (file, deadline)
        self.local = Self.calendar(local)
    }

    private static func calendar(_ zone: TimeZone) -> Calendar {
        var calendar = Calendar(identifier: .gregorian)
        calendar.timeZone = zone
        return calendar
    }

    /// The moment; nil if there is no such time, or not in the years 1900 to 2199.
    ///
    /// A date alone begins at midnight.
    mutating func date(_ moment: CalendarMoment) -> Date? {
        guard (1900..<2200).contains(moment.year) else { return nil }
        let components = DateComponents(
            year: moment.year, month: moment.month, day: moment.day, hour: moment.hour, minute: moment.minute,
            second: moment.second)
        if moment.isUTC { return Self.utc.date(from: components) }
        guard let name = moment.zone, !moment.isDate else { return local.date(from: components) }
        switch zone(name, moment) {
        case .known(let calendar): return calendar.date(from: components)
        case .ofFile:
            var (time, seconds) = (moment.time, Int32(0))
            guard ContinuousClock.now < deadline, ccal_zone_offset(file, name, &time, &seconds) != 0 else {
                return local.date(from: components)
            }
            return Self.utc.date(from: components).map { $0 - Double(seconds) }
        }
    }

    private static let utc = calendar(.gmt)

    /// The date on which `date` is, where the meeting is: `2026-11-30`.
    func day(of date: Date) -> String {
        let parts = local.dateComponents([.year, .month, .day], from: date)
        return CalendarMoment.date(parts.year ?? 0, parts.month ?? 0, parts.day ?? 0)
    }

    /// Whether `date` is midnight where the meeting is.
    func isMidnight(_ date: Date) -> Bool {
        let parts = local.dateComponents([.hour, .minute, .second], from: date)
        return parts.hour == 0 && parts.minute == 0 && parts.second == 0
    }

    /// Noon of a day, where the meeting is; nil if it is no day.
    func noon(of day: String) -> Date? {
        let fields = day.split(separator: "-").compactMap { Int($0) }
        guard fields.count == 3 else { return nil }
        return local.date(
            from: DateComponents(year: fields[0], month: fields[1], day: fields[2], hour: 12))
    }

    private mutating func zone(_ name: String, _ moment: CalendarMoment) -> Zone {
        if let zone = zones[name] { return zone }
        var zone = Zone.known(local)
        if let known = Self.known(name) {
            zone = .known(Self.calendar(known))
        } else {
            var (time, seconds) = (moment.time, Int32(0))
            if ContinuousClock.now < deadline, ccal_zone_offset(file, name, &time, &seconds) != 0 {
                zone = .ofFile
            } else {
                unknown.append(String(name.prefix(80)))
            }
        }
        zones[name] = zone
        return zone
    }

    /// `Europe/Berlin`, `/citadel.org/20210210_1/Europe/Berlin`, `W. Europe Standard Time`, `tzone://Microsoft/Utc`.
    private static func known(_ name: String) -> TimeZone? {
        let parts = name.split(separator: "/").map(String.init)
        guard let last = parts.last else { return nil }
        if ["utc", "gmt", "z"].contains(last.lowercased()) { return .gmt }
        for count in stride(from: min(3, parts.count), to: 0, by: -1) {
            let end = parts.suffix(count).joined(separator: "/")
            // A word alone may also be an abbreviation, which Windows' names are not.
            if count > 1 || parts.count == 1, let zone = TimeZone(identifier: end) { return zone }
        }
        return WindowsZone.identifier(of: name).flatMap { TimeZone(identifier: $0) }
    }
}
