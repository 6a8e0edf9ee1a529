import CICU
import Synchronization

/// How a language writes a day and a time: `1. Mai 2024 um 10:00 UTC`.
///
/// @unchecked: the lock lends ICU's formatter to one thread at a time.
package final class MomentFormat: @unchecked Sendable {
    private let lock = Mutex(())
    private let moments: OpaquePointer

    /// Nil if ICU lacks the language's data; with `dayOnly` no time of day is written.
    package init?(language: LanguageCode, dayOnly: Bool = false) {
        // Hours from 0 to 23, as clock times have them.
        guard let moments = cicu_moments_open(language.tag, dayOnly ? "yMMMMd" : "yMMMMdHmz") else {
            return nil
        }
        self.moments = moments
    }

    deinit { cicu_moments_close(moments) }

    /// The moment `seconds` after the beginning of 1970, in UTC.
    package func text(of seconds: Double) -> String {
        lock.withLock { _ in Language.text { cicu_moment(moments, seconds, $0, $1) } } ?? ""
    }
}
