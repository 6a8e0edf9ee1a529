import Glibc
import Language
import Logging

/// Formats log records as text: one line each, whatever the message contains.
enum LogText {
    /// The metadata of one event: the event's own overrides the provider's, which overrides the handler's.
    static func merged(
        _ handler: Logger.Metadata, _ provider: Logger.MetadataProvider?, _ event: LogEvent
    ) -> [(key: String, value: String)] {
        var all = handler
        if let provider { all.merge(provider.get()) { $1 } }
        if let metadata = event.metadata { all.merge(metadata) { $1 } }
        if let error = event.error, all["error"] == nil { all["error"] = "\(error)" }
        return all.map { (key: $0.key, value: "\($0.value)") }.sorted { $0.key < $1.key }
    }

    /// `message key=value key="two words"`, without line breaks or control characters.
    static func line(_ message: String, _ metadata: [(key: String, value: String)]) -> String {
        metadata.reduce(escaped(message)) { text, pair in
            text + " " + escaped(pair.key) + "=" + quotedIfNeeded(pair.value)
        }
    }

    /// Quotes a value that would not read back as one word.
    static func quotedIfNeeded(_ value: String) -> String {
        let isPlain =
            !value.isEmpty
            && value.unicodeScalars.allSatisfy { $0 != " " && $0 != "\"" && $0 != "=" && !isControl($0) }
        if isPlain { return value }
        let body = escaped(value).replacing("\"", with: "\\\"")
        return "\"\(body)\""
    }

    /// Spells control characters out, so that no transcript can forge a log line, control a terminal or reverse the text
    /// that follows it.
    static func escaped(_ text: String) -> String {
        guard text.unicodeScalars.contains(where: isControl) else { return text }
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "\n": result += "\\n"
            case "\r": result += "\\r"
            case "\t": result += "\\t"
            case _ where isControl(scalar): result += "\\u{" + String(scalar.value, radix: 16) + "}"
            default: result.unicodeScalars.append(scalar)
            }
        }
        return result
    }

    private static func isControl(_ scalar: Unicode.Scalar) -> Bool {
        scalar.isControl || scalar.setsDirection
    }
}
