import Foundation
import Language

/// Numbers as Foundation spells them: its own ICU, not the one that reads.
enum Spelling {
    static func cardinal(_ number: Int, _ language: LanguageCode) -> String? {
        let formatter = NumberFormatter()
        formatter.locale = Locale(identifier: language.rawValue)
        formatter.numberStyle = .spellOut
        return formatter.string(from: number as NSNumber)?.replacing("\u{AD}", with: "")
    }

    /// Names of months and weekdays (Monday first), as dates have them.
    static func calendar(_ language: LanguageCode) -> (months: [String], weekdays: [String]) {
        let formatter = DateFormatter()
        formatter.locale = Locale(identifier: language.rawValue)
        let months: [String] = formatter.monthSymbols
        let weekdays: [String] = formatter.weekdaySymbols
        return (months, Array(weekdays.dropFirst()) + weekdays.prefix(1))
    }
}
