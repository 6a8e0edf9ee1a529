import Foundation

/// Numbers that a text mentions, in digits or in words, in one spelling.
///
/// `1,200`, `twelve hundred` and `1200` are the same; `4:30` stays as it is. Signs, currencies and units are left out.
package enum NumberMentions {
    /// Every number that the text could be said to mention: each as it stands, and what neighbours make up
    /// (`nineteen ninety` is 19, 90 and 1990, `four thirty` 4:30, `four point two` 4.2).
    package static func all(in text: String) -> Set<String> {
        let words = words(text)
        let found = tokens(words)
        var mentions = Set(found.flatMap { $0.values.map(\.value) + [$0.total] })
        for (token, next) in zip(found, found.dropFirst()) {
            if token.end == next.start {
                mentions.formUnion(neighbours(token.total, next.total))
            } else if token.end + 1 == next.start, words[token.end] == "point" {
                mentions.insert(token.total + "." + next.total)
            }
        }
        return mentions
    }

    private static func neighbours(_ one: String, _ other: String) -> [String] {
        guard let hour = Int(one), let minute = Int(other), (1...99).contains(hour), (0...99).contains(minute)
        else { return [] }
        var made: [String] = []
        if hour >= 10, minute >= 10 { made.append(one + other) }
        if hour <= 24, minute < 60 { made.append(one + (minute < 10 ? ":0" : ":") + other) }
        return made
    }

    /// The numbers that a summary claims: those in digits, and those in words from ten on, since `one` and `two` are
    /// seldom meant as a count; in order, each once.
    package static func claims(in text: String) -> [String] {
        var seen: Set<String> = []
        return tokens(words(text)).filter { token in
            token.values.contains(where: \.isDigits) || (Int(token.total) ?? 0) >= 10
        }.map(\.total).filter { seen.insert($0).inserted }
    }

    private struct Value {
        var value: String
        var isDigits: Bool
    }

    /// Neighbouring words that make up one number.
    private struct Token {
        var values: [Value]
        var total: String
        /// Numbers of its first word and of the word after it.
        var start: Int
        var end: Int
    }

    private static func words(_ text: String) -> [Substring] {
        text.lowercased().split { $0.isWhitespace || "-–—/()\"“”".contains($0) }.map(bare)
    }

    private static func tokens(_ words: [Substring]) -> [Token] {
        var tokens: [Token] = []
        var index = 0
        while index < words.count {
            let (token, next) = token(words, at: index)
            if let token { tokens.append(token) }
            index = next
        }
        return tokens
    }

    private static func bare(_ word: Substring) -> Substring {
        var word = word.drop { !$0.isLetter && !$0.isNumber }
        while let last = word.last, !last.isLetter, !last.isNumber { word.removeLast() }
        return word
    }

    private static func token(_ words: [Substring], at start: Int) -> (Token?, next: Int) {
        var index = start
        var values: [Value] = []
        // What is added up, and what of it a scale (`hundred`) still multiplies.
        var (sum, part) = (0.0, 0.0)
        var lastUnit = Double.infinity
        while index < words.count {
            if let scale = scales[words[index]], !values.isEmpty {
                if scale == 100 {
                    part *= scale
                } else {
                    sum += part * scale
                    part = 0
                }
                lastUnit = scale
            } else if values.isEmpty, let digits = digits(words[index]) {
                values.append(Value(value: digits, isDigits: true))
                guard let number = Double(digits) else {
                    // A time of day.
                    return (Token(values: values, total: digits, start: start, end: index + 1), index + 1)
                }
                part = number
                lastUnit = 1
            } else if let number = small[words[index]], fits(number, after: lastUnit) {
                values.append(Value(value: spelled(number), isDigits: false))
                part += number
                lastUnit = number >= 20 && number < 100 ? 20 : 1
            } else if words[index] == "and", !values.isEmpty, lastUnit >= 100, index + 1 < words.count,
                small[words[index + 1]] != nil
            {
                // `two hundred and five`
            } else {
                break
            }
            index += 1
        }
        guard !values.isEmpty else { return (nil, start + 1) }
        return (Token(values: values, total: spelled(sum + part), start: start, end: index), index)
    }

    /// Whether `twenty` may be followed by `six`: smaller numbers follow larger ones.
    private static func fits(_ number: Double, after unit: Double) -> Bool {
        unit == .infinity || unit >= 100 || (unit == 20 && number < 10 && number > 0)
    }

    /// The digits that a word begins with, without the commas of thousands: `4th` is 4, `4:30pm` is 4:30.
    private static func digits(_ word: Substring) -> String? {
        guard let first = word.first, first.isASCII, first.isNumber else { return nil }
        var text = String(word.prefix { $0.isASCII && $0.isNumber || ".,:".contains($0) })
        while let last = text.last, ".,:".contains(last) { text.removeLast() }
        text = text.replacing(",", with: "")
        if text.contains(":") { return text }
        return Double(text).map(spelled) ?? text
    }

    private static func spelled(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    }

    private static let scales: [Substring: Double] = [
        "hundred": 100, "thousand": 1000, "k": 1000, "million": 1e6, "billion": 1e9,
    ]

    private static let small: [Substring: Double] = {
        let units = [
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "eleven",
            "twelve", "thirteen", "fourteen", "fifteen", "sixteen", "seventeen", "eighteen", "nineteen",
        ]
        let tens = ["twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"]
        let ordinals = [
            "first", "second", "third", "fourth", "fifth", "sixth", "seventh", "eighth", "ninth", "tenth",
            "eleventh", "twelfth",
        ]
        var words: [Substring: Double] = [:]
        for (number, word) in units.enumerated() { words[word[...]] = Double(number) }
        for (number, word) in tens.enumerated() { words[word[...]] = Double(number * 10 + 20) }
        for (number, word) in ordinals.enumerated() { words[word[...]] = Double(number + 1) }
        for number in 13...19 { words[(units[number] + "th")[...]] = Double(number) }
        for (number, word) in tens.enumerated() {
            words[(word.dropLast() + "ieth")] = Double(number * 10 + 20)
        }
        return words
    }()
}
