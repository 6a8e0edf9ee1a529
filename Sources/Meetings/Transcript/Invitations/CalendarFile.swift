import CCalendar
import Foundation
import Language

/// When a meeting took place, as far as that is known without a calendar.
package struct MeetingMoment: Sendable, Hashable {
    /// When its transcript says that it began.
    package var start: Date?
    /// The day that its name has: `2026-11-30`.
    package var day: String?
    /// When its file was written, or received.
    package var about: Date

    /// A moment from its parts.
    package init(start: Date? = nil, day: String? = nil, about: Date) {
        (self.start, self.day, self.about) = (start, day, about)
    }
}

/// Reads an iCalendar file (RFC 5545): the event in it that is nearest to a meeting.
package enum CalendarFile {
    /// What the name of a calendar ends with, in any case.
    package static let suffix = ".ics"
    /// A calendar with more bytes is not read.
    package static let byteLimit = CalendarText.byteLimit

    /// Whether a file of this name is a calendar.
    package static func isCalendar(_ name: String) -> Bool { FileExtension.of(name) == "ics" }

    /// The event of the calendar `bytes` that is nearest to `moment`, and what the minutes have to state about it.
    ///
    /// Repeated events count with each of their dates, moved and cancelled ones with theirs. Times without a time zone
    /// are those of `zone`, and so are days. `name` is the file's, for the notes. Throws ``CalendarError`` if the file
    /// is no calendar or has no event with a date.
    package static func invitation(
        in bytes: [UInt8], name: String, near moment: MeetingMoment, zone: TimeZone
    ) throws(CalendarError) -> (invitation: Invitation, notes: [Note]) {
        let text = try CalendarText.prepared(bytes)
        let opened = text.withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { $0.baseAddress.flatMap { ccal_open($0) } }
        }
        guard let file = opened else { throw CalendarError(.calendarMalformed) }
        defer { ccal_close(file) }
        let events = (0..<ccal_event_count(file)).map { CalendarEvent(file, $0) }
        var dates = CalendarDates(file, events, near: moment, zone: zone)
        guard let (found, isOtherDay) = dates.nearest() else { throw CalendarError(.calendarWithoutEvent) }

        let event = events[found.event]
        var invitation = Invitation()
        invitation.title = event.title
        invitation.place = event.place
        invitation.people = Invitation.distinct(event.people)
        if !isOtherDay {
            invitation.day = found.day
            if found.day == nil { (invitation.start, invitation.end) = (found.start, found.end) }
        }
        var notes: [Note] = []
        if isOtherDay { notes.append(Note(.calendarOtherDay, .text(name))) }
        if event.isCancelled || ccal_is_cancelled(file) != 0 {
            notes.append(Note(.calendarCancelled, .text(name)))
        }
        if dates.skippedRules.contains(found.event) { notes.append(Note(.calendarRuleSkipped, .text(name))) }
        if let unknown = dates.unknownZone(of: event) {
            notes.append(Note(.calendarZoneUnknown, .text(name), .text(unknown)))
        }
        return (invitation, notes)
    }
}

/// An event of a calendar.
struct CalendarEvent {
    var uid: String?
    var title: String?
    var isCancelled = false
    var start: CalendarMoment?
    var end: CalendarMoment?
    /// In seconds.
    var duration: Int64?
    /// Which date of a repeated event it stands for.
    var recurrence: CalendarMoment?
    /// Places of its rules among its properties.
    var rules: [Int32] = []
    var hasBrokenRule = false
    var more: [CalendarMoment] = []
    var except: [CalendarMoment] = []
    var people: [Invitation.Person] = []
    private var location: String?
    private var rooms: [String] = []

    /// Where it is: what is called the location, else the rooms that are invited.
    var place: String? { location ?? Invitation.bounded(place: rooms.joined(separator: ", ")) }

    init(_ file: OpaquePointer, _ number: Int32) {
        var property = ccal_property()
        var index: Int32 = 0
        while ccal_property_at(file, number, index, &property) != 0 {
            take(property, at: index)
            index += 1
        }
    }

    private mutating func take(_ property: ccal_property, at index: Int32) {
        let text = property.text.map { String(cString: $0) }
        let moment = CalendarMoment(property.time, zone: property.zone.map { String(cString: $0) })
        switch property.kind {
        case CCAL_UID: uid = text
        case CCAL_SUMMARY:
            title = title ?? text.map(TranscriptFile.boundedTitle).flatMap { $0.isEmpty ? nil : $0 }
        case CCAL_LOCATION: location = location ?? Invitation.bounded(place: text)
        case CCAL_CANCELLED: isCancelled = true
        case CCAL_START: start = start ?? moment
        case CCAL_END: end = end ?? moment
        case CCAL_DURATION: duration = property.seconds
        case CCAL_RECURRENCE_ID: recurrence = moment
        case CCAL_RULE: rules.append(index)
        case CCAL_BROKEN_RULE: hasBrokenRule = true
        case CCAL_MORE: more.append(moment)
        case CCAL_EXCEPT: except.append(moment)
        case CCAL_ATTENDEE, CCAL_ORGANIZER: take(property, address: text ?? "")
        default: break
        }
    }

    private mutating func take(_ property: ccal_property, address: String) {
        let scheme = "mailto:"
        let address =
            address.lowercased().hasPrefix(scheme) ? String(address.dropFirst(scheme.count)) : address
        let name = property.name.map { String(cString: $0) }
        guard
            let person = Invitation.Person(
                name: name, address: address, hasDeclined: property.has_declined != 0)
        else { return }
        let host = person.address?.split(separator: "@").last ?? ""
        if property.whom == CCAL_PLACE || host == "resource.calendar.google.com" {
            rooms.append(person.name)
        } else if property.whom != CCAL_GROUP, host != "group.calendar.google.com" {
            people.append(person)
        }
    }
}
