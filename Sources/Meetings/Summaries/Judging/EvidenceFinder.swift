import Foundation
import Language
import Transcript

/// Finds the utterances that a sentence rests on, and compares the two.
///
/// It compares words: a sentence whose words were all said, but in another sense, passes; one whose number, name or
/// weekday was not said where it is said to come from does not (``ClaimCheck``).
package struct EvidenceFinder: Sendable {
    /// A sentence rests on so many utterances at most, and on some more if only those have its claims: with any number
    /// of them, every name and number of the neighbourhood would count as said.
    static let citationLimit = 3
    static let claimCitationLimit = 2
    /// What belongs together is said within so many utterances.
    static let neighbourhood = 8

    /// What a statement may rest on: an utterance by its words.
    struct Source: Sendable {
        let stems: Set<String>
        let claims: ClaimCheck.Source

        init(_ read: ReadUtterance) {
            stems = Set(read.reading.stems)
            claims = ClaimCheck.Source(read.reading, speaker: read.utterance.speaker)
        }
    }

    private let readings: ArraySlice<UtteranceReading>
    /// Sequence number of the first utterance.
    private let first: Int
    /// The language that most of the words are in.
    private let spoken: LanguageCode
    /// Whether the model was told to write in another language, so that what it writes is not compared by words.
    private let allowsTranslation: Bool
    private let check: ClaimCheck
    private let index: StemIndex
    /// Stems of the participants' names.
    ///
    /// Who spoke is checked, not searched for: else any utterance of theirs would do.
    private let nameStems: Set<String>

    /// Creates a finder for `utterances`, the first of which has the sequence number `first`.
    ///
    /// `participants` are the names of all who take part, by default of those who speak in these utterances.
    package init(
        utterances: [ReadUtterance], first: Int = 0, participants: [String]? = nil,
        allowsTranslation: Bool = false
    ) {
        self.init(
            readings: utterances.map(UtteranceReading.init)[...], first: first, participants: participants,
            allowsTranslation: allowsTranslation)
    }

    /// Creates a finder for `readings`, the first of which has the sequence number `first`.
    init(
        readings: ArraySlice<UtteranceReading>, first: Int, participants: [String]? = nil,
        allowsTranslation: Bool
    ) {
        self.readings = readings
        self.allowsTranslation = allowsTranslation
        self.first = first
        spoken = readings.mainLanguage
        let participants = participants ?? readings.speakers
        let language = spoken
        check = ClaimCheck(participants: participants, language: language)
        index = StemIndex(readings.map(\.source.stems))
        nameStems = Set(
            participants.flatMap { TextReader.read($0, language: language).words.map(\.stem) })
    }

    /// The statements of a summary: its sentences, each with its evidence.
    ///
    /// Of a line that is one of `notes`, the turns that the model cites are looked at first.
    package func statements(of summary: String, notes: [StatedNote] = []) -> [Statement] {
        let turns = Dictionary(
            notes.map { (TextReader.normalised($0.text), $0.turns) }, uniquingKeysWith: { one, _ in one })
        let written = writtenLanguage(of: summary)
        let language = allowsTranslation ? written : spoken
        let isForeign = isForeign(written)
        return summary.split(whereSeparator: \.isNewline).flatMap { line -> [Statement] in
            let line = line.trimmingBlanks
            // A list's number is no claim.
            let bullet = line.prefixMatch(of: /[-*•+] +|[0-9]{1,3}[.)] +/)
            let text = bullet.map { String(line[$0.range.upperBound...]) } ?? line
            let cited = turns[TextReader.normalised(text)] ?? []
            return TextReader.read(text, language: language).sentenceTexts.enumerated().map {
                offset, sentence in
                var statement = statement(
                    sentence, language, turns: cited, beginsLine: offset == 0, isListed: bullet != nil)
                if isForeign { statement.support = 0 }
                return statement
            }
        }
    }

    /// Whether nobody speaks a language there and nobody asked for it: the numbers of a text in it may agree by chance,
    /// and its words cannot be compared.
    private func isForeign(_ language: LanguageCode) -> Bool {
        !allowsTranslation && language != spoken && spoken != .undetermined
            && !readings.contains { $0.read.reading.language == language }
    }

    /// The language that a text was written in: that which was spoken, unless another one was asked for and the text is
    /// long and surely in it.
    package func language(of text: String) -> LanguageCode {
        allowsTranslation ? writtenLanguage(of: text) : spoken
    }

    private func writtenLanguage(of text: String) -> LanguageCode {
        guard text.count(where: \.isLetter) >= Self.tellingLetters else { return spoken }
        let language = LanguageIdentifier.language(of: text, after: spoken)
        return LanguageCode.firstClass.contains(language) ? language : spoken
    }

    /// In fewer letters a name or two may look like another language.
    private static let tellingLetters = 60

    /// One sentence with its evidence; `language` is the one it is written in, that which was spoken by default.
    ///
    /// `turns` are places, from 0, of those that a model says it rests on. They are its evidence if they bear it out;
    /// else it is looked for as that of any sentence.
    package func statement(
        _ text: String, _ language: LanguageCode? = nil, turns: [Int] = [], beginsLine: Bool = true,
        isListed: Bool = false
    ) -> Statement {
        let language = language ?? spoken
        let sentence = TextReader.read(text, language: language)
        let isTranslated = language != spoken && spoken != .undetermined
        let claims = check.claims(in: sentence)
        let wanted = (isTranslated ? [] : words(sentence, without: claims)) + claims.map(unit)
        func resting(on cited: [Int]) -> Statement {
            let missing = check.missing(in: sentence, sources: cited.map { source(at: $0).claims })
            return Statement(
                text: text, beginsLine: beginsLine, isListed: isListed,
                citations: cited.map { place in
                    .init(readings[readings.startIndex + place].utterance, number: first + place)
                },
                missing: isTranslated || !missing.isEmpty
                    ? missing.all : misattributed(claims, wanted, cited),
                support: isTranslated ? 1 : support(wanted, cited), isTranslated: isTranslated ? true : nil)
        }
        let named = Array(turns.filter { (0..<readings.count).contains($0) }.prefix(Self.citationLimit))
        if !named.isEmpty {
            let statement = resting(on: cite(wanted, from: named))
            if statement.isGrounded { return statement }
        }
        return resting(on: cite(wanted, from: []))
    }

    /// Something that a sentence says, with the utterances that say it too.
    private struct Unit {
        /// What it claims; nil for a word.
        var claim: ClaimCheck.Claim.Kind?
        /// Places of utterances, from 0 and in order, each with how much of it they say, to 1.
        var places: [(place: Int, likeness: Double)]
        /// What it counts for when utterances are looked for, and when the sentence is judged.
        var weights: (cited: Double, judged: Double)

        /// How much of it the utterance at a place says.
        func likeness(at place: Int) -> Double { places.first { $0.place == place }?.likeness ?? 0 }
    }

    /// Its words that carry meaning, each once, but for those of names, numbers and dates, which are claims.
    private func words(_ sentence: Reading, without claims: [ClaimCheck.Claim]) -> [Unit] {
        let taken =
            claims.map(\.range) + sentence.numbers.map(\.range) + sentence.dates.map(\.range)
        var seen = nameStems
        return sentence.words.compactMap { word in
            guard word.carriesMeaning, word.role == .content, !Self.isSingleKana(word.stem),
                !taken.contains(where: { $0.overlaps(word.range) }), seen.insert(word.stem).inserted
            else { return nil }
            let entry = index.entry(word.stem)
            return Unit(places: entry.places, weights: (entry.weight, entry.weight))
        }
    }

    /// What ICU leaves of a Japanese ending.
    private static func isSingleKana(_ word: String) -> Bool {
        word.unicodeScalars.count == 1
            && word.unicodeScalars.contains { (0x3040...0x30FF).contains($0.value) }
    }

    /// A number or a date that was said where the words were is telling; a name is in much of what its bearer said.
    private func unit(_ claim: ClaimCheck.Claim) -> Unit {
        let places = (0..<readings.count).filter { source(at: $0).claims.bearsOut(claim) }
            .map { (place: $0, likeness: 1.0) }
        let weight = index.weight(ofCount: Double(places.count))
        let weights =
            switch claim.kind {
            case .number: (weight, 2 * weight)
            case .date: (weight / 2, 2 * weight)
            case .name: (weight / 2, weight / 2)
            }
        return Unit(claim: claim.kind, places: places, weights: weights)
    }

    private func source(at place: Int) -> Source { readings[readings.startIndex + place].source }

    /// The name with which a sentence begins, if those who have it said hardly anything of the rest.
    ///
    /// Minutes say first who said what follows. Others whom they name may have said no more than yes.
    private func misattributed(_ claims: [ClaimCheck.Claim], _ wanted: [Unit], _ cited: [Int]) -> [String] {
        let names = claims.filter { $0.kind == .name }
        guard let first = names.min(by: { $0.range.lowerBound < $1.range.lowerBound }) else { return [] }
        let rest = wanted.filter { $0.claim != .name }
        func said(_ place: Int) -> Double {
            rest.reduce(0) { $0 + $1.weights.cited * $1.likeness(at: place) }
        }
        let bearers = cited.filter { source(at: $0).claims.bearsOut(first) }
        let most = cited.map(said).max() ?? 0
        let isBorneOut = bearers.contains { place in
            !source(at: place).claims.hasOnlyAsSpeaker(first) || said(place) >= Self.speakersShare * most
        }
        return isBorneOut ? [] : [first.text]
    }

    /// Of what the utterance says that says most, a speaker whom a sentence names first has said so much at least.
    private static let speakersShare = 0.12

    /// Places of the utterances that say most of what is wanted, in order; near each other, and `turns` among them.
    private func cite(_ wanted: [Unit], from turns: [Int]) -> [Int] {
        let least = Self.leastGain * wanted.reduce(0) { $0 + $1.weights.cited }
        var have = [Double](repeating: 0, count: wanted.count)
        var cited: [Int] = []
        var places = 0..<readings.count
        func add(_ place: Int) {
            cited.append(place)
            for (number, unit) in wanted.enumerated() {
                have[number] = max(have[number], unit.likeness(at: place))
            }
        }
        for place in turns { add(place) }
        if let first = turns.first {
            places = (first - Self.neighbourhood..<first + Self.neighbourhood + 1).clamped(to: places)
        }
        while cited.count < Self.citationLimit {
            var gains = [Double](repeating: 0, count: places.count)
            for (number, unit) in wanted.enumerated() where cited.isEmpty || unit.claim != .date {
                for (place, likeness) in unit.places where places.contains(place) {
                    gains[place - places.lowerBound] += unit.weights.cited * max(0, likeness - have[number])
                }
            }
            // The first of equals.
            var best: (place: Int, gain: Double)?
            for (offset, gain) in gains.enumerated() where gain > (best?.gain ?? 0) + 1e-9 {
                best = (places.lowerBound + offset, gain)
            }
            guard let best, best.gain >= least, !cited.contains(best.place) else { break }
            if cited.isEmpty {
                places = (best.place - Self.neighbourhood..<best.place + Self.neighbourhood + 1)
                    .clamped(to: places)
            }
            add(best.place)
        }
        // Somebody asks for the day or calls a name, and somebody else answers.
        for (number, unit) in wanted.enumerated() where unit.claim != nil && have[number] == 0 {
            // The first of equals.
            let nearest = unit.places.map(\.place).min { distance($0, to: cited) < distance($1, to: cited) }
            guard let nearest, distance(nearest, to: cited) <= Self.reach(unit.claim),
                cited.count < Self.citationLimit + Self.claimCitationLimit
            else { continue }
            add(nearest)
        }
        return cited.sorted()
    }

    /// An utterance is cited if it has so much of a sentence's weight that those cited before it lack.
    private static let leastGain = 0.07

    /// How far from the other cited utterances one may be that alone has a claim.
    private static func reach(_ claim: ClaimCheck.Claim.Kind?) -> Int { claim == .name ? 3 : 2 }

    private func distance(_ place: Int, to cited: [Int]) -> Int {
        cited.map { abs($0 - place) }.min() ?? .max
    }

    /// How much of the sentence's weight the utterances at these places have.
    private func support(_ wanted: [Unit], _ cited: [Int]) -> Double {
        let total = wanted.reduce(0) { $0 + $1.weights.judged }
        guard total > 0 else { return cited.isEmpty ? 0 : 1 }
        return wanted.reduce(0) { sum, unit in
            sum + unit.weights.judged * (cited.map(unit.likeness).max() ?? 0)
        } / total
    }
}

extension Collection<UtteranceReading> {
    /// The language that most of the words are in; `.undetermined` if there are none.
    var mainLanguage: LanguageCode { map(\.read).mainLanguage }

    /// Those who speak, in the order in which they first do.
    var speakers: [String] {
        var seen: Set<String> = []
        return compactMap(\.utterance.speaker).filter { seen.insert($0).inserted }
    }
}
