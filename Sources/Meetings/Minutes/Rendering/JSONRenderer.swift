import Foundation
import Summaries

/// Writes and reads `minutes.json`: the minutes for programs.
package enum JSONRenderer {
    /// The document as JSON: keys in alphabetical order, dates in ISO 8601, indented, ending in a line feed.
    ///
    /// Elements of long lists that `pieces` still has are not encoded again.
    package static func render(
        _ document: MinutesDocument, pieces: MinutesPieces = MinutesPieces()
    ) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        encoder.nonConformingFloatEncodingStrategy = .throw
        func elements<Element: Encodable>(
            _ list: [Element]?, _ kept: KeptPieces<Element, String>
        ) throws -> [String] {
            defer { kept.endRendering() }
            return try (list ?? []).map { element in
                try kept.piece(of: element) { indented(try encoder.encode(element)) }
            }
        }
        // The lists come in the alphabetical order of their keys.
        let lists = [
            ("exchanges", try elements(document.exchanges, pieces.json.exchanges)),
            ("items", try elements(document.items, pieces.json.items)),
            ("remarks", try elements(document.remarks, pieces.json.remarks)),
            ("topics", try elements(document.topics, pieces.json.topics)),
            ("windows", try elements(document.windows, pieces.json.windows)),
        ]
        var short = document
        short.exchanges = document.exchanges.map { _ in [] }
        short.items = document.items.map { _ in [] }
        short.remarks = document.remarks.map { _ in [] }
        short.topics = document.topics.map { _ in [] }
        short.windows = []
        var rest = try encoder.encode(short)[...]
        var text = ""
        let length = lists.reduce(0) { $0 + $1.1.reduce(0) { $0 + $1.utf8.count + 2 } }
        text.reserveCapacity(rest.count + length)
        for (key, elements) in lists where !elements.isEmpty {
            // Strings in JSON contain no line feeds, so this cannot be part of one.
            let empty = Data("\n  \"\(key)\" : [\n\n  ]".utf8)
            guard let place = rest.firstRange(of: empty) else {
                preconditionFailure("an empty list is encoded as something else than \(empty)")
            }
            text += String(decoding: rest[..<place.lowerBound], as: UTF8.self)
            text += "\n  \"\(key)\" : [\n"
            for (number, element) in elements.enumerated() {
                if number > 0 { text += ",\n" }
                text += element
            }
            text += "\n  ]"
            rest = rest[place.upperBound...]
        }
        return text + String(decoding: rest, as: UTF8.self) + "\n"
    }

    /// The document as JSON in one line, which ``read(_:)`` reads as well.
    package static func compact(_ document: MinutesDocument) throws -> String {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        return String(decoding: try encoder.encode(document), as: UTF8.self)
    }

    /// An element, indented as in a list of the document.
    private static func indented(_ json: Data) -> String {
        String(decoding: json, as: UTF8.self).split(separator: "\n", omittingEmptySubsequences: false)
            .map { $0.isEmpty ? "" : "    " + $0 }.joined(separator: "\n")
    }

    /// The document in `text`, as ``render(_:pieces:)`` writes it; throws `DecodingError` if it is none.
    package static func read(_ text: String) throws -> MinutesDocument {
        let decoder = JSONDecoder()
        decoder.dateDecodingStrategy = .iso8601
        return try decoder.decode(MinutesDocument.self, from: Data(text.utf8))
    }
}

/// The encoded elements of a document's lists, indented.
struct JSONPieces {
    let exchanges = KeptPieces<Exchange, String>()
    let items = KeptPieces<MinutesItem, String>()
    let remarks = KeptPieces<Remark, String>()
    let topics = KeptPieces<MinutesTopic, String>()
    let windows = KeptPieces<MinutesWindow, String>()
}
