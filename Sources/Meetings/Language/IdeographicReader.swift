/// Finds numbers and dates in Japanese, Chinese and Korean, where they are written without blanks and in characters
/// (`三十二`, `3万5千`, `이십오`).
struct IdeographicReader {
    let lexicon: Lexicon
    let units: TextUnits
    let words: [Word]
    private(set) var numbers: [NumberMention] = []
    private(set) var dates: [DateMention] = []
    private let isKorean: Bool

    init(lexicon: Lexicon, units: TextUnits, words: [Word]) {
        (self.lexicon, self.units, self.words) = (lexicon, units, words)
        isKorean = lexicon.language == .korean
    }

    /// A run of numerals.
    private struct Run {
        var value: Double
        var end: Int
        var isDigits: Bool
        var count: Int
        /// The value if the last digit is meant to have the next smaller scale.
        var spoken: Double?
        /// Has 十, 百, 万 or the like.
        var hasScale: Bool
    }

    mutating func read() {
        var place = 0
        while place < units.count {
            if let end = weekday(at: place) {
                place = end
            } else if isPercent(at: place) {
                place += 3
            } else if startsNumber(place), let run = run(at: place) {
                place = take(run, at: place)
            } else {
                place += 1
            }
        }
    }

    // MARK: - Days by name

    private mutating func weekday(at place: Int) -> Int? {
        let unit = units.units[place]
        guard let forms = lexicon.calendar.written[unit] else { return nil }
        for form in forms where place + form.units.count <= units.count {
            let range = place..<place + form.units.count
            guard units.units[range].elementsEqual(form.units) else { continue }
            // In Korean a name begins a word.
            if isKorean, place > 0, Self.isHangul(units.units[place - 1]) { continue }
            dates.append(DateMention(key: form.key, range: units.bytes(range)))
            return range.upperBound
        }
        return nil
    }

    // MARK: - Numerals

    /// `百分之十五` is 15 of a hundred.
    private func isPercent(at place: Int) -> Bool {
        units[place] == 0x767E && units[place + 1] == 0x5206 && units[place + 2] == 0x4E4B
    }

    private static let digits: [UInt16: Double] = {
        var digits: [UInt16: Double] = [:]
        for (values, text) in [
            (0.0, "〇零"), (1, "一壱壹"), (2, "二弐貳两兩"), (3, "三参叁"), (4, "四肆"), (5, "五伍"), (6, "六陸陆"),
            (7, "七"), (8, "八"), (9, "九"),
        ] {
            for unit in text.utf16 { digits[unit] = values }
        }
        return digits
    }()
    private static let scales = scaleTable("十拾:10 百佰:100 千仟:1000 万萬:1e4 億亿:1e8 兆:1e12")
    private static let koreanDigits: [UInt16: Double] = {
        var digits: [UInt16: Double] = [:]
        for (value, text) in ["영공", "일", "이", "삼", "사", "오", "육륙", "칠", "팔", "구"].enumerated() {
            for unit in text.utf16 { digits[unit] = Double(value) }
        }
        return digits
    }()
    private static let koreanScales = scaleTable("십:10 백:100 천:1000 만:1e4 억:1e8 조:1e12")

    private static func scaleTable(_ text: String) -> [UInt16: Double] {
        var table: [UInt16: Double] = [:]
        for entry in text.split(separator: " ") {
            let parts = entry.split(separator: ":")
            for unit in parts[0].utf16 { table[unit] = Double(parts[1]) }
        }
        return table
    }

    private func digit(_ unit: UInt16) -> Double? { isKorean ? Self.koreanDigits[unit] : Self.digits[unit] }

    private func scale(_ unit: UInt16) -> Double? { isKorean ? Self.koreanScales[unit] : Self.scales[unit] }

    private static func isHangul(_ unit: UInt16) -> Bool { (0xAC00...0xD7A3).contains(unit) }

    private func startsNumber(_ place: Int) -> Bool {
        let unit = units.units[place]
        let before = units[place - 1]
        if TextUnits.digit(unit) != nil {
            // `B52` is a name.
            guard let before, before < 0x2E80, let scalar = Unicode.Scalar(before) else { return true }
            return !scalar.properties.isAlphabetic
        }
        if isKorean {
            // A syllable inside a word is no numeral.
            return (digit(unit) != nil || (scale(unit) ?? 1e9) < 1e9) && !(before.map(Self.isHangul) ?? false)
        }
        return digit(unit) != nil || (scale(unit) ?? 1e9) <= 1000
    }

