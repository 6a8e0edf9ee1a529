import Foundation
import Language
import Transcript

/// Finds the utterances that a sentence rests on, and compares the two.
///
/// By words alone: a sentence whose words were all said, but in another sense, passes; one whose number, name or
/// weekday was not said where it is said to come from does not (``ClaimCheck``).
package struct EvidenceFinder: Sendable {
    /// More would make every name and number of the neighbourhood count as said.
    static let citationLimit = 3
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
    private let weights: [String: Double]
    /// Weight of a word that was never said.
    private let unsaid: Double

    /// Makes a finder over utterances, the first of which has the sequence number `first`.
    package init(utterances: [ReadUtterance], first: Int = 0, allowsTranslation: Bool = false) {
        self.init(
            readings: utterances.map(UtteranceReading.init)[...], first: first,
            allowsTranslation: allowsTranslation)
    }

    /// Makes a finder over `readings`, the first of which has the sequence number `first`.
    init(readings: ArraySlice<UtteranceReading>, first: Int, allowsTranslation: Bool) {
        self.readings = readings
        self.allowsTranslation = allowsTranslation
        self.first = first
        spoken = readings.mainLanguage
        check = ClaimCheck(participants: readings.speakers, language: spoken)
        var counts: [String: Int] = [:]
        for reading in readings { for stem in reading.source.stems { counts[stem, default: 0] += 1 } }
        let total = Double(max(1, readings.count))
        weights = counts.mapValues { log(1 + total / Double($0)) }
        unsaid = log(1 + total)
    }

    /// The statements of a summary: its sentences, each with its evidence.
    package func statements(of summary: String) -> [Statement] {
        let language = language(of: summary)
        return summary.split(whereSeparator: \.isNewline).flatMap { line -> [Statement] in
            let line = line.trimmingBlanks
            // A list's number is no claim.
            let bullet = line.prefixMatch(of: /[-*•+] +|[0-9]{1,3}[.)] +/)
            let text = bullet.map { String(line[$0.range.upperBound...]) } ?? line
            return TextReader.read(text, language: language).sentenceTexts.enumerated().map {
                offset, sentence in
                statement(sentence, language, beginsLine: offset == 0, isListed: bullet != nil)
            }
        }
    }

    /// The language that a text was written in: that which was spoken, unless another one was asked for and the text is
    /// long and surely in it.
    package func language(of text: String) -> LanguageCode {
        guard allowsTranslation, text.count(where: \.isLetter) >= Self.tellingLetters else { return spoken }
        let language = LanguageIdentifier.language(of: text, after: spoken)
        return LanguageCode.firstClass.contains(language) ? language : spoken
    }

    /// In fewer letters a name or two may look like another language.
    private static let tellingLetters = 60

    /// One sentence with its evidence; `language` is the one it is written in, that which was spoken by default.
    package func statement(
        _ text: String, _ language: LanguageCode? = nil, beginsLine: Bool = true, isListed: Bool = false
    ) -> Statement {
        let language = language ?? spoken
        let sentence = TextReader.read(text, language: language)
        let claims = Claims(sentence, check: check)
        let isTranslated = language != spoken && spoken != .undetermined
        // Who spoke is checked, not searched for: else any utterance of theirs would do.
        let nameStems = Set(claims.names.map(\.stem))
        // In an order of their own: a sum of fractions depends on the order in its last digits, and that of a set is
        // another one in each process.
        let wanted = isTranslated ? [] : Set(sentence.stems).subtracting(nameStems).sorted()
        let cited = cite(wanted, claims)
        let evidence = cited.map { readings[$0].source }
        let missing = check.missing(in: sentence, sources: evidence.map(\.claims))
        return Statement(
            text: text, beginsLine: beginsLine, isListed: isListed,
            citations: cited.map { place in
                .init(readings[place].utterance, number: first + place - readings.startIndex)
            }, missing: missing.all,
            support: isTranslated ? 1 : support(wanted, evidence), isTranslated: isTranslated ? true : nil)
    }

    /// What a sentence claims, for which evidence is looked for.
    private struct Claims {
        var numbers: Set<String>
        var dates: Set<String>
        let names: [NameMention]

        init(_ sentence: Reading, check: ClaimCheck) {
            numbers = Set(sentence.numbers.filter(\.isClaim).map(\.value))
            dates = sentence.saidDates
            names = check.names(in: sentence)
        }
    }

    /// Places of the utterances that have most of what is wanted, in order; near each other.
    private func cite(_ wanted: [String], _ claims: Claims) -> [Int] {
        // Of two that say the same, the one by whom or about whom it is.
        let preference = readings.map { reading in
            claims.names.contains { reading.source.claims.says($0) } ? 1.5 : 1
        }
        var left = (words: wanted, claims: claims)
        func gain(_ source: Source) -> Double {
            weight(left.words.filter(source.stems.contains))
                + unsaid * Double(source.claims.numbers.intersection(left.claims.numbers).count)
                + unsaid * Double(source.claims.dates.intersection(left.claims.dates).count)
        }
        let least = 0.12 * (weight(wanted) + unsaid * Double(claims.numbers.count + claims.dates.count))
        var cited: [Int] = []
        var places = readings.indices
        while cited.count < Self.citationLimit {
            // The first of equals.
            var best: (place: Int, gain: Double)?
            for place in places where !cited.contains(place) {
                let gain = gain(readings[place].source) * preference[place - readings.startIndex]
                if gain > (best?.gain ?? 0) + 1e-9 { best = (place, gain) }
            }
            guard let best, best.gain >= least else { break }
            if cited.isEmpty {
                places = (best.place - Self.neighbourhood..<best.place + Self.neighbourhood + 1)
                    .clamped(to: places)
            }
            cited.append(best.place)
            let source = readings[best.place].source
            left.words.removeAll(where: source.stems.contains)
            left.claims.numbers.subtract(source.claims.numbers)
            left.claims.dates.subtract(source.claims.dates)
        }
        return cited.sorted()
    }

    private func weight(_ stems: [String]) -> Double {
        stems.reduce(0) { $0 + (weights[$1] ?? unsaid) }
    }

    private func support(_ wanted: [String], _ evidence: [Source]) -> Double {
        let total = weight(wanted)
        guard total > 0 else { return evidence.isEmpty ? 0 : 1 }
        return weight(wanted.filter { stem in evidence.contains { $0.stems.contains(stem) } }) / total
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
