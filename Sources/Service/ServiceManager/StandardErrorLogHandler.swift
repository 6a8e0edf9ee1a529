import CSystemd  // The importer attributes timespec to the first module whose headers define it: this one.
import Glibc
import Logging

/// Writes one readable line per record: local time, level, message, `key=value`.
package struct StandardErrorLogHandler: LogHandler {
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
    private let writer: LogWriter?
    private let write: @Sendable (String) -> Void

    /// Writes whole lines, each with its line break, to `write`; to the standard error by default.
    ///
    /// `write` is called by `writer`, on its thread; without one at once, and may block.
    package init(
        threshold: LogThreshold = LogThreshold(.info), writer: LogWriter? = nil,
        write: @escaping @Sendable (String) -> Void = StandardErrorLogHandler.writeToStandardError
    ) {
        self.threshold = threshold
        self.writer = writer
        self.write = write
    }

    /// Formats and writes one record.
    package func log(event: LogEvent) {
        let pairs = LogText.merged(metadata, metadataProvider, event)
        let level = event.level.rawValue.uppercased()
        let padding = String(repeating: " ", count: max(0, 8 - level.utf8.count))
        let line = "\(Self.timestamp()) \(level)\(padding) \(LogText.line("\(event.message)", pairs))\n"
        writer.write(event.level) { [write] in write(line) }
    }

    /// Reads and writes one metadata value.
    package subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    /// Writes `text` to descriptor 2 in one call, so that lines of several threads do not mix.
    package static let writeToStandardError: @Sendable (String) -> Void = { text in
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let written = bytes.withUnsafeBytes { Glibc.write(2, $0.baseAddress, $0.count) }
            // Ignored: there is no other place to report it.
            if written <= 0 { return }
            bytes = bytes.dropFirst(written)
        }
    }

    /// `2025-11-24 08:08:08.123`, local time.
    private static func timestamp() -> String {
        var now = timespec()
        clock_gettime(CLOCK_REALTIME, &now)
        var parts = tm()
        localtime_r(&now.tv_sec, &parts)
        let text = withUnsafeTemporaryAllocation(of: CChar.self, capacity: 32) { buffer in
            strftime(buffer.baseAddress, buffer.count, "%Y-%m-%d %H:%M:%S", &parts)
            return buffer.baseAddress.map { String(cString: $0) } ?? ""
        }
        let milliseconds = String(now.tv_nsec / 1_000_000)
        return text + "." + String(repeating: "0", count: 3 - milliseconds.utf8.count) + milliseconds
    }
}
