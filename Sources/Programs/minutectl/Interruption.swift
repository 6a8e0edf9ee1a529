import Glibc
import UnixSignals

/// Runs `body` and cancels it at SIGINT or SIGTERM, so that it can clean up; then throws `CancellationError`.
///
/// A second signal ends the process at once.
func cancellingOnSignals<Result: Sendable>(
    _ body: @escaping @Sendable () async throws -> Result
) async throws -> Result {
    try await withThrowingTaskGroup(of: Result?.self) { group in
        let signals = await UnixSignalsSequence(trapping: .sigint, .sigterm)
        group.addTask { try await body() }
        group.addTask {
            for await _ in signals { return nil }
            return nil
        }
        defer { group.cancelAll() }
        guard let first = try await group.next(), let result = first else {
            signal(SIGINT, SIG_DFL)
            signal(SIGTERM, SIG_DFL)
            group.cancelAll()
            try await group.waitForAll()
            throw CancellationError()
        }
        return result
    }
}
