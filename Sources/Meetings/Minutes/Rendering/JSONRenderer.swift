import Foundation

/// Writes and reads `minutes.json`: the minutes for programs.
package enum JSONRenderer {
    /// The document as JSON: keys in alphabetical order, dates in ISO 8601, indented, ending in a line feed.
    package static func render(_ document: MinutesDocument) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .throw
        return String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
    }

    /// The document in `text`, as ``render(_:)`` writes it; throws `DecodingError` if it is none.
    package static func read(_ text: String) throws -> MinutesDocument {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(MinutesDocument.self, from: Data(text.utf8))
    }
}
