/// What the lines of a whole text tell about how it is written, which a single line does not show.
///
/// Each convention has to be kept by most lines that it is about, since any single line may be chance.
struct TextSurvey {
    /// How its lines are read.
    var rules = SpokenLine.Rules()
    /// A name stands below a time and above the text.
    private(set) var namesStandBelowTimes = false
    /// A name may stand above a line that is nothing but a time.
    private(set) var timesStandApart = true
    /// How many lines name a speaker, and how many of these have a time too.
    private(set) var turns = 0
    private(set) var timedTurns = 0
    /// How many of them stand above their text.
    private(set) var headings = 0
    /// How often each speaker is named.
    private(set) var speakers: [String: Int] = [:]

    /// Names that stand alone above what they said, without a time.
    private(set) var namesAlone: Set<String> = []

    /// So many lines are looked at; a transcript does not change its form later.
    private static let sampleLimit = 3000

    /// How many lines were written in a chat.
    private(set) var chatLines = 0
    /// Names in capitals that begin a turn within a line, in capitals as they are.
    private(set) var inlineNames: Set<String> = []

    init(_ lines: TranscriptText.Lines, names: [String] = []) {
        rules.names = Set(names.map(\.collapsed))
        let sample = lines.lazy.filter { !$0.isBlank }.prefix(Self.sampleLimit).map { ($0.number, $0.text) }
        let filled = Array(sample)
        rules.layout = LineLayout(filled.map { $0.1.trimmed })
        if Self.areInterview(filled.map { $0.1 }) { rules.names.insert("I") }
        rules.shortClock = Self.usesShortClock(filled)
        rules.namesFollowTimes = Self.namesFollowTimes(filled, rules)
        let namesBelow = Self.namesBelowTimes(filled, rules)
        namesStandBelowTimes = namesBelow != nil
        timesStandApart = Self.timesStandApart(filled, rules)
        rules.bracketedNames = Self.bracketsNames(filled.map { Self.withoutTime($0.1, rules) })
        rules.looseNames = Self.usesLooseNames(filled.map(\.1), rules)
        let senders = ChatMark.doubtfulSenders(filled.map(\.1))
        rules.writesChat = senders.count >= 2
        var datedTurns = 0
        var inline: [String: Int] = [:]
        for (_, text) in filled {
            let spoken = SpokenLine(text, rules: rules)
            guard let speaker = spoken.speaker else { continue }
            turns += 1
            if spoken.text.isEmpty { headings += 1 }
            if spoken.isChat { chatLines += 1 }
            if let time = spoken.time {
                timedTurns += 1
                if time.isOfDay { datedTurns += 1 }
            }
            speakers[speaker, default: 0] += 1
            for turn in InlineTurns.divided(spoken, rules: rules, isName: { _ in true }).dropFirst() {
                if let name = turn.speaker { inline[name, default: 0] += 1 }
            }
        }
        // Other words in capitals before a colon, such as `NOTE THAT:`, neither open lines nor come again.
        inlineNames = Set(inline.filter { speakers[$0.key] != nil || $0.value > 1 }.keys)
        if senders.contains(where: { speakers[$0] != nil }) { rules.writesChat = true }
        for name in namesBelow ?? [] where turns < filled.count {
            (turns, timedTurns, headings) = (turns + 1, timedTurns + 1, headings + 1)
            speakers[name, default: 0] += 1
        }
        isMessenger =
            turns > 0 && datedTurns * 10 >= turns * 8
            && filled.prefix(5).contains { ChatMark.isNotice(SpokenLine($0.1, rules: rules)) }
        takeNamesAlone(filled)
    }

