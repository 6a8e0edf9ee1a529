/// A value for each kind of meeting, such as an adapter, a template or a language.
///
/// The kind of a meeting is given by the beginning of its name.
package struct ChoiceByKind: Sendable, Hashable {
    /// Values by kind; the empty kind stands for all meetings that have no other.
    package private(set) var values: [String: String] = [:]

    /// No value for any meeting.
    package static let none = ChoiceByKind()

    /// What a text has to be for ``init(_:isValue:)``, to be read after "has to be"; `value` says what a value is.
    package static func allowed(_ value: String) -> String {
        "none, \(value), or several as KIND=VALUE, ... where KIND is how meetings' names begin, or default"
    }

    private init() {}

    /// The same value for all meetings.
    package init(all value: String) { values = ["": value] }

    /// The same kinds with other values; nil leaves a kind out.
    package func mapValues(_ transform: (String) -> String?) -> ChoiceByKind {
        var choice = self
        choice.values = values.compactMapValues(transform)
        return choice
    }

    /// Reads `none`, `VALUE`, or `standup=VALUE, default=VALUE`; nil if it is none of these.
    package init?(_ text: String, isValue: (String) -> Bool) {
        if text == "none" { return }
        let entries = text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
        for entry in entries {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                \.trimmed)
            let isAlone = entries.count == 1 && isValue(entry)
            guard isAlone || parts.count == 2 else { return nil }
            let (name, value) = isAlone ? (Self.otherwise, entry) : (parts[0], parts[1])
            let kind = name == Self.otherwise ? "" : name
            guard isValue(value), Self.isKind(name), values.updateValue(value, forKey: kind) == nil else {
                return nil
            }
        }
    }

    /// Whether `text` can be a file's absolute path.
    package static func isPath(_ text: String) -> Bool { text.hasPrefix("/") && !text.utf8.contains(0) }

    /// As ``init(_:isValue:)`` reads it.
    package var text: String {
        if values.isEmpty { return "none" }
        if values.count == 1, let value = values[""] { return value }
        return values.sorted { $0.key < $1.key }
            .map { "\($0.key.isEmpty ? Self.otherwise : $0.key)=\($0.value)" }.joined(separator: ", ")
    }

    /// The kind of a meeting: the longest that its name begins with; nil if there is no value for it.
    package func kind(ofMeeting name: String) -> String? {
        values.keys.filter(name.hasPrefix).max { $0.utf8.count < $1.utf8.count }
    }

    private static let otherwise = "default"

    /// What meetings' names are made of.
    private static func isKind(_ name: String) -> Bool {
        !name.isEmpty
            && name.utf8.allSatisfy { byte in
                UnicodeScalar(byte).properties.isAlphabetic && byte < 128
                    || "0123456789._-".utf8.contains(byte)
            }
    }
}

extension Substring {
    fileprivate var trimmed: String {
        var rest = self
        while rest.first == " " { rest.removeFirst() }
        while rest.last == " " { rest.removeLast() }
        return String(rest)
    }
}
