/// A time in a transcript, in seconds, and its spelling.
struct ClockTime: Equatable, Codable {
    var seconds: Double
    /// 2 for `12:30`, 3 for `0:12:30`.
    var fieldCount: Int

    /// The largest accepted time; anything larger only looks like a time.
    static let hourLimit = 1000

    /// Reads `M:SS`, `H:MM:SS` with optional `.mmm` or `,mmm` at the start of `text`; `length` counts UTF-8
    /// bytes.
    static func prefix(of text: some StringProtocol) -> (time: ClockTime, length: Int)? {
        let bytes = Array(text.utf8.prefix(24))
        var fields: [Int] = []
        var index = 0
        while fields.count < 3 {
            let start = index
            var value = 0
            while index < bytes.count, isDigit(bytes[index]), index - start < 4 {
                value = value * 10 + Int(bytes[index] - UInt8(ascii: "0"))
                index += 1
            }
            guard index > start else { return nil }
            fields.append(value)
            let goesOn =
                index + 1 < bytes.count && bytes[index] == UInt8(ascii: ":") && isDigit(bytes[index + 1])
            guard goesOn, fields.count < 3 else { break }
            index += 1
        }
        guard fields.count >= 2, fields.dropFirst().allSatisfy({ $0 < 60 }) else { return nil }
        // A fourth field or more digits: not a time.
        if index < bytes.count, isDigit(bytes[index]) { return nil }
        var seconds = Double(fields.reduce(0) { $0 * 60 + $1 })
        if index + 1 < bytes.count, bytes[index] == UInt8(ascii: ".") || bytes[index] == UInt8(ascii: ","),
            isDigit(bytes[index + 1])
        {
            index += 1
            var (fraction, scale) = (0, 1)
            while index < bytes.count, isDigit(bytes[index]), scale < 1_000_000 {
                fraction = fraction * 10 + Int(bytes[index] - UInt8(ascii: "0"))
                scale *= 10
                index += 1
            }
            if index < bytes.count, isDigit(bytes[index]) { return nil }
            seconds += Double(fraction) / Double(scale)
        }
        guard seconds < Double(hourLimit * 3600) else { return nil }
        return (ClockTime(seconds: seconds, fieldCount: fields.count), index)
    }

    /// Parses a text that is nothing but a time.
    init?(_ text: some StringProtocol) {
        let trimmed = text.trimmed
        guard let found = Self.prefix(of: trimmed), found.length == trimmed.utf8.count else { return nil }
        self = found.time
    }

    init(seconds: Double, fieldCount: Int) {
        self.seconds = seconds
        self.fieldCount = fieldCount
    }

    /// Reads `1 hour 2 minutes 3 seconds` and its parts, as Teams spells times.
    init?(spelledOut words: some Collection<Substring>) {
        guard !words.isEmpty, words.count.isMultiple(of: 2), words.count <= 6 else { return nil }
        var seconds = 0.0
        var previousUnit = Double.infinity
        var iterator = words.makeIterator()
        while let number = iterator.next(), let unitWord = iterator.next() {
            guard number.utf8.count <= 4, number.utf8.allSatisfy(Self.isDigit), let value = Int(number) else {
                return nil
            }
            let unit: Double
            switch unitWord.lowercased() {
            case "hour", "hours", "h": unit = 3600
            case "minute", "minutes", "min": unit = 60
            case "second", "seconds", "s", "sec": unit = 1
            default: return nil
            }
            guard unit < previousUnit else { return nil }
            previousUnit = unit
            seconds += Double(value) * unit
        }
        self.init(seconds: seconds, fieldCount: 3)
    }

    private static func isDigit(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
}

/// The times of a caption: `00:00:01.000 --> 00:00:04.000 align:start`.
struct CueTiming: Equatable {
    var start: Double
    var end: Double

    /// Parses a whole line; settings after the end time are ignored.
    init?(_ line: some StringProtocol) {
        let text = line.trimmed
        guard let arrow = text.firstRange(of: "-->"), let start = ClockTime(text[..<arrow.lowerBound]) else {
            return nil
        }
        let rest = text[arrow.upperBound...].trimmed
        guard let found = ClockTime.prefix(of: rest) else { return nil }
        let next = rest.utf8.dropFirst(found.length).first
        guard next == nil || next == UInt8(ascii: " ") || next == UInt8(ascii: "\t") else { return nil }
        self.start = start.seconds
        end = found.time.seconds
    }
}
