/// A caption as its file has it.
struct Cue {
    /// Nil if it has none, or none that can be read.
    var timing: CueTiming?
    /// What stands above its times besides a number.
    var identifier: String?
    /// Who speaks, where the format has a place for it.
    var speaker: String?
    /// With its markup and line breaks.
    var text: String
    /// The line where its text begins.
    var line: Int
}

/// What the captions of a whole file tell about how they are written, which a single one does not show.
struct CueSurvey {
    /// How their text is read.
    private(set) var rules = SpokenLine.Rules.cueText
    /// Names stand alone in a caption's first line.
    private(set) var namesHaveLines = false
    /// Names stand in the identifiers.
    private(set) var identifiersAreNames = false
    /// A name stands only where another person begins to speak.
    private(set) var namesCarryOn = false
    /// Captions roll or grow, so that even one word is not said twice.
    private(set) var repeatsLines = false

    /// So many captions are looked at.
    private static let sampleLimit = 4000

    init(_ cues: [Cue], names: [String] = []) {
        rules.names = Set(names.map(\.collapsed))
        let sample = cues.prefix(Self.sampleLimit)
        let texts = sample.map { cue in
            CueMarkup.stretches(cue.text).map { ($0.speaker == nil ? "" : "<v>") + $0.text }.joined(
                separator: "\n")
        }
        let lines = texts.map { $0.split(separator: "\n").map(\.trimmed).filter { !$0.isEmpty } }
        let firstLines = lines.compactMap(\.first)
        rules.bracketedNames =
            TextSurvey.bracketsNames(firstLines) || TextSurvey.bracketsNames(lines.flatMap { $0 })
        rules.looseNames = TextSurvey.usesLooseNames(firstLines, rules, areTimed: true)
        rules.layout = LineLayout(firstLines)
        namesHaveLines = Self.haveNameLines(lines)
        identifiersAreNames = Self.areNames(sample.map(\.identifier))
        namesCarryOn = Self.carriesNames(
            firstLines.map { SpokenLine($0, rules: rules) }, voices: texts.contains { $0.hasPrefix("<v>") })
        repeatsLines = Self.repeats(Array(zip(sample.map(\.timing), texts)))
    }

    /// Whether most captions of several lines begin with a name alone, and names come again.
    private static func haveNameLines(_ cues: [[String]]) -> Bool {
        let several = cues.filter { $0.count >= 2 }
        let names = several.compactMap { SpeakerName.checked($0[0]) }
        guard names.count >= 2, names.count * 10 >= several.count * 7, names.count * 2 >= cues.count else {
            return false
        }
        return Set(names).count < names.count || names.allSatisfy { $0.contains(" ") }
    }

    /// Whether most captions have an identifier that is a name, and names come again.
    private static func areNames(_ identifiers: [String?]) -> Bool {
        let names = identifiers.compactMap { $0 }.compactMap { SpeakerName.checked($0) }
        let given = identifiers.count { $0 != nil }
        guard names.count >= 2, names.count * 10 >= given * 8, given * 2 >= identifiers.count else {
            return false
        }
        return Set(names).count < names.count
            || names.allSatisfy { SpeakerName.isNumbered($0) || $0.contains(" ") }
    }

    /// Whether nobody is named twice in a row though captions without a name follow: the name holds until the next.
    private static func carriesNames(_ lines: [SpokenLine], voices: Bool) -> Bool {
        guard !voices else { return false }
        let named = lines.compactMap(\.speaker)
        let unnamed = lines.drop { $0.speaker == nil }.count { $0.speaker == nil && !$0.marksTurn }
        let changes = zip(named, named.dropFirst()).count { $0 != $1 }
        return named.count >= 2 && unnamed >= 2 && changes * 10 >= (named.count - 1) * 9
    }

    /// Whether many captions begin with all of the one before, its last line or several of its last words.
    private static func repeats(_ cues: [(timing: CueTiming?, text: String)]) -> Bool {
        var (count, longCount) = (0, 0)
        var before: (timing: CueTiming, words: [String])?
        var lastLine = ""
        for (timing, text) in cues {
            let words = WordOverlap.words(text.collapsed)
            let lines = text.split(separator: "\n").map(\.collapsed).filter { !$0.isEmpty }
            guard let timing, !words.isEmpty else { continue }
            defer { lastLine = lines.last ?? "" }
            if let (last, tail) = before, timing.start - last.end <= CaptionJoiner.gapSeconds {
                let repeated = WordOverlap.count(tail: tail, head: words)
                let isLong = WordOverlap.weight(words.prefix(repeated)) >= WordOverlap.minimumWords
                let rolls = lines.count > 1 && lines[0] == lastLine
                if isLong || rolls || (repeated == tail.count && repeated < words.count) { count += 1 }
                if isLong { longCount += 1 }
            }
            before = (timing, words)
        }
        guard count >= 3 else { return false }
        return (longCount >= 2 && count * 5 >= cues.count) || (longCount >= 1 && count * 2 >= cues.count)
    }
}
