import Foundation

/// A JSON value, read leniently: whatever is missing or has another type than expected is nil.
struct JSONNode: Sendable {
    private let tape: JSONTape
    private let entry: Int

    private init(_ tape: JSONTape, _ number: Int) {
        self.tape = tape
        entry = number
    }

    /// Parses a text that is one JSON value; nil if it is not.
    init?(_ text: some StringProtocol) { self.init(Array(text.utf8)[...]) }

    /// Parses UTF-8 that is one JSON value; nil if it is not.
    init?(_ bytes: ArraySlice<UInt8>) {
        guard let tape = try? JSONTape(bytes, isLenient: true) else { return nil }
        self.init(tape, 0)
    }

    /// The values of a text that has several one after the other, as some programs append them; nil if it is not that.
    static func sequence(_ bytes: ArraySlice<UInt8>) -> [JSONNode]? {
        var nodes: [JSONNode] = []
        var rest = bytes.drop { $0 <= 0x20 }
        while !rest.isEmpty {
            guard let tape = try? JSONTape(first: &rest) else { return nil }
            let node = JSONNode(tape, 0)
            guard node.isObject || node.kind == .array else { return nil }
            nodes.append(node)
        }
        return nodes
    }

    /// Parses a text of several lines; throws an error that names the line of `name` in which it is wrong.
    init(document bytes: ArraySlice<UInt8>, name: String) throws(TranscriptError) {
        do {
            self.init(try JSONTape(bytes, isLenient: true), 0)
        } catch {
            let line = bytes[..<error.index].count { $0 == UInt8(ascii: "\n") } + 1
            throw TranscriptError(
                .malformed,
                "\(name), line \(line), looks like JSON but is not: it may be cut off; "
                    + "deliver it whole, or one object a line (JSON Lines)")
        }
    }

    /// Its type and value.
    var kind: JSONTape.Kind { tape.kind(entry) }

    /// An object's value; nil for null.
    subscript(key: String) -> JSONNode? {
        guard let found = member(key), found.kind != .null else { return nil }
        return found
    }

    /// An object's value, which may be null.
    func member(_ key: String) -> JSONNode? {
        guard kind == .object else { return nil }
        return tape.member(key, of: entry).map { JSONNode(tape, $0) }
    }

    /// The value of the first of these keys that has one.
    subscript(keys keys: [String]) -> JSONNode? {
        for key in keys {
            if let found = self[key] { return found }
        }
        return nil
    }

    var isObject: Bool { kind == .object }

    var array: [JSONNode]? {
        kind == .array ? tape.elements(of: entry).map { JSONNode(tape, $0) } : nil
    }

    /// The first element of an array.
    var firstElement: JSONNode? {
        kind == .array ? tape.firstElement(of: entry).map { JSONNode(tape, $0) } : nil
    }

    /// The values in an object, in the order of its names.
    var values: [JSONNode] { kind == .object ? tape.values(of: entry).map { JSONNode(tape, $0) } : [] }

    /// The names in an object.
    var names: [String] { kind == .object ? tape.names(of: entry) : [] }

    /// A string as it is written.
    var string: String? { kind == .string ? tape.string(entry) : nil }

    /// Text with white space collapsed; nil if nothing is left of it.
    var text: String? {
        guard let text = string?.collapsed, !text.isEmpty else { return nil }
        return text
    }

    /// A boolean, or a text that spells one.
    var bool: Bool? {
        if let string { return Bool(string.lowercased()) }
        return kind == .bool ? tape.bool(entry) : nil
    }

    /// A number, or a text that spells one, as in AWS's times; nil if it is too large for a number.
    var number: Double? {
        let number: Double? =
            switch kind {
            case .string: string.flatMap { Double($0.trimmed) }
            case .number: tape.double(entry)
            default: nil
            }
        return number.flatMap { $0.isFinite ? $0 : nil }
    }

    /// Seconds: a number, or `HH:MM:SS.mmm`; nil for what cannot be a time.
    var seconds: Double? { seconds(unit: 1) }