    /// Finds names alone above their text: in most blocks or every third line, and they come again.
    private mutating func takeNamesAlone(_ lines: [(number: Int, text: String)]) {
        var (blocks, inBlocks) = (0, 0)
        var names: [String: Int] = [:]
        for place in lines.indices {
            let opensBlock = place == 0 || lines[place - 1].number + 1 < lines[place].number
            if opensBlock { blocks += 1 }
            guard let name = LineMarkup.bareName(lines[place].text),
                // What is written without capitals is an answer as often as a name.
                name.first(where: \.isLetter)?.isLowercase == false || SpeakerName.isNumbered(name),
                Self.isText(place + 1, below: place, lines, rules),
                !SpokenLine(lines[place].text, rules: rules).opensUtterance
            else { continue }
            names[name, default: 0] += 1
            if opensBlock { inBlocks += 1 }
        }
        let count = names.values.reduce(0, +)
        let areBlocks = inBlocks >= 3 && inBlocks * 10 >= blocks * 6
        let areCapitals = names.keys.allSatisfy { $0 == $0.uppercased() && $0 != $0.lowercased() }
        guard turns * 3 <= count, count >= 3, names.count >= 2,
            names.count * 2 <= count + 1 || (areCapitals && names.count < count),
            areBlocks || (count >= 4 && count * 3 >= lines.count)
        else { return }
        namesAlone = Set(names.filter { areBlocks || $0.value > 1 || $0.key.contains(" ") }.keys)
        for name in namesAlone {
            let count = names[name] ?? 0
            turns += count
            headings += count
            speakers[name, default: 0] += count
        }
    }

    /// Whether it is a meeting's chat.
    var isChat: Bool { isMessenger || chatLines >= 2 && chatLines * 10 >= turns * 8 }

    /// It was exported from WhatsApp, which says so.
    private(set) var isMessenger = false

    /// Whether turns have their times with them, so that a `Label:` without one above them is no turn.
    var turnsAreTimed: Bool { timedTurns >= 2 && timedTurns * 4 >= turns * 3 }

    /// Whether `M:SS` without brackets is a time in this text: in at least two lines, and at least a fifth of the lines.
    private static func usesShortClock(_ lines: [(Int, String)]) -> Bool {
        var short = 0
        for (_, text) in lines where text.contains(where: \.isNumber) {
            let loose = SpokenLine(text, rules: .timedText(shortClock: true))
            guard let time = loose.time, time.fieldCount == 2 else { continue }
            if SpokenLine(text, rules: .timedText(shortClock: false)).time == nil { short += 1 }
        }
        return short >= 2 && short * 5 >= lines.count
    }

    /// Whether nearly all lines that begin with a time go on with a name, above the text.
    private static func namesFollowTimes(_ lines: [(Int, String)], _ rules: SpokenLine.Rules) -> Bool {
        var (timed, dashed) = (0, 0)
        var names: [String] = []
        for (place, (_, text)) in lines.enumerated() where text.contains(where: \.isNumber) {
            let spoken = SpokenLine(text, rules: rules)
            guard spoken.time != nil, spoken.speaker == nil, !spoken.text.isEmpty else { continue }
            timed += 1
            guard let name = SpeakerName.checked(spoken.text), isText(place + 1, below: place, lines, rules)
            else {
                continue
            }
            names.append(name)
            if ["- ", "– ", "— "].contains(where: text.contains) { dashed += 1 }
        }
        return names.count * 10 >= timed * 8 && (dashed > 0 || areNames(names))
    }

    /// The names below lines that are nothing but a time, above the text; nil unless nearly all of them have one.
    private static func namesBelowTimes(_ lines: [(Int, String)], _ rules: SpokenLine.Rules) -> [String]? {
        var alone = 0
        var names: [String] = []
        for (place, (_, text)) in lines.enumerated() where text.contains(where: \.isNumber) {
            guard SpokenLine(text, rules: rules).isTimeAlone else { continue }
            alone += 1
            guard isText(place + 1, below: place, lines, rules),
                isText(place + 2, below: place + 1, lines, rules),
                let name = SpeakerName.checked(lines[place + 1].1)
            else { continue }
            names.append(name)
        }
        return names.count * 10 >= alone * 8 && areNames(names) ? names : nil
    }

    /// Whether `I:` is the interviewer, and not what somebody begins with: others have a letter too, in most lines.
    private static func areInterview(_ lines: [String]) -> Bool {
        func isLabelled(_ line: String, _ fits: (Substring) -> Bool) -> Bool {
            let opening = line.drop { !$0.isLetter }.prefix(4)
            guard line.prefix(20).contains(":"), let colon = opening.firstIndex(of: ":") else { return false }
            return fits(opening[..<colon])
        }
        let asked = lines.count { isLabelled($0) { $0 == "I" } }
        let answered = lines.count {
            isLabelled($0) {
                $0 != "I" && $0.first?.isUppercase == true && $0.dropFirst().allSatisfy(\.isNumber)
            }
        }
        return asked >= 2 && answered >= 1 && (asked + answered) * 10 >= lines.count * 5
    }

