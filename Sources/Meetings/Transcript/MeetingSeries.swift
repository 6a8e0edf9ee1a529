import Foundation

/// The series that a meeting belongs to: its name ends in a date, and what stands before that names the series.
///
/// `weekly-2026-11-21` and `weekly-2026-11-28` are two of the series `weekly`; between name and date stands `-`, `_` or `.`.
package struct MeetingSeries: Sendable, Hashable {
    /// What stands before the date, with the sign between them.
    package let prefix: String
    /// The date: YYYY-MM-DD, so that the order of texts is that of time.
    package let date: String

    /// Reads a meeting's name; nil if it belongs to no series.
    package init?(_ meeting: MeetingID) {
        let length = "-YYYY-MM-DD".utf8.count
        guard meeting.name.utf8.count > length, "-_.".contains(meeting.name.suffix(length).prefix(1)) else {
            return nil
        }
        let date = meeting.name.suffix(length - 1)
        let fields = date.split(separator: "-", omittingEmptySubsequences: false).map { Int($0) }
        guard date.map({ $0.isNumber ? "0" : $0 }) == Array("0000-00-00"), fields.count == 3,
            let year = fields[0], let month = fields[1], let day = fields[2],
            DateComponents(
                calendar: Calendar(identifier: .gregorian), timeZone: .gmt, year: year, month: month, day: day
            ).isValidDate
        else { return nil }
        prefix = String(meeting.name.dropLast(length - 1))
        self.date = String(date)
    }
}
