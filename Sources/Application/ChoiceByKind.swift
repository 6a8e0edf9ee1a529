/// Which LoRA adapter the model works with, by kind of meeting: how a meeting's name begins.
public struct AdapterChoice: Sendable, Hashable {
    /// Paths by kind; the empty kind is that of all meetings that are of no other.
    public private(set) var paths: [String: String] = [:]

    /// No adapter for any meeting.
    public static let none = AdapterChoice()

    /// What a text has to be for ``init(_:)``, to be read after "has to be".
    public static let allowed =
        "none, an absolute path, or several as KIND=PATH, ... where KIND is how meetings' names begin, or default"

    private init() {}

    /// Reads `none`, `/an/adapter.gguf`, or `standup=/an/adapter.gguf, default=/another`; nil if it is none of these.
    public init?(_ text: String) {
        if text == "none" { return }
        let entries = text.split(separator: ",", omittingEmptySubsequences: false).map(\.trimmed)
        for entry in entries {
            let parts = entry.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false).map(
                \.trimmed)
            let isAlone = entries.count == 1 && entry.hasPrefix("/")
            guard isAlone || parts.count == 2 else { return nil }
            let (name, path) = isAlone ? (Self.otherwise, entry) : (parts[0], parts[1])
            let kind = name == Self.otherwise ? "" : name
            guard path.hasPrefix("/"), !path.utf8.contains(0), Self.isKind(name),
                paths.updateValue(path, forKey: kind) == nil
            else { return nil }
        }
    }

    /// As ``init(_:)`` reads it.
    public var text: String {
        if paths.isEmpty { return "none" }
        if paths.count == 1, let path = paths[""] { return path }
        return paths.sorted { $0.key < $1.key }
            .map { "\($0.key.isEmpty ? Self.otherwise : $0.key)=\($0.value)" }.joined(separator: ", ")
    }

    /// The kind of a meeting: the longest that its name begins with; nil if there is no adapter for it.
    public func kind(ofMeeting name: String) -> String? {
        paths.keys.filter(name.hasPrefix).max { $0.utf8.count < $1.utf8.count }
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
