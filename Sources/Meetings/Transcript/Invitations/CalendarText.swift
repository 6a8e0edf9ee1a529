import Language

/// Why a calendar cannot be used.
package struct CalendarError: Error, Sendable, Hashable {
    /// The reason, for the minutes.
    package let reason: Note

    /// It has more bytes than ``CalendarFile/byteLimit``.
    package static let tooLarge = CalendarError(.calendarTooLarge, .number(CalendarText.byteLimit >> 10))

    init(_ kind: Note.Kind, _ arguments: Note.Argument...) { reason = Note(kind, arguments: arguments) }
}

/// The text of an iCalendar file, checked and made ready for libical.
enum CalendarText {
    /// A calendar with more bytes is not read: one meeting takes a few thousand.
    static let byteLimit = 1 << 20
    /// Components in components: a calendar, an event, an alarm are three.
    private static let levelLimit = 8

    /// The lines without folds, as UTF-8 that ends with a NUL.
    ///
    /// Lines may be folded within a character, so bytes are unfolded before they are text. Throws ``CalendarError`` if
    /// they are no calendar.
    static func prepared(_ bytes: [UInt8]) throws(CalendarError) -> [UInt8] {
        guard bytes.count <= byteLimit else { throw CalendarError.tooLarge }
        var text = unfolded(bytes.starts(with: [0xEF, 0xBB, 0xBF]) ? bytes[3...] : bytes[...])
        if TranscriptText.invalidUTF8Offset(text) != nil {
            guard let converted = Charset.utf8(text, from: "windows-1252") else {
                throw CalendarError(.calendarMalformed)
            }
            text = converted
        }
        guard !text.contains(0), let whole = balanced(text) else { throw CalendarError(.calendarMalformed) }
        return whole + [0]
    }

    private static func unfolded(_ bytes: ArraySlice<UInt8>) -> [UInt8] {
        let (tab, lineFeed, carriageReturn, blank) = (UInt8(9), UInt8(10), UInt8(13), UInt8(32))
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count + 1)
        var place = bytes.startIndex
        while place < bytes.endIndex {
            let byte = bytes[place]
            place += 1
            guard byte == lineFeed || byte == carriageReturn else {
                result.append(byte)
                continue
            }
            // CR LF, LF, a lone CR, and the CR CR LF of programs that convert twice.
            while byte == carriageReturn, place < bytes.endIndex, bytes[place] == carriageReturn {
                place += 1
            }
            if byte == carriageReturn, place < bytes.endIndex, bytes[place] == lineFeed { place += 1 }
            if place < bytes.endIndex, bytes[place] == blank || bytes[place] == tab {
                place += 1
            } else {
                result.append(lineFeed)
            }
        }
        return result
    }

    /// The lines without ends of what has not begun, which libical would complain about on standard error; nil if no
    /// calendar begins anywhere, or it has more levels than libical follows without harm.
    private static func balanced(_ text: [UInt8]) -> [UInt8]? {
        var (level, begins) = (0, false)
        var result: [UInt8] = []
        result.reserveCapacity(text.count + 1)
        for line in text.split(separator: 10) {
            let start = String(decoding: line.prefix(40), as: UTF8.self).trimmed.uppercased()
            let name = start.prefix { $0 != ":" && $0 != ";" }.trimmed
            if name == "BEGIN" {
                begins = begins || start.hasSuffix("VCALENDAR")
                level += 1
                if level > levelLimit { return nil }
            } else if name == "END" {
                guard level > 0 else { continue }
                level -= 1
            }
            result += line
            result.append(10)
        }
        return begins ? result : nil
    }
}
