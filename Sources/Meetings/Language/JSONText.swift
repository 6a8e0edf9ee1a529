import Foundation

/// A text as JSON spells it.
enum JSONText {
    /// The text of a literal with its quotation marks; nil if it is none.
    static func decoded(_ literal: ArraySlice<UInt8>) -> String? {
        guard literal.contains(UInt8(ascii: "\\")) else {
            return String(decoding: literal.dropFirst().dropLast(), as: UTF8.self)
        }
        return try? JSONDecoder().decode(String.self, from: Data(literal))
    }

    /// The literal of a text, with its quotation marks.
    static func encoded(_ text: String) -> [UInt8] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = .withoutEscapingSlashes
        guard let bytes = try? encoder.encode(text) else { preconditionFailure("every text can be encoded") }
        return Array(bytes)
    }
}
