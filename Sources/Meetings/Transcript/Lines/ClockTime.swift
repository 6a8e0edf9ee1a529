import Foundation
import Language

/// A time in a transcript, in seconds, and what its spelling says about it.
///
/// This is the one reader for all notations: ``ClockReader`` has their table.
struct ClockTime: Equatable, Codable {
    var seconds: Double
    /// 2 for `12:30`, `2m 5s` or `10:02 AM`, which may be something that was said; 3 for `0:12:30`.
    var fieldCount: Int
    /// Whether it is a time of day beyond doubt, since it has AM, PM or a date.
    var isOfDay: Bool

    /// The largest accepted time; anything larger only looks like a time.
    static let hourLimit = 1000

    /// Reads a time at the start of `text`; `length` counts UTF-8 bytes.
    static func prefix(of text: some StringProtocol) -> (time: ClockTime, length: Int)? {
        var reader = ClockReader(text)
        guard let time = reader.time() else { return nil }
        return (time, reader.index)
    }

    /// Parses a text that is nothing but a time.
    init?(_ text: some StringProtocol) {
        let trimmed = text.trimmed
        guard let found = Self.prefix(of: trimmed), found.length == trimmed.utf8.count else { return nil }
        self = found.time
    }

    init(seconds: Double, fieldCount: Int, isOfDay: Bool = false) {
        self.seconds = seconds
        self.fieldCount = fieldCount
        self.isOfDay = isOfDay
    }

    private enum CodingKeys: CodingKey {
        case seconds, fieldCount, isOfDay
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: CodingKeys.self)
        seconds = try container.decode(Double.self, forKey: .seconds)
        fieldCount = try container.decode(Int.self, forKey: .fieldCount)
        isOfDay = try container.decodeIfPresent(Bool.self, forKey: .isOfDay) ?? false
    }
}

/// A time with the end that some notations give: `0:12`, `0:12 - 0:15`, `0:12.0 --> 0:15.0`, `0:00:01.5,0:00:03.0`.
struct TimeSpan: Equatable {
    var start: ClockTime
    var end: ClockTime?

    /// Reads a span at the start of `text`; `length` counts UTF-8 bytes.
    static func prefix(of text: some StringProtocol) -> (span: TimeSpan, length: Int)? {
        var reader = ClockReader(text)
        guard let span = reader.span() else { return nil }
        return (span, reader.index)
    }

    /// Parses a text that is nothing but a span.
    init?(_ text: some StringProtocol) {
        let trimmed = text.trimmed
        guard let found = Self.prefix(of: trimmed), found.length == trimmed.utf8.count else { return nil }
        self = found.span
    }

    init(start: ClockTime, end: ClockTime? = nil) {
        self.start = start
        self.end = end
    }
}

/// Reads times from bytes. The notations:
///
/// | notation | example |
/// |---|---|
/// | minutes or hours first | `12:30`, `1:12:30`, `00:12:30.250`, `00:12:30,250` |
/// | with frames, which are dropped | `01:00:10:12`, `01:00:10;12` |
/// | with units | `1h 2m 3s`, `2m5s`, `45s` |
/// | of twelve hours | `10:02:33 AM`, `1:05pm`, `下午 1:05` |
/// | behind a date | `2026-05-12T10:02:33Z`, `5/12/2026, 10:02:05 AM`, `12.05.2026 10:02` |
/// | before the start, which counts as 0 | `-00:00:02,500` |
struct ClockReader {
    private let bytes: [UInt8]
    private(set) var index = 0

    init(_ text: some StringProtocol) { bytes = Array(text.utf8.prefix(96)) }

    // MARK: - Spans

    mutating func span() -> TimeSpan? {
        guard let start = time() else { return nil }
        let behindStart = index
        let isExact = bytes[..<index].contains(UInt8(ascii: "."))
        skipBlanks()
        if take("-->") || take("->") || take("→") || take("–") || take("—") || take("~") || take("-")
            || (isExact && index == behindStart && take(","))
        {
            skipBlanks()
            if let end = time() { return TimeSpan(start: start, end: end) }
        }
        index = behindStart
        return TimeSpan(start: start)
    }

    // MARK: - Times