    private func run(at start: Int) -> Run? {
        var place = start
        var (total, section) = (0.0, 0.0)
        var current: Double?
        var run = Run(value: 0, end: start, isDigits: false, count: 0, hasScale: false)
        var lastScale = Double.infinity
        var wasDigit = false
        // `一万二` is 12,000 in speech.
        while let unit = units[place] {
            if TextUnits.digit(unit) != nil {
                guard current == nil else { break }
                let (value, end) = plain(at: place)
                current = value
                run.count += end - place
                run.isDigits = true
                place = end
                wasDigit = false
            } else if let digit = digit(unit) {
                if let known = current, !wasDigit || known > 1e12 || isKorean && run.hasScale { break }
                current = wasDigit ? (current ?? 0) * 10 + digit : digit
                wasDigit = true
                run.count += 1
                place += 1
            } else if let scale = scale(unit) {
                if scale < 1e4 {
                    // `二十百` is no number.
                    guard scale < lastScale || lastScale >= 1e4 else { break }
                    section += (current ?? 1) * scale
                } else {
                    if isKorean, place == start { current = 1 }
                    guard section + (current ?? 0) > 0 else { break }
                    total += (section + (current ?? 0)) * scale
                    section = 0
                }
                (lastScale, current, wasDigit) = (scale, nil, false)
                run.hasScale = true
                run.count += 1
                place += 1
                // `5만 3천`
                if scale >= 1e3, units[place] == 0x20, let next = units[place + 1],
                    TextUnits.digit(next) != nil
                        || isKorean && digit(next) != nil && (units[place + 2].flatMap(self.scale)) != nil
                {
                    place += 1
                }
            } else {
                break
            }
            run.end = place
        }
        if let last = units[run.end - 1], last == 0x20 { run.end -= 1 }
        // `삼일` is the third day, not 31.
        if isKorean, !run.hasScale, !run.isDigits, run.count == 2, units[run.end - 1] == 0xC77C {
            run.end -= 1
            run.count -= 1
            current = units[start].flatMap { digit($0) }
        }
        run.value = total + section + (current ?? 0)
        // `一万二` is 12,000 in speech.
        if let current, wasDigit, current < 10, lastScale >= 100, lastScale < 1e12 {
            run.spoken = total + section + current * lastScale / 10
        }
        return run.end > start ? run : nil
    }

    /// Digits with the marks of groups and fractions.
    private func plain(at start: Int) -> (Double, end: Int) {
        var text = ""
        var place = start
        while let unit = units[place] {
            if let digit = TextUnits.digit(unit) {
                text += String(digit)
            } else if [0x2C, 0xFF0C].contains(unit),
                (1...3).allSatisfy({ units[place + $0].flatMap(TextUnits.digit) != nil }),
                units[place + 4].flatMap(TextUnits.digit) == nil || units[place + 4] == 0x2C
            {
                // A group of three.
            } else if [0x2E, 0xFF0E].contains(unit), !text.contains("."),
                units[place + 1].flatMap(TextUnits.digit) != nil
            {
                text += "."
            } else {
                break
            }
            place += 1
        }
        return (Double(text) ?? 0, place)
    }

    // MARK: - Words after numbers

    private mutating func take(_ run: Run, at start: Int) -> Int {
        let next = units[run.end] == 0x20 ? units[run.end + 1] : units[run.end]
        let close = units[run.end]
        let range = units.bytes(start..<run.end)
        let isWhole = run.value == run.value.rounded()
        if let close, [0x6708, 0xC6D4].contains(close), isWhole, (1...12).contains(run.value),
            !isKorean || !(units[run.end + 1].map { $0 == 0xAE09 } ?? false)
        {
            dates.append(DateMention(key: "month:\(Int(run.value))", range: units.bytes(start..<run.end + 1)))
            return run.end + 1
        }
        if let end = time(run, start) { return end }
        if isKorean, !run.isDigits, !isKoreanNumeral(run, start) { return max(run.end, start + 1) }
        let value = MentionReader.spelled(run.value)
        var mention = NumberMention(
            value: value, range: range, isDigits: run.isDigits, isClaim: run.isDigits || isClaim(run, next))
        if let spoken = run.spoken { mention.parts.append(MentionReader.spelled(spoken)) }
        // Tenths: `3割` is 30 percent; a point in words.
        if close == 0x5272 { mention.readings.append(MentionReader.spelled(run.value * 10)) }
        if let close, [0x70B9, 0x30FB].contains(close),
            let (text, end) = fraction(after: value, at: run.end + 1)
        {
            var decimal = Double(text) ?? run.value
            var stop = end
            if let unit = units[end], let scale = scale(unit), scale >= 1e4 {
                (decimal, stop) = (decimal * scale, end + 1)
            }
            let total = MentionReader.spelled(decimal)
            numbers.append(
                NumberMention(
                    value: total,
                    readings: MentionReader.time(value, String(text.split(separator: ".").last ?? "")),
                    parts: [value], range: units.bytes(start..<stop), isDigits: run.isDigits, isClaim: true))
            return stop
        }
        numbers.append(mention)
        return run.end
    }

