/// Finds numbers, times and dates that are written in digits of any script.
struct DigitScanner {
    let lexicon: Lexicon
    let units: TextUnits
    private(set) var elements: [MentionReader.Element] = []
    private(set) var dates: [DateMention] = []
    private let groupsByBlank: Bool
    /// `12.3.` is a day and a month.
    private let hasDotDates: Bool

    init(lexicon: Lexicon, units: TextUnits) {
        (self.lexicon, self.units) = (lexicon, units)
        groupsByBlank = lexicon.grouping > 0x7F
        hasDotDates = ["de", "pl", "ru", "uk", "tr", "cs", "da", "nb", "no", "fi"].contains(
            lexicon.language.rawValue)
    }

    mutating func scan() {
        var place = 0
        while place < units.count {
            guard TextUnits.digit(units.units[place]) != nil else {
                place += 1
                continue
            }
            if place > 0, isLetter(units.units[place - 1]) {
                // `B52` is a name.
                while place < units.count, TextUnits.digit(units.units[place]) != nil { place += 1 }
                continue
            }
            place = read(at: place)
        }
    }

    private func isLetter(_ unit: UInt16) -> Bool {
        // Arabic puts a preposition before a number without a blank.
        guard unit < 0x2E80, !(0x600...0x6FF).contains(unit), let scalar = Unicode.Scalar(unit) else {
            return false
        }
        return scalar.properties.isAlphabetic || scalar == "_"
    }

    private struct Piece {
        var text: String
        /// The mark before it.
        var mark: UInt16
    }

    private mutating func read(at start: Int) -> Int {
        var pieces: [Piece] = []
        var place = start
        var mark: UInt16 = 0
        while true {
            var text = ""
            while let unit = units[place], let digit = TextUnits.digit(unit) {
                text += String(digit)
                place += 1
            }
            pieces.append(Piece(text: text, mark: mark))
            guard let unit = units[place], let next = units[place + 1], TextUnits.digit(next) != nil,
                continues(unit, pieces, at: place)
            else { break }
            mark = unit
            place += 1
        }
        let range = units.bytes(start..<place)
        if let end = date(pieces, range, place) { return end }
        if let end = time(pieces, range, start, place) { return end }
        add(pieces, range)
        multiply(at: place)
        return place
    }

    private func continues(_ mark: UInt16, _ pieces: [Piece], at place: Int) -> Bool {
        switch mark {
        case 0x2E, 0x2C, 0x3A, 0x66B, 0x66C, 0xFF0E, 0xFF0C, 0xFF1A: return true
        case 0x2F, 0x2D:
            return pieces.count < 3 && (pieces.last?.text.count ?? 0) <= 4 && isDate(mark, pieces, place)
        case 0x27, 0x2019: return digits(from: place + 1) == 3
        case 0x20, 0xA0, 0x202F, 0x2009:
            return groupsByBlank && pieces[0].text.count <= 3 && pieces[0].text.first != "0"
                && pieces.dropFirst().allSatisfy { $0.text.count == 3 } && digits(from: place + 1) == 3
        default: return false
        }
    }

    private func digits(from place: Int) -> Int {
        var end = place
        while let unit = units[end], TextUnits.digit(unit) != nil { end += 1 }
        return end - place
    }

    /// `2027-03-12` and `12/03/2027`, but not `3-4` or `1/2`.
    private func isDate(_ mark: UInt16, _ pieces: [Piece], _ place: Int) -> Bool {
        if pieces.count > 1 { return pieces[1].mark == mark && digits(from: place + 1) <= 4 }
        let second = digits(from: place + 1)
        return second <= 2 && units[place + 1 + second] == mark && digits(from: place + 2 + second) >= 1
    }

    private mutating func date(_ pieces: [Piece], _ range: Range<Int>, _ end: Int) -> Int? {
        let values = pieces.compactMap { Int($0.text) }
        guard values.count == pieces.count, (2...3).contains(pieces.count) else { return nil }
        let marks = Set(pieces.dropFirst().map(\.mark))
        guard marks.count == 1, let mark = marks.first, [0x2E, 0x2F, 0x2D].contains(mark) else { return nil }
        var (day, month, year) = (values[0], values[1], Int?.none)
        if pieces.count == 3 {
            guard pieces[1].text.count <= 2 else { return nil }
            if pieces[0].text.count == 4 {
                (year, day) = (values[0], values[2])
            } else {
                guard pieces[2].text.count == 4 || pieces[2].text.count == 2, pieces[0].text.count <= 2 else {
                    return nil
                }
                year = pieces[2].text.count == 4 ? values[2] : 2000 + values[2]
            }
            if lexicon.language == .english && mark == 0x2F && pieces[0].text.count < 4 && day <= 12
                && month > 12
            {
                swap(&day, &month)
            }
        } else {
            guard mark == 0x2E, hasDotDates, units[end] == 0x2E,
                !(units[end + 1].map { TextUnits.digit($0) != nil } ?? false),
                pieces.allSatisfy({ $0.text.count <= 2 }), lexicon.language == .german
            else { return nil }
        }
        guard (1...31).contains(day), (1...12).contains(month) else { return nil }
        dates.append(DateMention(key: "month:\(month)", range: range))
        for value in [day, year].compactMap({ $0 }) {
            append(String(value), Double(value), range, isClosed: true)
        }
        return end
    }