    mutating func time() -> ClockTime? {
        let start = index
        if let time = unitTime() { return time }
        index = start
        let hasDate = takeDate()
        if !hasDate { index = start }
        let half = takeHalfBefore()
        let isNegative = take("-") || take("−")
        guard var time = clock(isNegative: isNegative) else {
            index = start
            return nil
        }
        if let half = half ?? takeHalfBehind() {
            // `10:02 AM` has hours and minutes.
            if time.fieldCount == 2 { time.seconds *= 60 }
            // Some write `13:05 PM`.
            let hours = Int(time.seconds) / 3600
            time.seconds += Double(hours == 12 ? half - 12 : hours < 12 ? half : 0) * 3600
            time.isOfDay = true
        } else if hasDate {
            if time.fieldCount == 2 { time.seconds *= 60 }
            takeZone()
            (time.isOfDay, time.fieldCount) = (true, 3)
        }
        guard time.seconds < Double(ClockTime.hourLimit * 3600) else {
            index = start
            return nil
        }
        return time
    }

    /// `M:SS` or `H:MM:SS` with a fraction or with frames.
    private mutating func clock(isNegative: Bool) -> ClockTime? {
        var fields: [Int] = []
        while fields.count < 3 {
            guard let value = digits(atMost: 4) else { return nil }
            fields.append(value)
            guard fields.count < 3, peek == UInt8(ascii: ":"), isDigit(index + 1) else { break }
            index += 1
        }
        guard fields.count >= 2, fields.dropFirst().allSatisfy({ $0 < 60 }), !isDigit(index) else {
            return nil
        }
        var seconds = Double(fields.reduce(0) { $0 * 60 + $1 })
        if peek == UInt8(ascii: ".") || peek == UInt8(ascii: ","), isDigit(index + 1) {
            index += 1
            var (fraction, scale) = (0, 1)
            while isDigit(index), scale < 1_000_000 {
                fraction = fraction * 10 + Int(bytes[index] - UInt8(ascii: "0"))
                scale *= 10
                index += 1
            }
            if isDigit(index) { return nil }
            seconds += Double(fraction) / Double(scale)
        } else if fields.count == 3, peek == UInt8(ascii: ":") || peek == UInt8(ascii: ";"),
            isDigit(index + 1)
        {
            index += 1
            // How many frames make a second is written nowhere.
            guard digits(atMost: 2) != nil, !isDigit(index), peek != UInt8(ascii: ":") else { return nil }
        }
        return ClockTime(seconds: isNegative ? 0 : seconds, fieldCount: fields.count)
    }

    /// `1h 2m 3s` and its parts, in this order.
    private mutating func unitTime() -> ClockTime? {
        var (seconds, last, behind) = (0.0, Double.infinity, index)
        while let whole = digits(atMost: 5) {
            var value = Double(whole)
            // `5.12s`
            if peek == UInt8(ascii: "."), isDigit(index + 1), last == .infinity {
                let start = index
                index += 1
                let places = index
                if let fraction = digits(atMost: 6), peek == UInt8(ascii: "s") {
                    value += Double(fraction) / pow(10, Double(index - places))
                } else {
                    index = start
                }
            }
            let unit: Double
            if take("h") {
                unit = 3600
            } else if take("min") || take("m") {
                unit = 60
            } else if take("sec") || take("s") {
                unit = 1
            } else {
                break
            }
            guard unit < last, !isLetter(index) else { break }
            (seconds, last, behind) = (seconds + value * unit, unit, index)
            skipBlanks()
        }
        guard last < .infinity else { return nil }
        index = behind
        return isLetterOrDigit(index) ? nil : ClockTime(seconds: seconds, fieldCount: 2)
    }

    /// `2026-05-12`, `2026/05/12`, `12.05.2026`, `5/12/26`, and what divides it from the time.
    private mutating func takeDate() -> Bool {
        let start = index
        for take in [{ $0.takeDateInWords() }, { $0.takeDayAndMonth() }] as [(inout ClockReader) -> Bool] {
            if take(&self) { return true }
            index = start
        }
        guard let first = digits(atMost: 4), let mark = peek, "-/.".utf8.contains(mark) else { return false }
        index += 1
        guard let second = digits(atMost: 2), peek == mark else { return false }
        index += 1
        guard let third = digits(atMost: 4) else { return false }
        let (day, month, year) = first > 31 ? (third, second, first) : (first, second, third)
        guard (1...31).contains(day), (1...31).contains(month), year > 0, !isDigit(index) else {
            return false
        }
        _ = take(",")
        guard peek == UInt8(ascii: "T") || peek == UInt8(ascii: " ") || peek == UInt8(ascii: "\t") else {
            return false
        }
        if peek == UInt8(ascii: "T") { index += 1 }
        skipBlanks()
        return isDigit(index)
    }

