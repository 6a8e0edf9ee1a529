/// The name of a meeting, which its files, ledger rows and log fields use.
///
/// It becomes a file name, so only `[A-Za-z0-9._-]` are allowed, up to 100 characters, and no leading dot.
package struct MeetingID: Hashable, Sendable, Codable, CustomStringConvertible {
    /// The name as text.
    package let name: String

    /// The longest name, in characters.
    package static let lengthLimit = 100

    /// Takes a name that already follows the rules; throws ``TranscriptError`` if it does not.
    package init(_ name: String) throws(TranscriptError) {
        guard !name.isEmpty, name.utf8.count <= Self.lengthLimit, name.utf8.first != UInt8(ascii: "."),
            name.utf8.allSatisfy(Self.isAllowed)
        else {
            throw TranscriptError(
                .badMeetingName,
                "meeting name '\(name.prefix(120))' is not usable: take 1 to \(Self.lengthLimit) of "
                    + "A-Z a-z 0-9 . _ - and no leading dot")
        }
        self.name = name
    }

    /// Takes the name of a meeting that may be new; throws ``TranscriptError`` also if the folder of the minutes has another
    /// use for it.
    package init(new name: String) throws(TranscriptError) {
        try self.init(name)
        guard !isReserved else {
            throw TranscriptError(
                .badMeetingName,
                "no meeting can be called '\(name)': the lists of all meetings have such names in the folder of the minutes; "
                    + "choose another one")
        }
    }

    /// Whether the lists of meetings are called so, or may be.
    private var isReserved: Bool {
        name == "index.html" || name.hasPrefix("index-") && name.hasSuffix(".html")
    }

    /// Makes a name from any text: what is not allowed becomes a dash; nil if nothing is left.
    package static func sanitized(_ text: String) -> MeetingID? {
        var bytes = text.utf8.map { isAllowed($0) ? $0 : UInt8(ascii: "-") }
        while let first = bytes.first, first == UInt8(ascii: ".") || first == UInt8(ascii: "-") {
            bytes.removeFirst()
        }
        bytes = Array(bytes.prefix(lengthLimit))
        while bytes.last == UInt8(ascii: "-") { bytes.removeLast() }
        return try? MeetingID(String(decoding: bytes, as: UTF8.self))
    }

    /// The name as text.
    package var description: String { name }

    /// Reads the name as a plain string and checks it.
    package init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }

    /// Writes the name as a plain string.
    package func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(name)
    }

    private static func isAllowed(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "."), UInt8(ascii: "_"), UInt8(ascii: "-"):
            true
        default: false
        }
    }
}
