import CSystemd
import Glibc

/// Tells systemd how the service is doing (sd_notify(3)).
///
/// Every call is a no-op without `NOTIFY_SOCKET`, so a daemon in the foreground needs no special case.
package struct ServiceNotifier: Sendable {
    /// Creates a notifier, which has no state but the environment of the process.
    package init() {}

    /// Everything is usable: units ordered after this one may start.
    @discardableResult
    package func ready(status: String? = nil) -> Bool {
        send(["READY=1"] + Self.statusLines(status))
    }

    /// One line that `systemctl status` shows.
    @discardableResult
    package func status(_ text: String) -> Bool {
        send(Self.statusLines(text))
    }

    /// The service has begun to stop.
    @discardableResult
    package func stopping(status: String? = nil) -> Bool {
        send(["STOPPING=1"] + Self.statusLines(status))
    }

    /// The configuration is being read again; ``ready(status:)`` has to follow.
    @discardableResult
    package func reloading() -> Bool {
        var now = timespec()
        clock_gettime(CLOCK_MONOTONIC, &now)
        let microseconds = UInt64(now.tv_sec) * 1_000_000 + UInt64(now.tv_nsec) / 1_000
        return send(["RELOADING=1", "MONOTONIC_USEC=\(microseconds)"])
    }

    /// Starting or stopping goes on: systemd shall wait another `duration` before it gives up.
    @discardableResult
    package func extendTimeout(by duration: Duration) -> Bool {
        precondition(duration > .zero, "an extension of no time")
        let parts = duration.components
        let microseconds = parts.seconds * 1_000_000 + parts.attoseconds / 1_000_000_000_000
        return send(["EXTEND_TIMEOUT_USEC=\(microseconds)"])
    }

    /// The service is alive.
    @discardableResult
    package func watchdog() -> Bool {
        send(["WATCHDOG=1"])
    }

    /// How often ``watchdog()`` has to be called at the latest; nil if systemd does not ask for it.
    package var watchdogInterval: Duration? {
        var microseconds: UInt64 = 0
        guard sd_watchdog_enabled(0, &microseconds) > 0 else { return nil }
        return .microseconds(Int64(clamping: microseconds))
    }

    /// True if systemd took the message, false if nobody listens.
    private func send(_ lines: [String]) -> Bool {
        sd_notify(0, lines.joined(separator: "\n")) > 0
    }

    private static func statusLines(_ text: String?) -> [String] {
        // A line break would start another assignment.
        text.map { ["STATUS=" + $0.map { $0.isNewline ? " " : String($0) }.joined()] } ?? []
    }
}