    /// `12-May-26`, `12 May 2026,`, `May 12, 2026`, with English months, and what divides it from the time.
    private mutating func takeDateInWords() -> Bool {
        if let day = digits(atMost: 2) {
            guard (1...31).contains(day), take("-") || take(" ") || take("/"), takeMonth(),
                take("-") || take(" ") || take("/"), digits(atMost: 4) != nil
            else { return false }
        } else {
            guard takeMonth(), take(" "), let day = digits(atMost: 2), (1...31).contains(day), take(","),
                take(" "), digits(atMost: 4) != nil
            else { return false }
        }
        _ = take(",")
        guard peek == UInt8(ascii: " ") else { return false }
        skipBlanks()
        _ = take("at ")
        return isDigit(index)
    }

    private static let months = [
        "jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec",
    ]

    private mutating func takeMonth() -> Bool {
        let letters = bytes[index...].prefix {
            ($0 | 0x20) >= UInt8(ascii: "a") && ($0 | 0x20) <= UInt8(ascii: "z")
        }
        guard (3...9).contains(letters.count),
            Self.months.contains(String(decoding: letters.prefix(3).map { $0 | 0x20 }, as: UTF8.self))
        else { return false }
        index += letters.count
        return true
    }

    /// `12.05. 10:02`: a date without its year.
    private mutating func takeDayAndMonth() -> Bool {
        guard let day = digits(atMost: 2), (1...31).contains(day), take("."), let month = digits(atMost: 2),
            (1...12).contains(month), take(".")
        else { return false }
        _ = take(",")
        guard peek == UInt8(ascii: " ") else { return false }
        skipBlanks()
        return isDigit(index)
    }

    /// Takes a time zone such as `Z` or `+02:00`.
    private mutating func takeZone() {
        if take("Z") { return }
        let start = index
        guard take("+") || take("-"), digits(atMost: 4) != nil else {
            index = start
            return
        }
        if take(":") { _ = digits(atMost: 2) }
    }

    private static let halves: [(String, Int)] = [
        ("上午", 0), ("午前", 0), ("오전", 0), ("下午", 12), ("午後", 12), ("오후", 12),
    ]

    /// Which half of the day stands before the time, as hours to add.
    private mutating func takeHalfBefore() -> Int? {
        for (mark, hours) in Self.halves where take(mark) {
            skipBlanks()
            return hours
        }
        return nil
    }

    /// `AM`, `pm`, `a.m.` behind the time.
    private mutating func takeHalfBehind() -> Int? {
        let start = index
        skipBlanks()
        if let letter = peek.map({ $0 | 0x20 }), letter == UInt8(ascii: "a") || letter == UInt8(ascii: "p") {
            index += 1
            let hasDots = take(".")
            if take("m") || take("M") {
                if hasDots { _ = take(".") }
                if !isLetterOrDigit(index) { return letter == UInt8(ascii: "p") ? 12 : 0 }
            }
        }
        index = start
        return nil
    }

    // MARK: - Bytes

    private var peek: UInt8? { index < bytes.count ? bytes[index] : nil }

    static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private func isDigit(_ place: Int) -> Bool { place < bytes.count && Self.isDigit(bytes[place]) }

