import Foundation
import Synchronization

/// Lets either a file of the spool be taken, or something be erased, and never both at once.
///
/// A file that was read before a meeting was erased would else be recorded, or moved, behind the back of the erasure.
package final class IntakeGate: Sendable {
    /// Something is to be erased: the file is to be broken off, and taken again afterwards.
    package struct Awaited: Error {
        /// Says that the gate is awaited.
        package init() {}
    }

    // Guards: nothing but the order of those who pass.
    private let passing = NSLock()
    private let waiting = Atomic(0)

    /// Creates an open gate.
    package init() {}

    /// Whether an erasure waits for the file that is being taken.
    package var isAwaited: Bool { waiting.load(ordering: .relaxed) > 0 }

    /// Takes a file; waits while something is being erased.
    package func taking<Result, Failure>(_ body: () throws(Failure) -> Result) throws(Failure) -> Result {
        passing.lock()
        defer { passing.unlock() }
        return try body()
    }

    /// Erases something; waits for the file that is being taken, which is broken off between two parts.
    ///
    /// Blocks its thread.
    package func erasing<Result>(_ body: () throws -> Result) rethrows -> Result {
        waiting.add(1, ordering: .relaxed)
        defer { waiting.subtract(1, ordering: .relaxed) }
        return try passing.withLock(body)
    }
}