    private mutating func time(_ pieces: [Piece], _ range: Range<Int>, _ start: Int, _ end: Int) -> Int? {
        guard let hour = Int(pieces[0].text) else { return nil }
        let mark = pieces.count > 1 ? pieces[1].mark : 0
        if mark == 0x3A || mark == 0xFF1A {
            guard pieces.count == 2, pieces[1].text.count == 2, let minute = Int(pieces[1].text) else {
                append(pieces.map(\.text).joined(separator: ":"), 0, range, isClosed: true)
                return end
            }
            append(time: hour, minute, range, end)
            return end
        }
        // `16h30`, `16 h 30`
        var place = end
        if units[place] == 0x20 || units[place] == 0xA0 { place += 1 }
        guard pieces.count == 1, hour <= 24, units[place] == 0x68 || units[place] == 0x48 else { return nil }
        place += 1
        if units[place] == 0x20 || units[place] == 0xA0 { place += 1 }
        let count = digits(from: place)
        if count == 2, let minute = Int(number(place..<place + 2)), minute < 60 {
            append(
                time: hour, minute, range.lowerBound..<units.bytes(place..<place + 2).upperBound, place + 2)
            return place + 2
        }
        return nil
    }

    private func number(_ range: Range<Int>) -> String {
        range.compactMap { units[$0].flatMap(TextUnits.digit) }.map(String.init).joined()
    }

    private mutating func append(time hour: Int, _ minute: Int, _ range: Range<Int>, _ end: Int) {
        guard hour <= 24, minute < 60 else {
            append("\(hour):\(minute < 10 ? "0" : "")\(minute)", 0, range, isClosed: true)
            return
        }
        let times = MentionReader.times(hour, minute)
        var readings = Array(times.dropFirst())
        // A full hour may be said without its minutes.
        if minute == 0 { readings += times.compactMap { $0.split(separator: ":").first.map(String.init) } }
        append(times[0], 0, range, readings: readings, isClosed: true)
    }

    private mutating func add(_ pieces: [Piece], _ range: Range<Int>) {
        guard pieces.count > 1 else {
            let value = Double(pieces[0].text) ?? 0
            append(MentionReader.spelled(value), value, range)
            return
        }
        let marks = pieces.dropFirst().map(\.mark)
        // India groups by two above the thousands: `1,50,000`.
        let isGrouped =
            pieces[0].text.count <= 3 && pieces[0].text != "0" && pieces[pieces.count - 1].text.count == 3
            && pieces.dropFirst().dropLast().allSatisfy { (2...3).contains($0.text.count) }
        let joined = pieces.map(\.text).joined()
        if isGrouped, Set(marks).count == 1 {
            let value = Double(joined) ?? 0
            let isDecimal = marks.count == 1 && UInt32(marks[0]) == lexicon.decimal
            let fraction = Double(pieces[0].text + "." + pieces[1].text).map(MentionReader.spelled)
            if isDecimal, let fraction {
                append(fraction, Double(fraction) ?? 0, range, readings: [MentionReader.spelled(value)])
            } else {
                let other = marks.count == 1 && [0x2E, 0x2C].contains(marks[0]) ? fraction : nil
                append(MentionReader.spelled(value), value, range, readings: [other].compactMap { $0 })
            }
            return
        }
        guard
            Set(marks).count == 1 && marks.count == 1
                || Set(marks.dropLast()).count == 1 && marks.last != marks.first
        else {
            // A version, an address: as it stands.
            append(pieces.map(\.text).joined(separator: "."), 0, range, isClosed: true)
            return
        }
        let whole = pieces.dropLast().map(\.text).joined()
        let fraction = pieces[pieces.count - 1].text
        let value = Double(whole + "." + fraction) ?? 0
        var readings: [String] = []
        if pieces.count == 2, fraction.count == 2, let hour = Int(whole), let minute = Int(fraction),
            hour <= 24, minute < 60
        {
            readings = MentionReader.times(hour, minute)
        }
        append(MentionReader.spelled(value), value, range, readings: readings)
    }

    /// `5k`, `3млн`: a scale that is written together with the digits.
    private mutating func multiply(at start: Int) {
        var end = start
        while let unit = units[end], isLetter(unit) { end += 1 }
        guard end > start, end - start <= 8, let last = elements.indices.last, !elements[last].isClosed else {
            return
        }
        let word = String(decoding: units.units[start..<end], as: UTF16.self)
        let folded = Folding.fold(word, language: lexicon.language)
        guard let form = lexicon.numbers.forms[folded], form.isScale, form.value >= 1000 else { return }
        elements[last].value *= form.value
        elements[last].text = MentionReader.spelled(elements[last].value)
        elements[last].readings = []
    }

    private mutating func append(
        _ text: String, _ value: Double, _ range: Range<Int>, readings: [String] = [], isClosed: Bool = false
    ) {
        elements.append(
            MentionReader.Element(
                bytes: range, words: 0..<0, value: value, text: text, readings: readings, isDigits: true,
                isClosed: isClosed))
    }
}