    private func isLetter(_ place: Int) -> Bool {
        place < bytes.count
            && (bytes[place] >= 0x80 || (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(bytes[place] | 0x20))
    }

    private func isLetterOrDigit(_ place: Int) -> Bool { isDigit(place) || isLetter(place) }

    private mutating func digits(atMost limit: Int) -> Int? {
        let start = index
        var value = 0
        while index - start < limit, isDigit(index) {
            value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
            index += 1
        }
        return index > start ? value : nil
    }

    private mutating func take(_ text: String) -> Bool {
        guard bytes[index...].starts(with: text.utf8) else { return false }
        index += text.utf8.count
        return true
    }

    /// Blanks, tabs, and the narrow and the fixed blank that programs put before `AM`.
    private mutating func skipBlanks() {
        while take(" ") || take("\t") || take("\u{202F}") || take("\u{A0}") {}
    }
}

/// Times in words at a line's end, as Teams spells them in the language of its user: `1 minute 6 seconds`, `54 Minuten`.
enum SpelledTime {
    /// The time, and what stands before it.
    ///
    /// The same time in digits may follow: `1 Minute 6 Sekunden1:16`.
    static func suffix(of line: some StringProtocol) -> (before: Substring, time: ClockTime)? {
        let line = Substring(line)
        // A unit is the last word, or the clock behind it is.
        guard line.utf8.count <= 160, line.contains(where: \.isNumber) else { return nil }
        var before: Character = " "
        for index in line.indices {
            defer { before = line[index] }
            guard before.isWhitespace, line[index].wholeNumberValue != nil else { continue }
            if let seconds = seconds(line[index...]) {
                return (line[..<index], ClockTime(seconds: seconds, fieldCount: 3))
            }
        }
        return nil
    }

    /// The text without a time at its beginning that is `seconds` in words, even where no blank divides them
    /// (`5 secondsgood morning`).
    static func dropping(_ seconds: Double, from text: String) -> String {
        guard text.first?.wholeNumberValue != nil else { return text }
        var (rest, total, last) = (text[...], 0.0, Double.infinity)
        while let number = takeNumber(&rest) {
            rest = rest.drop(while: \.isWhitespace)
            let word = rest.prefix { !$0.isWhitespace && $0.wholeNumberValue == nil && $0 != "," }
            // The longest beginning that is a unit.
            let unit = word.indices.reversed().lazy.map { word[...$0] }.first {
                TimeUnits.seconds(of: String($0)) != nil
            }
            guard let unit, let value = TimeUnits.seconds(of: String(unit)), value < last else { return text }
            (total, last) = (total + Double(number) * value, value)
            rest = rest[unit.endIndex...].drop { $0 == "," || $0.isWhitespace }
            if total == seconds.rounded(.down), !rest.isEmpty { return String(rest) }
        }
        return text
    }

    /// The seconds of a text that is nothing but numbers with their units, from the largest to the smallest.
    private static func seconds(_ text: Substring) -> Double? {
        var rest = text.trimmed[...]
        var (seconds, last) = (0.0, Double.infinity)
        while let number = takeNumber(&rest) {
            rest = rest.drop(while: \.isWhitespace)
            let word = rest.prefix { !$0.isWhitespace && $0.wholeNumberValue == nil && $0 != "," }
            guard let unit = TimeUnits.seconds(of: String(word)), unit < last else {
                // The clock that repeats it.
                return nil
            }
            (seconds, last) = (seconds + Double(number) * unit, unit)
            rest = rest[word.endIndex...].drop { $0.isWhitespace || $0 == "," }
            if let clock = ClockTime(rest) { return last < .infinity ? clock.seconds : nil }
        }
        return rest.isEmpty && last < .infinity ? seconds : nil
    }

    private static func takeNumber(_ rest: inout Substring) -> Int? {
        let digits = rest.prefix { $0.wholeNumberValue != nil }
        guard (1...4).contains(digits.count) else { return nil }
        rest = rest[digits.endIndex...]
        return digits.reduce(0) { $0 * 10 + ($1.wholeNumberValue ?? 0) }
    }
}

/// The times of a caption: `00:00:01.000 --> 00:00:04.000 align:start`.
struct CueTiming: Equatable {
    var start: Double
    var end: Double

    init(start: Double, end: Double) {
        self.start = start
        self.end = end
    }

    /// Parses a whole line; settings after the end time are ignored.
    init?(_ line: some StringProtocol) {
        let text = line.trimmed
        guard text.utf8.contains(UInt8(ascii: ">")), let found = TimeSpan.prefix(of: text),
            let end = found.span.end
        else { return nil }
        let spelled = text.utf8.prefix(found.length)
        guard Substring(spelled).contains("-->") else { return nil }
        let next = text.utf8.dropFirst(found.length).first
        guard next == nil || next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") else { return nil }
        self.start = found.span.start.seconds
        self.end = end.seconds
    }
}
