import CICU
import Synchronization

/// A text with places for arguments, as ICU's MessageFormat has it: `{0} of {1, plural, one {# word} other {# words}}`.
///
/// @unchecked: the lock lends ICU's formatter to one thread at a time.
package final class Message: @unchecked Sendable {
    /// What a place is filled with.
    package enum Argument: Sendable, Hashable {
        /// As it is.
        case text(String)
        /// Shown as the language writes numbers; plurals go by it.
        case number(Int)
    }

    private let lock = Mutex(())
    private let message: OpaquePointer

    /// Reads `pattern`, in which numbers and plurals are those of `language`; nil if it is wrong.
    package init?(_ pattern: String, language: LanguageCode) {
        guard let message = cicu_message_open(language.tag, pattern) else { return nil }
        self.message = message
    }

    deinit { cicu_message_close(message) }

    /// The text with its places filled, the argument 0 first; nil if they are more than eight.
    package func filled(_ arguments: [Argument] = []) -> String? {
        var texts = ""
        var (ends, numbers): ([Int32], [Int64]) = ([], [])
        for argument in arguments {
            switch argument {
            case .text(let text):
                texts += text
                ends.append(Int32(texts.utf8.count))
                numbers.append(0)
            case .number(let number):
                ends.append(-1)
                numbers.append(Int64(number))
            }
        }
        return lock.withLock { _ in
            text { cicu_message_fill(message, texts, ends, numbers, Int32(ends.count), $0, $1) }
        }
    }
}
