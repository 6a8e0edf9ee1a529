import Foundation
import Language
import Summaries
import Transcript

/// Writes a meeting and what is to be done after it as iCalendar (RFC 5545).
package enum CalendarRenderer {
    /// The meeting as an event, if it is known when it began, or on which day, and its action items as to-dos; each
    /// line ends with CR LF.
    ///
    /// The identifiers depend on the meeting and on the place where something was said, so that a calendar which takes
    /// the file again replaces what it has.
    package static func render(_ document: MinutesDocument) -> String {
        let labels = document.labels
        let title = document.title ?? document.meeting.name
        let stamp = ("DTSTAMP", moment(document.generatedAt))
        let event = "\(document.meeting.name)@minuted"
        var lines = [
            ("BEGIN", "VCALENDAR"), ("VERSION", "2.0"), ("PRODID", "-//minuted//minutes//EN"),
            ("CALSCALE", "GREGORIAN"),
        ]
        let day = document.day.map { ("DTSTART;VALUE=DATE", $0.filter { $0 != "-" }) }
        let begin = document.startedAt.map { ("DTSTART", moment($0)) } ?? day
        if let begin {
            lines += [("BEGIN", "VEVENT"), ("UID", event), stamp, begin]
            if let start = document.startedAt, let end = document.endedAt, end > start {
                lines.append(("DTEND", moment(end)))
            }
            lines.append(("SUMMARY", escaped(title)))
            if let place = document.place { lines.append(("LOCATION", escaped(place))) }
            let decisions = (document.items ?? []).filter { $0.kind == .decision }.map { "\n– \($0.text)" }
            if !decisions.isEmpty {
                lines.append(("DESCRIPTION", escaped(labels[.decided] + decisions.joined())))
            }
            lines.append(("END", "VEVENT"))
        }
        var counts: [Int: Int] = [:]
        for item in document.items ?? [] where item.kind == .action {
            let number = counts[item.citation.utterance, default: 0]
            counts[item.citation.utterance] = number + 1
            let place = "\(item.citation.utterance)" + (number == 0 ? "" : "-\(number)")
            lines += [
                ("BEGIN", "VTODO"), ("UID", "\(document.meeting.name)-\(place)@minuted"), stamp,
                (
                    "SUMMARY",
                    escaped(labels.labelled(item.owner, labels.aside(item.text, item.due.map { [$0] } ?? [])))
                ),
                ("DESCRIPTION", escaped(title)), ("STATUS", "NEEDS-ACTION"),
            ]
            if begin != nil { lines.append(("RELATED-TO", event)) }
            lines.append(("END", "VTODO"))
        }
        lines.append(("END", "VCALENDAR"))
        return lines.map { folded("\($0):\($1)") }.joined()
    }

    /// A moment in UTC: `20261129T100000Z`.
    private static func moment(_ date: Date) -> String {
        date.ISO8601Format().filter { $0 != "-" && $0 != ":" }
    }

    /// A text as the value of a property.
    static func escaped(_ text: String) -> String {
        var result = ""
        for character in VisibleText.lines(text) {
            switch character {
            case "\\": result += "\\\\"
            case ";": result += "\\;"
            case ",": result += "\\,"
            case _ where character.isNewline: result += "\\n"
            default: result.append(character)
            }
        }
        return result
    }

    /// A line, continued on lines that begin with a blank, none of which has more than 75 bytes, and ended by CR LF; no
    /// character is cut in pieces.
    static func folded(_ line: String) -> String {
        var result = ""
        var length = 0
        for scalar in line.unicodeScalars {
            let count = UTF8.width(scalar)
            if length + count > 75 {
                result += "\r\n "
                length = 1
            }
            result.unicodeScalars.append(scalar)
            length += count
        }
        return result + "\r\n"
    }
}
