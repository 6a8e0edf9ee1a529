import Foundation

/// How much a soak asks for (`make soak`).
package enum Soak {
    /// The number in an environment variable such as `MINUTED_SOAK_SEED`; nil in a run of the tests.
    package static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init)
    }
}