    /// Whether there is room for a name between most of the lines that are nothing but a time: where they alternate with
    /// what was said, the line above a time is no name.
    private static func timesStandApart(_ lines: [(Int, String)], _ rules: SpokenLine.Rules) -> Bool {
        let places = lines.indices.filter { place in
            lines[place].1.contains(where: \.isNumber) && SpokenLine(lines[place].1, rules: rules).isTimeAlone
        }
        let gaps = zip(places, places.dropFirst()).map { $1 - $0 - 1 }
        return gaps.count { $0 >= 2 } * 10 >= gaps.count * 5
    }

    /// Whether the line at `place` follows directly, without a speaker or a time.
    private static func isText(
        _ place: Int, below: Int, _ lines: [(Int, String)], _ rules: SpokenLine.Rules
    ) -> Bool {
        guard place < lines.count, lines[place].0 == lines[below].0 + 1 else { return false }
        return !SpokenLine(lines[place].1, rules: rules).opensUtterance
    }

    /// Names come again, or have several words: headings of chapters do not.
    private static func areNames(_ names: [String]) -> Bool {
        names.count >= 2 && (Set(names).count < names.count || names.allSatisfy { $0.contains(" ") })
    }

    /// What follows the time at a line's beginning.
    private static func withoutTime(_ line: String, _ rules: SpokenLine.Rules) -> String {
        guard line.contains(where: \.isNumber) else { return line }
        let spoken = SpokenLine(line, rules: rules)
        return spoken.time != nil && spoken.speaker == nil && !spoken.text.isEmpty ? spoken.text : line
    }

    /// Whether what is in brackets at the beginning of lines are names: in most lines, or alone in every third.
    static func bracketsNames(_ lines: [String]) -> Bool {
        var (before, alone) = (0, 0)
        var names: [String: Int] = [:]
        for line in lines {
            let text = line.trimmed
            guard let first = text.first,
                let mark = ["[": "]", "(": ")", "<": ">", "【": "】", "［": "］", "（": "）", "{": "}"][
                    first],
                let close = text.prefix(100).firstIndex(of: Character(mark)),
                TimeSpan(text[..<close].dropFirst()) == nil,
                let name = SpeakerName.checked(text[..<close].dropFirst(), isLoose: true)
            else { continue }
            if text.index(after: close) == text.endIndex { alone += 1 } else { before += 1 }
            names[name, default: 0] += 1
        }
        guard names.count >= 2 else { return false }
        let areNames = names.keys.count { SpeakerName.checked($0) != nil } * 2 >= names.count
        return areNames && (before * 10 >= lines.count * 6 || (alone * 10 >= lines.count * 3 && alone >= 3))
    }

    /// Whether nearly all lines begin with something and a colon, so that it is a name even if it does not look like one.
    ///
    /// Where neither the lines nor `areTimed` give times, such names also have to recur.
    static func usesLooseNames(_ lines: [String], _ rules: SpokenLine.Rules, areTimed: Bool = false) -> Bool {
        var loose = rules
        loose.looseNames = true
        var (timed, named, namedAndTimed) = (0, 0, 0)
        var doubtful: [String: Int] = [:]
        for line in lines where !line.trimmed.isEmpty {
            let spoken = SpokenLine(line, rules: loose)
            if spoken.time != nil { timed += 1 }
            guard let name = spoken.speaker, !spoken.text.isEmpty else { continue }
            named += 1
            if spoken.time != nil { namedAndTimed += 1 }
            if SpeakerName.checked(name) == nil { doubtful[name, default: 0] += 1 }
        }
        let recur = areTimed || doubtful.values.count { $0 > 1 } * 2 >= doubtful.count
        return (named >= 4 && named * 10 >= lines.count * 7 && recur)
            || (namedAndTimed >= 2 && namedAndTimed * 10 >= timed * 8)
    }
}
