/// Looks again and again until `condition` holds; false if it does not.
///
/// The limit only ends a test that hangs. It is a time and a number of turns: where other tests hold all threads, a
/// minute may pass before this one has had a turn.
package func eventually(
    within limit: Duration = .seconds(60), every interval: Duration = .milliseconds(5),
    _ condition: () async throws -> Bool
) async rethrows -> Bool {
    let end = ContinuousClock.now + limit
    var turnsLeft = 500
    while turnsLeft > 0 || ContinuousClock.now < end {
        if try await condition() { return true }
        // Cancellation ends the sleep; the limit ends the rest.
        try? await Task.sleep(for: interval)
        turnsLeft -= 1
    }
    return false
}

/// Looks again and again until `condition` holds; throws ``WaitedInVain``, which says what was waited for, if it does
/// not.
package func eventually(
    _ what: @autoclosure () -> String, within limit: Duration, every interval: Duration = .milliseconds(50),
    _ condition: () throws -> Bool
) async throws {
    guard try await eventually(within: limit, every: interval, condition) else {
        throw WaitedInVain(description: "waited \(limit) in vain until \(what())")
    }
}

/// Something that was waited for did not come.
package struct WaitedInVain: Error, CustomStringConvertible {
    /// What it is.
    package let description: String
}