    /// The digits behind a point in words: `四点二`.
    private func fraction(after whole: String, at start: Int) -> (String, end: Int)? {
        var text = whole + "."
        var end = start
        while let unit = units[end], let digit = digit(unit) {
            text += String(Int(digit))
            end += 1
        }
        // `三点二十` is a time.
        if let unit = units[end], let scale = scale(unit), scale < 1e4 { return nil }
        return end > start ? (text, end) : nil
    }

    /// `4時半`, `三点二十分`, `2시 30분`.
    private mutating func time(_ run: Run, _ start: Int) -> Int? {
        guard let mark = units[run.end], run.value == run.value.rounded(), (0...24).contains(run.value) else {
            return nil
        }
        let hour = Int(run.value)
        if mark == 0x3A || mark == 0xFF1A {
            guard run.isDigits, let minutes = self.run(at: run.end + 1), minutes.isDigits, minutes.value < 60
            else { return nil }
            append(hour, Int(minutes.value), start..<minutes.end, isDigits: true)
            return minutes.end
        }
        guard [0x6642, 0x65F6, 0x70B9, 0x9EDE, 0xC2DC].contains(mark), units[run.end + 1] != 0x9593,
            units[run.end + 1] != 0x95F4, units[run.end + 1] != 0xAC04
        else { return nil }
        var place = run.end + 1
        if mark == 0x70B9 || mark == 0x9EDE, units[place] == 0x949F || units[place] == 0x9418 { place += 1 }
        let behind = units[place] == 0x20 ? place + 1 : place
        if let half = units[behind], half == 0x534A || half == 0xBC18 {
            append(hour, 30, start..<behind + 1, isDigits: run.isDigits)
            return behind + 1
        }
        if let unit = units[behind], TextUnits.digit(unit) != nil || digit(unit) != nil || scale(unit) != nil,
            let minutes = self.run(at: behind), minutes.value < 60,
            let last = units[minutes.end] == 0x20 ? units[minutes.end + 1] : units[minutes.end],
            [0x5206, 0xBD84].contains(last)
        {
            append(hour, Int(minutes.value), start..<minutes.end, isDigits: run.isDigits)
            return minutes.end
        }
        // `四点二` is a fraction.
        if mark == 0x70B9, !run.isDigits, let unit = units[place], digit(unit) != nil { return nil }
        let times = MentionReader.times(hour, 0)
        numbers.append(
            NumberMention(
                value: String(hour),
                readings: times + times.compactMap { $0.split(separator: ":").first.map(String.init) },
                range: units.bytes(start..<run.end), isDigits: run.isDigits,
                isClaim: run.isDigits || hour >= 10))
        return place
    }

    private mutating func append(_ hour: Int, _ minute: Int, _ range: Range<Int>, isDigits: Bool) {
        let times = MentionReader.times(hour, minute)
        numbers.append(
            NumberMention(
                value: times[0], readings: Array(times.dropFirst()), parts: [String(hour), String(minute)],
                range: units.bytes(range), isDigits: isDigits, isClaim: true))
    }

    /// `千葉` is a place: characters need a counter behind them, or be several.
    private func isClaim(_ run: Run, _ next: UInt16?) -> Bool {
        guard run.value >= 10 else { return false }
        let range = units.bytes(run.end - run.count..<run.end)
        // `十分` and the like are words of their own.
        let word = words.first { $0.range.overlaps(range) }
        if let word, word.role == .function || word.folded == "十分" { return false }
        return run.count >= 2
            || next.map { unit in lexicon.counters.contains { $0.utf16.first == unit } } ?? false
    }

    /// `이` and `사` are more often other words: what follows has to be nothing, a counter or a particle.
    private func isKoreanNumeral(_ run: Run, _ start: Int) -> Bool {
        var end = run.end
        while let unit = units[end], Self.isHangul(unit) { end += 1 }
        let rest = String(decoding: units.units[run.end..<end], as: UTF16.self)
        func counts(_ text: String) -> Bool { lexicon.counters.contains { text.hasPrefix($0) } }
        if rest.isEmpty {
            var next = end
            if units[next] == 0x20 { next += 1 }
            var nextEnd = next
            while let unit = units[nextEnd], Self.isHangul(unit) { nextEnd += 1 }
            let word = String(
                decoding: units.units[min(next, units.count)..<max(nextEnd, min(next, units.count))],
                as: UTF16.self)
            return run.count >= 2 && run.hasScale || counts(word)
        }
        return counts(rest) || run.hasScale && run.count >= 2 && lexicon.suffixes.contains(rest)
    }
}
