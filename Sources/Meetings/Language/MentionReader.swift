/// Finds numbers and dates among the words of a text.
struct MentionReader {
    let lexicon: Lexicon
    let text: String
    let units: TextUnits
    let words: [Word]
    let entries: [WordEntry]
    private(set) var numbers: [NumberMention] = []
    private(set) var dates: [DateMention] = []
    /// UTF-8 of the text.
    let bytes: [UInt8]

    /// A word, a phrase or a run of digits that is a number.
    struct Element {
        var bytes: Range<Int>
        var words: Range<Int>
        var value: Double
        /// The value, spelled; `4:30` has no value that could be added to another.
        var text: String
        var readings: [String] = []
        var isDigits = false
        var isScale = false
        var standsAlone = true
        var isClosed = false
    }

    init(lexicon: Lexicon, text: String, units: TextUnits, words: [Word], entries: [WordEntry]) {
        (self.lexicon, self.text, self.units, self.words, self.entries) = (
            lexicon, text, units, words, entries
        )
        bytes = Array(text.utf8)
    }

    mutating func read(stem: (String) -> String) {
        if [.japanese, .chinese, .korean].contains(lexicon.language) {
            var reader = IdeographicReader(lexicon: lexicon, units: units, words: words)
            reader.read()
            (numbers, dates) = (reader.numbers, reader.dates)
        }
        if lexicon.language != .japanese, lexicon.language != .chinese {
            readNumbers()
            readDates()
        }
        if lexicon.language == .korean { mergeNumbers() }
        dates.sort { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// Whether two words that follow each other stand together: nothing but a blank or a hyphen is between them.
    func joins(_ one: Int, _ other: Int) -> Bool {
        let (start, end) = (one, other)
        guard end > start else { return true }
        guard end - start <= 4 else { return false }
        return text.part(start..<end).utf16.allSatisfy(TextUnits.joins)
    }

    // MARK: - Numbers

    private mutating func readNumbers() {
        var elements: [Element] = []
        var digits: [Element] = []
        let taken = numbers.map(\.range) + dates.map(\.range)
        if units.hasDigits, lexicon.language != .korean {
            var scanner = DigitScanner(lexicon: lexicon, units: units)
            scanner.scan()
            digits = scanner.elements.map { element in
                var element = element
                let start = words.partitioningIndex { $0.range.upperBound > element.bytes.lowerBound }
                let end = words.partitioningIndex { $0.range.lowerBound >= element.bytes.upperBound }
                element.words = start..<max(start, end)
                return element
            }
            dates += scanner.dates
        }
        var next = 0
        var place = 0
        while place < words.count {
            while next < digits.count, digits[next].words.upperBound <= place {
                if elements.last?.bytes != digits[next].bytes, digits[next].words.isEmpty {
                    elements.append(digits[next])
                }
                next += 1
            }
            if next < digits.count, digits[next].words.contains(place) {
                elements.append(digits[next])
                // Several numbers may lie in what ICU takes for one word (`12/03`).
                while next + 1 < digits.count,
                    digits[next + 1].words.lowerBound < digits[next].words.upperBound
                {
                    next += 1
                    elements.append(digits[next])
                }
                place = max(place + 1, digits[next].words.upperBound)
                next += 1
                continue
            }
            let reach = entries[place].numberReach
            guard reach > 0, !taken.contains(where: { $0.overlaps(words[place].range) }),
                let (form, count) = phrase(at: place, reach: reach)
            else {
                place += 1
                continue
            }
            let range = words[place].range.lowerBound..<words[place + count - 1].range.upperBound
            elements.append(
                Element(
                    bytes: range, words: place..<place + count, value: form.value,
                    text: Self.spelled(form.value),
                    isScale: form.isScale, standsAlone: form.standsAlone))
            place += count
        }
        compose(withFractions(elements))
    }

    /// `four point two` as one element.
    private func withFractions(_ elements: [Element]) -> [Element] {
        guard !lexicon.numbers.points.isEmpty else { return elements }
        var found: [Element] = []
        for element in elements {
            if let last = found.last, !last.isClosed, !element.isClosed, !last.isScale, !element.isScale,
                element.words.lowerBound == last.words.upperBound + 1,
                lexicon.numbers.points.contains(words[last.words.upperBound].folded),
                let value = Double(last.text + "." + element.text), !last.text.contains(".")
            {
                var whole = last
                whole.bytes = last.bytes.lowerBound..<element.bytes.upperBound
                whole.words = last.words.lowerBound..<element.words.upperBound
                (whole.value, whole.text) = (value, Self.spelled(value))
                whole.readings = Self.time(last.text, element.text)
                found[found.count - 1] = whole
            } else {
                found.append(element)
            }
        }
        return found
    }

    private func phrase(at place: Int, reach: Int) -> (NumberWords.Form, Int)? {
        var count = min(reach, words.count - place)
        while count > 1 {
            let range = place..<place + count
            if range.dropLast().allSatisfy({
                joins(words[$0].range.upperBound, words[$0 + 1].range.lowerBound)
            }) {
                let key = words[range].map(\.folded).joined(separator: " ")
                if let form = lexicon.numbers.forms[key] { return (form, count) }
            }
            count -= 1
        }
        return entries[place].number.map { ($0, 1) }
    }

    /// Korean has two kinds of number words, which stand beside each other: `세 시 이십 분`.
    private mutating func mergeNumbers() {
        var found = numbers.sorted { $0.range.lowerBound < $1.range.lowerBound }.map { mention in
            let start = words.partitioningIndex { $0.range.upperBound > mention.range.lowerBound }
            let end = words.partitioningIndex { $0.range.lowerBound >= mention.range.upperBound }
            return (mention: mention, words: start..<max(start, end))
        }
        combine(&found)
        numbers = found.map(\.mention)
    }

    /// Joins the words that form one number: `two` `hundred` and `five`.
    private mutating func compose(_ elements: [Element]) {
        var found: [(mention: NumberMention, words: Range<Int>)] = []
        var index = 0
        while index < elements.count {
            let first = elements[index]
            var last = index
            var (sum, part) = (0.0, first.value)
            var unit = Self.unit(of: first)
            var parts = [first.text]
            var isCompound = false
            while !first.isClosed, last + 1 < elements.count {
                let (current, next) = (elements[last], elements[last + 1])
                guard !next.isClosed, follows(next, current, unit: unit) else { break }
                if next.isScale, multiplies(next.value, part: part, sum: sum, unit: unit) {
                    if next.value == 100 {
                        part *= 100
                    } else {
                        sum += part * next.value
                        part = 0
                    }
                    unit = next.value
                } else if adds(next, to: part, unit: unit, current: current) {
                    // What comes may have a scale of its own: two thousand, five hundred.
                    if part >= 1000, next.value < 100 {
                        sum += part
                        part = 0
                    }
                    part += next.value
                    unit = Self.unit(of: next)
                } else {
                    break
                }
                parts.append(next.text)
                isCompound = true
                last += 1
            }
            let total = isCompound ? Self.spelled(sum + part) : first.text
            let range = first.bytes.lowerBound..<elements[last].bytes.upperBound
            let isClaim =
                first.isDigits || (sum + part >= 10 && (isCompound || first.standsAlone))
            let mention = NumberMention(
                value: total, readings: isCompound ? [] : first.readings, parts: isCompound ? parts : [],
                range: range, isDigits: first.isDigits, isClaim: isClaim)
            found.append((mention, first.words.lowerBound..<elements[last].words.upperBound))
            index = last + 1
        }
        combine(&found)
        numbers += found.map(\.mention)
    }

    private func follows(_ next: Element, _ current: Element, unit: Double) -> Bool {
        let gap = next.words.lowerBound - current.words.upperBound
        if gap <= 0 { return joins(current.bytes.upperBound, next.bytes.lowerBound) }
        guard gap == 1, unit >= 100, lexicon.links.contains(words[current.words.upperBound].folded) else {
            return false
        }
        return next.bytes.lowerBound - current.bytes.upperBound <= 8
    }

    private func multiplies(_ scale: Double, part: Double, sum: Double, unit: Double) -> Bool {
        if part == 0 || unit >= 1000 { return false }
        return scale == 100
            ? part < 100 && part == part.rounded() : part < scale && (sum == 0 || sum >= scale)
    }

    private func adds(_ next: Element, to part: Double, unit: Double, current: Element) -> Bool {
        guard next.value > 0, !current.isDigits || current.isScale || unit >= 1000 else { return false }
        if next.isDigits { return unit >= 1000 && next.value < unit && next.value == next.value.rounded() }
        if unit >= 100 { return next.value < unit }
        if unit == 20, next.value >= 1, next.value < 10 { return true }
        // Arabic says the units first: five and twenty.
        return lexicon.language == .arabic && current.value < 10 && (20..<100).contains(next.value)
            && words[next.words.lowerBound].folded.hasPrefix("و")
    }

    /// What has to be larger than the number behind it.
    private static func unit(of element: Element) -> Double {
        let value = element.value
        for scale in [1e12, 1e9, 1e6, 1e3, 100]
        where value >= scale && value.truncatingRemainder(dividingBy: scale) == 0 {
            return scale
        }
        return value >= 20 && value < 100 && value.truncatingRemainder(dividingBy: 10) == 0 ? 20 : 1
    }

    /// What two numbers that stand near each other may say together.
    private func combine(_ found: inout [(mention: NumberMention, words: Range<Int>)]) {
        for place in found.indices.dropLast() {
            let (one, other) = (found[place], found[place + 1])
            let gap = other.words.lowerBound - one.words.upperBound
            guard gap <= 2 else { continue }
            var made = Self.halves(one.mention.value, other.mention.value)
            if gap <= 1 { made += Self.time(one.mention.value, other.mention.value) }
            if gap <= 0, joins(one.mention.range.upperBound, other.mention.range.lowerBound) {
                made += Self.pair(one.mention.value, other.mention.value)
            }
            found[place].mention.parts += made
        }
    }

    /// `nineteen ninety` is a year.
    private static func pair(_ one: String, _ other: String) -> [String] {
        guard let first = Int(one), let second = Int(other), (10...99).contains(first),
            (10...99).contains(second)
        else { return [] }
        return [one + other]
    }

    /// `four thirty`, `sechzehn Uhr dreißig`.
    static func time(_ one: String, _ other: String) -> [String] {
        guard let hour = Int(one), let minute = Int(other), (0...24).contains(hour), (0..<60).contains(minute)
        else { return [] }
        return times(hour, minute)
    }

    /// A time of day by both clocks.
    static func times(_ hour: Int, _ minute: Int) -> [String] {
        let minutes = (minute < 10 ? ":0" : ":") + String(minute)
        var found = [String(hour) + minutes]
        if hour > 12 { found.append(String(hour - 12) + minutes) }
        if hour < 12 { found.append(String(hour + 12) + minutes) }
        if hour == 12 { found.append("0" + minutes) }
        return found
    }

    /// `half past four`, `halb fünf`, `las cuatro y media`, `quarter to five`, `two and a half`.
    ///
    /// Which of `past` and `to` it is, is not looked at.
    private static func halves(_ one: String, _ other: String) -> [String] {
        let isFirst = fractions[one] != nil
        guard let minutes = fractions[isFirst ? one : other], let hour = Int(isFirst ? other : one),
            let fraction = Double(isFirst ? one : other)
        else { return [] }
        let sum = spelled(Double(hour) + fraction)
        guard (1...24).contains(hour) else { return [sum] }
        let before = hour == 1 ? 12 : hour - 1
        return [sum] + (isFirst ? minutes.afterFraction : minutes.afterHour).flatMap { times(hour, $0) }
            + (isFirst ? minutes.beforeFraction : minutes.beforeHour).flatMap { times(before, $0) }
    }

    /// Minutes of the hour that is named, and of the one before it, by what comes first.
    private struct Minutes {
        var afterFraction: [Int]
        var beforeFraction: [Int]
        var afterHour: [Int]
        var beforeHour: [Int]
    }

    private static let fractions: [String: Minutes] = [
        "0.5": Minutes(afterFraction: [30], beforeFraction: [30], afterHour: [30], beforeHour: []),
        "0.25": Minutes(afterFraction: [15], beforeFraction: [15, 45], afterHour: [15], beforeHour: [45]),
        "0.75": Minutes(afterFraction: [], beforeFraction: [45], afterHour: [45], beforeHour: []),
    ]

    static func spelled(_ number: Double) -> String {
        number == number.rounded() && abs(number) < 1e15 ? String(Int(number)) : String(number)
    }

    // MARK: - Dates

    private mutating func readDates() {
        // Korean ones that were found letter by letter.
        let taken = lexicon.language == .korean ? dates.map(\.range) : []
        var place = 0
        while place < words.count {
            let reach = entries[place].dateReach
            guard reach > 0, !taken.contains(where: { $0.overlaps(words[place].range) }),
                let (form, count) = date(at: place, reach: reach), !form.isWeak || isMeant(place)
            else {
                place += 1
                continue
            }
            let range = words[place].range.lowerBound..<words[place + count - 1].range.upperBound
            dates.append(DateMention(key: form.key, range: range))
            place += count
        }
    }

    private func date(at place: Int, reach: Int) -> (CalendarWords.Form, Int)? {
        var count = min(reach, words.count - place)
        while count > 1 {
            let phrase = words[place..<place + count]
            let key = phrase.map(\.folded).joined(separator: " ")
            if let form = lexicon.calendar.forms[key]
                ?? lexicon.dateStems[phrase.map(\.stem).joined(separator: " ")]
            {
                return (form, count)
            }
            count -= 1
        }
        return entries[place].date.map { ($0, 1) }
    }

    /// Whether an abbreviation, or a word like `may`, means a date here.
    private func isMeant(_ place: Int) -> Bool {
        let word = words[place]
        // `sept` is seven in French.
        if entries[place].number != nil { return false }
        for other in [place - 1, place + 1] where words.indices.contains(other) {
            if words[other].role == .number, words[other].sentence == word.sentence { return true }
        }
        let begins = place == 0 || words[place - 1].sentence != word.sentence
        guard word.folded.count >= 3 else { return false }
        if lexicon.language == .english {
            if entries[place].isCapital, !begins { return true }
            let before = begins ? "" : words[place - 1].folded
            return lexicon.dueBefore.contains([before]) || before == "of"
        }
        if lexicon.language == .german, entries[place].isCapital { return true }
        return bytes.indices.contains(word.range.upperBound)
            && bytes[word.range.upperBound] == UInt8(ascii: ".")
            && !lexicon.functionWords.contains(word.folded) && entries[place].isCapital
    }
}

extension Array {
    /// The first index whose element meets the condition, which holds from there on.
    func partitioningIndex(where condition: (Element) -> Bool) -> Int {
        var (low, high) = (startIndex, endIndex)
        while low < high {
            let middle = (low + high) / 2
            if condition(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
