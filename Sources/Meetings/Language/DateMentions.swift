/// Days, months and other calendar words that a text mentions.
///
/// Days of the month are numbers ("the twelfth", "12 March") and found by ``NumberMentions``.
package enum DateMentions {
    /// The calendar words of a text in one spelling, each once, in order: `Fri`, `Fridays` and `friday` are the same.
    package static func all(in text: String) -> [String] {
        var seen: Set<String> = []
        return mentions(words(text)).map(\.key).filter { seen.insert($0).inserted }
    }

    /// The words by which a text says when: `by Friday`, `on the twelfth of March`, `before the end of April`;
    /// nil if it does not.
    package static func dueDate(in text: String) -> String? {
        let words = text.split(whereSeparator: \.isWhitespace)
        let keys = words.map { bare($0) }
        let found = mentions(keys)
        guard
            let first = found.first(where: { !isRepeated($0, keys) })
                ?? keys.indices.first(where: { isDay(keys, $0) }).map({
                    Mention(key: keys[$0], place: $0, length: 1)
                })
        else { return nil }
        // From a preposition shortly before the first calendar word up to the last one that belongs to it.
        let reach = max(0, first.place - 6)
        guard
            let start = (reach..<first.place).last(where: { prepositions.contains(keys[$0]) })
                ?? (standing.contains(keys[first.place]) ? first.place : nil),
            keys[start..<first.place].allSatisfy({
                link.contains($0) || prepositions.contains($0) || isNumber($0)
            })
        else { return nil }
        var end = first.place + first.length
        while end < words.count {
            if isNumber(keys[end]) || calendar[keys[end]] != nil {
                end += 1
            } else if end + 1 < words.count, link.contains(keys[end]),
                isNumber(keys[end + 1]) || calendar[keys[end + 1]] != nil
            {
                end += 2
            } else {
                break
            }
        }
        let phrase = words[start..<end].joined(separator: " ")
        return phrase.trimmingMarks
    }

    private struct Mention {
        var key: String
        var place: Int
        var length: Int
    }

    private static func mentions(_ words: [String]) -> [Mention] {
        var found: [Mention] = []
        var place = 0
        while place < words.count {
            if place + 1 < words.count, determiners.contains(words[place]), spans.contains(words[place + 1]) {
                found.append(Mention(key: words[place] + " " + words[place + 1], place: place, length: 2))
                place += 2
                continue
            }
            if let key = calendar[words[place]], !isVerb(words, place) {
                found.append(Mention(key: key, place: place, length: 1))
            }
            place += 1
        }
        return found
    }

    /// `may` is a month only beside a number or after a preposition, `march` not after `to`.
    private static func isVerb(_ words: [String], _ place: Int) -> Bool {
        guard words[place] == "may" || words[place] == "march" || words[place] == "sun" else { return false }
        let before = place > 0 ? words[place - 1] : ""
        let after = place + 1 < words.count ? words[place + 1] : ""
        return
            !(isNumber(before) || isNumber(after)
            || ["in", "of", "by", "until", "since", "next", "last"]
                .contains(before))
    }

    private static func isRepeated(_ mention: Mention, _ words: [String]) -> Bool {
        mention.place > 0 && ["every", "each", "on", "last"].contains(words[mention.place - 1])
            && words[mention.place].hasSuffix("days")
            || mention.place > 0 && words[mention.place - 1] == "last"
    }

    /// `by the sixth`, `on the 6th`: a day of a month that needs no name.
    private static func isDay(_ words: [String], _ place: Int) -> Bool {
        guard place >= 2, words[place - 1] == "the",
            ["by", "on", "until", "before"].contains(words[place - 2]),
            isNumber(words[place])
        else { return false }
        return ["st", "nd", "rd", "th", "second"].contains(where: words[place].hasSuffix)
    }

    private static func isNumber(_ word: String) -> Bool { !NumberMentions.all(in: word).isEmpty }

    private static func words(_ text: String) -> [String] {
        text.split { $0.isWhitespace || "-–—/()".contains($0) }.map { bare($0) }
    }

    private static func bare(_ word: some StringProtocol) -> String {
        var word = word.lowercased()[...]
        for ending in ["'s", "’s"] where word.hasSuffix(ending) { word.removeLast(2) }
        return String(word).trimmingMarks
    }

    private static let prepositions: Set = ["by", "on", "until", "till", "before", "for", "from", "in", "at"]
    private static let link: Set = [
        "the", "of", "end", "start", "beginning", "middle", "this", "next", "late", "early",
    ]
    private static let standing: Set = ["tomorrow", "today", "tonight", "next", "this", "monday", "tuesday"]
    private static let determiners: Set = ["next", "this", "last"]
    private static let spans: Set = ["week", "month", "year", "quarter", "morning", "afternoon", "weekend"]

    /// The months' names in lower case.
    package static let months = [
        "january", "february", "march", "april", "may", "june", "july", "august", "september", "october",
        "november", "december",
    ]

    private static let calendar: [String: String] = {
        var keys: [String: String] = ["tomorrow": "tomorrow", "yesterday": "yesterday"]
        let days = ["monday", "tuesday", "wednesday", "thursday", "friday", "saturday", "sunday"]
        for day in days {
            keys[day] = day
            keys[day + "s"] = day
            // `sat` and `sun` are words of their own.
            if day != "saturday", day != "sunday" { keys[String(day.prefix(3))] = day }
        }
        for month in months {
            keys[month] = month
            if month != "march", month != "may" { keys[String(month.prefix(3))] = month }
        }
        for (short, long) in [("tues", "tuesday"), ("thurs", "thursday"), ("sept", "september")] {
            keys[short] = long
        }
        return keys
    }()
}

extension String {
    /// Without what is neither letter nor digit at both ends.
    fileprivate var trimmingMarks: String {
        var rest = self[...]
        while let first = rest.first, !first.isLetter, !first.isNumber { rest.removeFirst() }
        while let last = rest.last, !last.isLetter, !last.isNumber { rest.removeLast() }
        return String(rest)
    }
}
