import Glibc

/// The number of files, including connections, that this process may have open (RLIMIT_NOFILE, getrlimit(2)).
package enum DescriptorLimit {
    /// Kept for everything that is no connection to the ingest socket: the ledger, the spool, the model, the minutes,
    /// and the connections to the control socket, of which there are at most ``controlConnections``.
    package static let reserve = 192
    /// The number of operators that are served at a time.
    package static let controlConnections = 64

    private static let resource = __rlimit_resource_t(UInt32(RLIMIT_NOFILE.rawValue))

    /// The current limit.
    package static func current() -> Int {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return 1024 }
        return Int(clamping: limit.rlim_cur)
    }

    /// Raises the limit as far as allowed; services start with a low one for the sake of programs that use select(2).
    package static func raise() {
        var limit = rlimit()
        guard getrlimit(resource, &limit) == 0 else { return }
        limit.rlim_cur = limit.rlim_max
        // Ignored: with fewer descriptors there are fewer connections.
        _ = setrlimit(resource, &limit)
    }
}
