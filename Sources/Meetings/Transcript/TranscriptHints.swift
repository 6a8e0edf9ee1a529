import Foundation
import Language

/// What whoever delivers a transcript knows about it, for content that several readings would fit.
///
/// It stands in `NAME.meta.json` beside the file `NAME`, or in the first line of a connection. Every key is optional,
/// unknown keys are ignored.
package struct TranscriptHints: Sendable, Hashable, Codable {
    /// What times mean.
    package enum TimeBase: String, Sendable, Hashable, Codable {
        /// Counted from the start of the recording: `11:03` is eleven minutes.
        case offset
        /// Times of day: `11:03` is eleven hours.
        case clock
        /// Numbers are milliseconds.
        case milliseconds
    }

    /// The raw value of a ``TranscriptFormat``.
    package var format: String?
    /// A language's code (ISO 639-1).
    package var language: String?
    /// The name of an encoding, such as `windows-1251`.
    package var encoding: String?
    /// `timeBase`: what times mean.
    package var timeBase: TimeBase?
    /// Names as they stand before a colon, whatever they look like.
    package var participants: [String]?
    /// The meeting's title.
    package var title: String?
    /// What `start`, `place` (or `location`) and `invited` say.
    package var invitation = Invitation()

    private enum CodingKeys: String, CodingKey {
        case format, language, encoding, timeBase, participants, title
    }

    /// No hints.
    package init() {}

    /// A file with hints is small; a larger one is no such file.
    package static let byteLimit = 1 << 16

    /// What the name of a file with hints ends with.
    package static let suffix = ".meta.json"
    /// The ways in which people and programs write it.
    private static let suffixes = [suffix, ".META.JSON", ".meta.JSON", ".Meta.json"]

    /// Whether a file of this name has hints about another one.
    package static func isHint(_ name: String) -> Bool { name.lowercased().hasSuffix(suffix) }

    /// The names that a file with hints for `name` may have, the first one first.
    package static func names(for name: String) -> [String] {
        let stem = name.lastIndex(of: ".").flatMap { $0 == name.startIndex ? nil : String(name[..<$0]) }
        return ([name] + (stem.map { [$0] } ?? [])).flatMap { name in suffixes.map { name + $0 } }
    }

    /// The refusal of a file with hints for `file` that cannot be read: as if it said nothing, the file might be read wrongly,
    /// and nobody would know.
    package static func unreadable(_ name: String, for file: String, byteCount: Int) -> TranscriptError {
        TranscriptError(
            .malformed,
            "\(name), which says how to read \(file), cannot be read: \(byteCount) bytes, at most \(byteLimit) are "
                + "taken; mend or remove it, and deliver both again")
    }

    /// Parses a file with hints; throws an error that says what is wrong in the file `name`.
    package init(parsing bytes: [UInt8], name: String) throws(TranscriptError) {
        do {
            self = try JSONDecoder().decode(TranscriptHints.self, from: Data(bytes))
        } catch {
            throw TranscriptError(
                .malformed,
                "\(name) is no JSON object with hints: \"format\", \"language\", \"encoding\" and \"title\" are texts, "
                    + "\"participants\" a list of texts, \"timeBase\" is \"offset\", \"clock\" or \"milliseconds\""
            )
        }
        if let node = JSONNode(bytes[...]) { invitation = try Invitation(node, place: name) }
        _ = try knownFormat(name)
        if let language, LanguageCode(named: language) == nil {
            throw TranscriptError(
                .malformed, "\(name): \"language\" must be the code of a language, such as \"de\"")
        }
    }

    /// The format that is named; nil if none is.
    func knownFormat(_ name: String) throws(TranscriptError) -> TranscriptFormat? {
        guard let format else { return nil }
        guard let known = TranscriptFormat(rawValue: format) else {
            let all = TranscriptFormat.allCases.map(\.rawValue).joined(separator: ", ")
            throw TranscriptError(
                .unknownFormat, "\(name): \"format\" must be one of \(all), not \"\(format.prefix(40))\"")
        }
        return known
    }

    /// The language that is named.
    var knownLanguage: LanguageCode? { language.flatMap(LanguageCode.init(named:)) }
}