    /// Seconds of a number of milliseconds.
    var milliseconds: Double? { seconds(unit: 0.001) }

    /// Seconds of a number of `unit`s, or of a time that says its own: `HH:MM:SS`, `1.5s`, `PT1.5S`, an ISO 8601 time (since
    /// 1970), `{"seconds": 1, "nanos": 500000000}`, `{"relative": 1.5}`; nil for what cannot be a time.
    func seconds(unit: Double) -> Double? {
        if let number {
            if unit == 1, Self.epochMilliseconds.contains(number) { return number / 1000 }
            return number >= 0 && number * unit < 1e10 ? number * unit : nil
        }
        if let string {
            if let clock = ClockTime(string), !clock.isOfDay { return clock.seconds }
            let date = ISODate.parse(string)?.timeIntervalSince1970
            return Self.duration(string) ?? date.flatMap { $0 >= 0 ? $0 : nil }
        }
        if kind == .array {
            // A range of times.
            guard let range = array, range.count == 2 else { return nil }
            return range[0].number.flatMap { _ in range[0].seconds(unit: unit) }
        }
        guard isObject else { return nil }
        if let relative = self["relative"] { return relative.seconds(unit: 1) }
        let nanos = self["nanos"]?.number ?? 0
        return (self["seconds"]?.number ?? (self["nanos"] == nil ? nil : 0)).flatMap {
            $0 >= 0 && $0 < 1e10 && (0..<1e9).contains(nanos) ? $0 + nanos / 1e9 : nil
        }
    }

    /// Milliseconds since 1970, of the years 1973 to 5138: as seconds they would be of no meeting.
    static let epochMilliseconds = 1e11..<1e14

    /// A duration such as `1.5s` or `PT1H2M3.5S`.
    private static func duration(_ text: String) -> Double? {
        var rest = text.trimmed.uppercased()[...]
        guard rest.hasSuffix("S") || rest.hasPrefix("PT") else { return nil }
        if rest.hasPrefix("PT") { rest = rest.dropFirst(2) }
        var (seconds, last) = (0.0, Double.infinity)
        while !rest.isEmpty {
            let digits = rest.prefix { ($0.isASCII && $0.isNumber) || $0 == "." }
            guard digits.utf8.count <= 15, let value = Double(digits),
                let mark = rest.dropFirst(digits.count).first,
                let unit = ["H": 3600.0, "M": 60, "S": 1][mark], unit < last
            else { return nil }
            (seconds, last) = (seconds + value * unit, unit)
            rest = rest.dropFirst(digits.count + 1)
        }
        return last < .infinity && seconds < 1e10 ? seconds : nil
    }

    /// A name: a text, a number as `Speaker 2`, or the name in an object.
    func speaker(numbered prefix: String = "Speaker ") -> String? {
        if isObject {
            return self[
                keys: [
                    "nickname", "name", "real_name", "realName", "full_name", "fullName", "display_name",
                    "displayName",
                    "user", "label", "id",
                ]]?.speaker(numbered: prefix)
        }
        if let text { return Int(text) == nil ? text : prefix + text }
        guard let number, number >= 0, number < 1e6 else { return nil }
        return prefix + String(Int(number))
    }

    /// The number of a channel, counted from 0: a number, or the digits of a text such as `ch_1`; nil for anything else.
    var channelNumber: Int? {
        let spelled = string.map { $0.drop { !$0.isASCII || !$0.isNumber } }
        guard let number = spelled.map({ Double($0) }) ?? number, (0..<Self.channelLimit).contains(number)
        else { return nil }
        return Int(exactly: number)
    }

    /// More channels than any recording has; what is beyond is a number that went wrong.
    private static let channelLimit = 10_000.0

    /// An identifier: a text, or a whole number.
    var identifier: String? {
        if let text { return String(text.prefix(200)) }
        guard let number, abs(number) < 1e15 else { return nil }
        return String(Int(number))
    }
}
