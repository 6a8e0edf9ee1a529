import CSystemd
import Glibc
import Logging

/// Sends each record to journald with its metadata as fields, so that
/// `journalctl MINUTED_MEETING=standup` finds all there is about one meeting.
package struct JournalLogHandler: LogHandler {
    /// Applies to every record of this handler.
    package var metadata: Logger.Metadata = [:]
    /// Adds metadata at the time of each record.
    package var metadataProvider: Logger.MetadataProvider?
    /// Records below it are dropped by the logger.
    package var logLevel: Logger.Level {
        get { ownLevel ?? threshold.level }
        set { ownLevel = newValue }
    }

    private var ownLevel: Logger.Level?
    private let threshold: LogThreshold
    private let label: String
    private let identifier: String
    private let writer: LogWriter?
    private let send: @Sendable ([String]) -> Bool
    private let fallback: @Sendable (String) -> Void

    /// Logs for `label` under the syslog identifier `identifier`.
    ///
    /// `send` takes the fields, each `NAME=value`, and returns whether they arrived; what does not arrive goes
    /// to `fallback` as a line. Both are called by `writer`, on its thread; without one at once, and may block.
    package init(
        label: String, identifier: String, threshold: LogThreshold = LogThreshold(.info),
        writer: LogWriter? = nil,
        send: @escaping @Sendable ([String]) -> Bool = JournalLogHandler.sendToJournal,
        fallback: @escaping @Sendable (String) -> Void = StandardErrorLogHandler.writeToStandardError
    ) {
        self.label = label
        self.identifier = identifier
        self.threshold = threshold
        self.writer = writer
        self.send = send
        self.fallback = fallback
    }

    /// Sends one record.
    package func log(event: LogEvent) {
        let pairs = LogText.merged(metadata, metadataProvider, event)
        // journalctl shows only MESSAGE, so that contains the metadata, too.
        let line = LogText.line("\(event.message)", pairs)
        let fields = fields(event: event, line: line, metadata: pairs)
        let priority = Self.priority(of: event.level)
        writer.write(event.level) { [send, fallback] in
            if !send(fields) { fallback("<\(priority)>\(line)\n") }
        }
    }

    /// Reads and writes one metadata value.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Sends the fields through sd_journal_sendv(3), which blocks while journald hangs; false if it does not take them.
    package static let sendToJournal: @Sendable ([String]) -> Bool = { fields in
        // One buffer for all fields: the iovecs point into it for the length of the call only.
        var bytes: [UInt8] = []
        var ranges: [Range<Int>] = []
        for field in fields {
            let start = bytes.count
            bytes.append(contentsOf: field.utf8)
            ranges.append(start..<bytes.count)
        }
        return bytes.withUnsafeMutableBytes { buffer in
            let vectors = ranges.map { range in
                iovec(iov_base: buffer.baseAddress?.advanced(by: range.lowerBound), iov_len: range.count)
            }
            return sd_journal_sendv(vectors, Int32(vectors.count)) == 0
        }
    }

    /// The fields of one record, each `NAME=value`.
    private func fields(event: LogEvent, line: String, metadata: [(key: String, value: String)]) -> [String] {
        var fields = [
            "MESSAGE=\(line)",
            "PRIORITY=\(Self.priority(of: event.level))",
            "SYSLOG_IDENTIFIER=\(identifier)",
            "CODE_FILE=\(event.file)",
            "CODE_LINE=\(event.line)",
            "CODE_FUNC=\(event.function)",
            "LOGGER=\(label)",
        ]
        if let id = MessageCatalog.identifier(of: "\(event.message)") { fields.append("MESSAGE_ID=\(id)") }
        for pair in metadata {
            fields.append("\(Self.fieldName(of: pair.key))=\(LogText.escaped(pair.value))")
        }
        return fields
    }

    /// `meeting` -> `MINUTED_MEETING`, `deliveryID` -> `MINUTED_DELIVERY_ID`.
    ///
    /// journald takes `A-Z0-9_` only, at most 64 of them.
    static func fieldName(of key: String) -> String {
        var name = "MINUTED_"
        var previousIsLower = false
        for byte in key.utf8 {
            let character = Character(Unicode.Scalar(byte))
            let isUpper = (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains(byte)
            let isLower = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte)
            let isDigit = (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
            if isUpper, previousIsLower { name += "_" }
            name += isUpper || isLower || isDigit ? character.uppercased() : "_"
            previousIsLower = isLower || isDigit
        }
        return String(name.prefix(64))
    }

    /// syslog(3) priorities.
    static func priority(of level: Logger.Level) -> Int {
        switch level {
        case .trace, .debug: 7
        case .info: 6
        case .notice: 5
        case .warning: 4
        case .error: 3
        case .critical: 2
        }
    }
}
