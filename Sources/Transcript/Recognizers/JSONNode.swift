import Foundation

/// A JSON value, read as leniently as recognisers write: what is missing or of another type is nil.
struct JSONNode {
    private let value: Any

    private init(_ value: Any) { self.value = value }

    /// Reads a text that is one JSON value; nil if it is none.
    init?(_ text: some StringProtocol) {
        guard let value = try? Self.decode(text) else { return nil }
        self.value = value
    }

    /// Reads a text of several lines, or throws a refusal that says in which line of `name` it is at fault.
    init(document text: String, name: String) throws(TranscriptError) {
        do {
            value = try Self.decode(text)
        } catch {
            // Foundation says "… around line 3, column 5." in the midst of other words.
            let line = "\(error)".firstRange(of: "around line ").flatMap { found in
                Int("\(error)"[found.upperBound...].prefix { $0.isASCII && $0.isNumber })
            }
            throw TranscriptError(
                .malformed,
                "\(name)\(line.map { ", line \($0)," } ?? "") looks like JSON but is not: it may be cut off; "
                    + "deliver it whole, or one object a line (JSON Lines)")
        }
    }

    private static func decode(_ text: some StringProtocol) throws -> Any {
        try JSONSerialization.jsonObject(with: Data(text.utf8), options: .fragmentsAllowed)
    }

    /// An object's value; nil for null.
    subscript(key: String) -> JSONNode? {
        guard let found = (value as? [String: Any])?[key], !(found is NSNull) else { return nil }
        return JSONNode(found)
    }

    /// The value of the first of these keys that has one.
    subscript(keys keys: [String]) -> JSONNode? {
        for key in keys {
            if let found = self[key] { return found }
        }
        return nil
    }

    var isObject: Bool { value is [String: Any] }

    var array: [JSONNode]? { (value as? [Any])?.map { JSONNode($0) } }

    /// Text with white space collapsed; nil if nothing is left of it.
    var text: String? {
        guard let text = (value as? String)?.collapsed, !text.isEmpty else { return nil }
        return text
    }

    /// Of a boolean only, or of a text that spells one.
    var bool: Bool? {
        if let text = value as? String { return Bool(text.lowercased()) }
        return value as? Bool
    }

    /// A number, or a text that spells one, as AWS writes its times.
    var number: Double? {
        let number: Double?
        switch value {
        case let text as String: number = Double(text.trimmed)
        case let other as NSNumber: number = other.doubleValue
        case let other as Double: number = other
        case let other as Int: number = Double(other)
        default: number = nil
        }
        return number.flatMap { $0.isFinite ? $0 : nil }
    }

    /// Seconds: a number, or `HH:MM:SS.mmm`; nil for what cannot be a time.
    var seconds: Double? { seconds(unit: 1) }

    /// Seconds of a number of milliseconds.
    var milliseconds: Double? { seconds(unit: 0.001) }

    private func seconds(unit: Double) -> Double? {
        if let number { return number >= 0 && number * unit < 1e10 ? number * unit : nil }
        return (value as? String).flatMap { ClockTime($0)?.seconds }
    }

    /// A name: a text, or a number as `Speaker 2`.
    func speaker(numbered prefix: String = "Speaker ") -> String? {
        if let text { return Int(text) == nil ? text : prefix + text }
        guard let number, number >= 0, number < 1e6 else { return nil }
        return prefix + String(Int(number))
    }

    /// The number of a channel, counted from 0: a number, or the digits of a text such as `ch_1`; nil for what is none.
    var channelNumber: Int? {
        let spelled = (value as? String).map { $0.drop { !$0.isASCII || !$0.isNumber } }
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
