/// How long and from where on readers are fed damaged input: a little in each run of the tests, always the same; for as
/// long as `MINUTED_FUZZ_SECONDS` says in a soak, from `MINUTED_SOAK_SEED` on.
package enum Fuzzing {
    private static let seconds = Soak.number("MINUTED_FUZZ_SECONDS")

    /// Feeds a target with ever new mutators, and says in a soak how often; a trap ends the run.
    ///
    /// - Parameters:
    ///   - rounds: how often, if it is no soak.
    ///   - body: gets the seed for its messages; answers whether the input was read, as opposed to refused.
    /// - Returns: how many inputs were read, and how many refused.
    @discardableResult
    package static func run(
        _ target: String, rounds: Int, _ body: (inout Mutator, _ seed: UInt64) throws -> Bool
    ) rethrows -> (read: Int, refused: Int) {
        var count = Count(rounds: rounds)
        while count.goesOn {
            var mutator = Mutator(seed: count.seed)
            count.note(try body(&mutator, count.seed))
        }
        return count.result(of: target)
    }

    /// The same for a body that waits.
    @discardableResult
    package static func runAsync(
        _ target: String, rounds: Int, _ body: (inout Mutator, _ seed: UInt64) async throws -> Bool
    ) async rethrows -> (read: Int, refused: Int) {
        var count = Count(rounds: rounds)
        while count.goesOn {
            var mutator = Mutator(seed: count.seed)
            count.note(try await body(&mutator, count.seed))
        }
        return count.result(of: target)
    }

    /// How far a run has come.
    private struct Count {
        let rounds: Int
        let end = seconds.map { ContinuousClock.now + .seconds($0) }
        // A soak goes on where the tests end.
        var seed: UInt64 = seconds == nil ? 1 : 1_000_000_000 * UInt64(Soak.number("MINUTED_SOAK_SEED") ?? 1)
        var (read, refused) = (0, 0)

        init(rounds: Int) { self.rounds = rounds }

        var goesOn: Bool { end.map { ContinuousClock.now < $0 } ?? (read + refused < rounds) }

        mutating func note(_ isRead: Bool) {
            if isRead { read += 1 } else { refused += 1 }
            seed += 1
        }

        func result(of target: String) -> (read: Int, refused: Int) {
            if end != nil {
                print("fuzz executions, \(target): \(read + refused), refused \(refused), crashes 0")
            }
            return (read, refused)
        }
    }
}
