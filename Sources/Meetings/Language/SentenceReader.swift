import CICU

extension WordReader {
    private static let marks: Set<UInt16> = [0x2E, 0x3F, 0x21, 0x2026]
    private static let closers: Set<UInt16> = [0x22, 0x27, 0x29, 0x5D, 0x2019, 0x201D, 0xBB, 0x203A]
    /// Speech without marks is divided where it is longer than this, in words, and then has as many at least.
    private static let longSentence = 40
    private static let leastPart = 12

    /// Sentences as UTF-8 offsets, trimmed.
    func sentences(_ units: TextUnits) -> [Range<Int>] {
        guard units.count > 0 else { return [] }
        var found: [Range<Int>] = []
        var start = 0
        for end in sentenceEnds(units) + [units.count] where end > start {
            guard let range = trimmed(units, start..<end) else {
                start = end
                continue
            }
            if let first = units[range.upperBound - 1], !Self.isMark(first), !lexicon.connectives.isEmpty {
                found += parts(units, range)
            } else {
                found.append(range)
            }
            start = end
        }
        return found.map(units.bytes)
    }

    private func trimmed(_ units: TextUnits, _ range: Range<Int>) -> Range<Int>? {
        var (start, end) = (range.lowerBound, range.upperBound)
        while start < end, TextUnits.isBlank(units.units[start]) { start += 1 }
        while start < end, TextUnits.isBlank(units.units[end - 1]) { end -= 1 }
        return start < end ? start..<end : nil
    }

    private static func isMark(_ unit: UInt16) -> Bool {
        marks.contains(unit) || closers.contains(unit)
            || [0x3002, 0xFF1F, 0xFF01, 0x61F, 0x964, 0x3B].contains(unit)
    }

    private func sentenceEnds(_ units: TextUnits) -> [Int] {
        var ends = Set(icuSentenceEnds(units))
        // Recognisers write no capitals behind a mark; ICU wants one.
        for place in units.units.indices.dropLast() where Self.marks.contains(units.units[place]) {
            var end = place + 1
            while end < units.count,
                Self.marks.contains(units.units[end]) || Self.closers.contains(units.units[end])
            { end += 1 }
            guard end < units.count, TextUnits.isBlank(units.units[end]) else { continue }
            while end < units.count, TextUnits.isBlank(units.units[end]) { end += 1 }
            ends.insert(end)
        }
        return ends.filter { !isAbbreviated(units, before: $0) }.sorted()
    }

    private func icuSentenceEnds(_ units: TextUnits) -> [Int] {
        guard let breaker else { return [] }
        var ends = [Int32](repeating: 0, count: units.count)
        let count = cicu_sentences(breaker, units.units, Int32(units.count), &ends, Int32(ends.count))
        return ends.prefix(max(0, Int(count))).map(Int.init)
    }

    /// Whether the dot before `end` belongs to an abbreviation, an initial or an ordinal.
    private func isAbbreviated(_ units: TextUnits, before end: Int) -> Bool {
        guard end < units.count else { return false }
        var dot = end
        while dot > 0, TextUnits.isBlank(units.units[dot - 1]) {
            if units.units[dot - 1] == 0xA || units.units[dot - 1] == 0xD { return false }
            dot -= 1
        }
        guard dot > 0, units.units[dot - 1] == 0x2E, dot < end else { return false }
        var start = dot - 1
        while start > 0, !TextUnits.isBlank(units.units[start - 1]),
            !"(\"„“«".utf16.contains(units.units[start - 1])
        { start -= 1 }
        guard start < dot - 1 else { return false }
        let word = String(decoding: units.units[start..<dot - 1], as: UTF16.self)
        let folded = Folding.fold(word, language: lexicon.language)
        if lexicon.abbreviations.contains(folded) { return true }
        if word.allSatisfy(\.isNumber) { return word.count <= 2 && isOrdinal(units, before: start, end) }
        // An initial; `I.` and letters of scripts without capitals are words.
        return word.count == 1 && word != "I" && word.first?.isUppercase == true
    }

    /// `am 12. März`, `der 3. Punkt`, but not `Wir sind 12. Dann`.
    private func isOrdinal(_ units: TextUnits, before start: Int, _ end: Int) -> Bool {
        guard ["de", "pl", "tr", "cs", "da", "nb", "no", "fi", "hu"].contains(lexicon.language.rawValue)
        else { return false }
        func word(_ range: Range<Int>) -> String {
            Folding.fold(String(decoding: units.units[range], as: UTF16.self), language: lexicon.language)
        }
        var next = end
        while next < units.count, !TextUnits.isBlank(units.units[next]), !Self.isMark(units.units[next]),
            units.units[next] != 0x2C
        { next += 1 }
        let following = word(end..<next)
        if lexicon.calendar.forms[following]?.key.hasPrefix("month") == true { return true }
        var stop = start
        while stop > 0, TextUnits.isBlank(units.units[stop - 1]) { stop -= 1 }
        var begin = stop
        while begin > 0, !TextUnits.isBlank(units.units[begin - 1]) { begin -= 1 }
        guard begin < stop, lexicon.language == .german else { return false }
        let previous = word(begin..<stop)
        // "Am 20. bin ich in Hanoi."
        let isLower = String(decoding: units.units[end..<next], as: UTF16.self).first?.isLowercase == true
        if isLower, ["am", "vom", "zum", "ab", "seit"].contains(previous) { return true }
        return !lexicon.functionWords.contains(following) && lexicon.functionWords.contains(previous)
            && !["sind", "ist", "waren", "war", "nur", "auf"].contains(previous)
    }

    /// A long run without marks, divided before words like `so` and `then`.
    private func parts(_ units: TextUnits, _ range: Range<Int>) -> [Range<Int>] {
        let blanks = range.filter { TextUnits.isBlank(units.units[$0]) }
        guard blanks.count >= Self.longSentence else { return [range] }
        var found: [Range<Int>] = []
        var (start, words) = (range.lowerBound, 0)
        for (number, blank) in blanks.enumerated() {
            words += 1
            let end = number + 1 < blanks.count ? blanks[number + 1] : range.upperBound
            guard words >= Self.leastPart, blanks.count - number >= Self.leastPart, blank + 1 < end else {
                continue
            }
            let word = Folding.fold(
                String(decoding: units.units[blank + 1..<end], as: UTF16.self), language: lexicon.language)
            guard lexicon.connectives.contains(word) else { continue }
            if let part = trimmed(units, start..<blank) { found.append(part) }
            (start, words) = (blank + 1, 0)
        }
        if let part = trimmed(units, start..<range.upperBound) { found.append(part) }
        return found
    }
}
