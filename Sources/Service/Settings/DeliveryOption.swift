import Foundation

/// One option of an entry of the section `delivery`, which has as many entries as somebody wants, each with a name.
package struct DeliveryOption: Sendable {
    /// The name below the entry's: `timeoutSeconds`.
    package let key: String
    /// What is allowed, to be read after "has to be".
    package let allowed: String
    /// The value as the YAML file would spell it.
    package let text: @Sendable (Settings.Delivery) -> String
    /// Sets the option from a text; false if the text is not allowed.
    let take: @Sendable (inout Settings.Delivery, String) -> Bool

    /// The section.
    package static let section = "delivery"

    /// All options of an entry.
    package static let all: [DeliveryOption] = [
        DeliveryOption(
            key: "command",
            allowed: "the absolute path of a program, and its arguments with blanks between them",
            text: { $0.command.joined(separator: " ") }
        ) { delivery, text in
            let parts = text.split(separator: " ").map(String.init)
            guard let program = parts.first, program.hasPrefix("/"), program.count > 1,
                !text.unicodeScalars.contains(where: { $0.value < 0x20 })
            else { return false }
            delivery.command = parts
            return true
        },
        DeliveryOption(
            key: "meetings", allowed: "all, or how meetings' names begin, with commas between them",
            text: { $0.meetings.isEmpty ? "all" : $0.meetings.joined(separator: ", ") }
        ) { delivery, text in
            let kinds = text.split(separator: ",", omittingEmptySubsequences: false).map {
                $0.trimmingCharacters(in: .whitespaces)
            }
            guard kinds.allSatisfy({ !$0.isEmpty && !$0.contains(" ") }) else { return false }
            delivery.meetings = kinds == ["all"] ? [] : kinds
            return true
        },
        DeliveryOption(
            key: "attempts", allowed: "a whole number from 1 to 1000", text: { "\($0.attempts)" }
        ) { delivery, text in
            guard let value = Int(text), (1...1_000).contains(value) else { return false }
            delivery.attempts = value
            return true
        },
        seconds("retrySeconds", \.retrySeconds, 0...3_600),
        seconds("timeoutSeconds", \.timeoutSeconds, 1...3_600),
    ]

    /// Whether an entry may be called so: it is the instance of a unit and a part of paths.
    static func isName(_ text: String) -> Bool {
        (1...40).contains(text.utf8.count) && text.first != "-"
            && text.utf8.allSatisfy { byte in
                UnicodeScalar(byte).properties.isAlphabetic && byte < 128
                    || "0123456789_-".utf8.contains(byte)
            }
    }

    private static func seconds(
        _ key: String, _ field: any WritableKeyPath<Settings.Delivery, Double> & Sendable,
        _ range: ClosedRange<Double>
    ) -> DeliveryOption {
        DeliveryOption(
            key: key, allowed: "a number from \(Int(range.lowerBound)) to \(Int(range.upperBound))",
            text: { delivery in
                let value = delivery[keyPath: field]
                return Int(exactly: value).map { "\($0)" } ?? "\(value)"
            }
        ) { delivery, text in
            guard let value = Double(text), range.contains(value) else { return false }
            delivery[keyPath: field] = value
            return true
        }
    }
}
