import Foundation
import Language
import Transcript

/// Finds the utterances that a sentence rests on, and compares the two.
///
/// By words alone: a sentence whose words were all said, but in another sense, passes; one whose number, name or
/// weekday was not said where it is said to come from does not.
package struct EvidenceFinder: Sendable {
    /// More would make every name and number of the neighbourhood count as said.
    static let citationLimit = 3
    /// What belongs together is said within so many utterances.
    static let neighbourhood = 8

    /// What a statement may rest on: an utterance by its words.
    struct Source: Sendable {
        let stems: Set<String>
        let numbers: Set<String>
        let dates: Set<String>
        /// Words of the text and of the speaker's name, in lower case.
        let words: Set<String>

        init(_ utterance: Utterance) {
            let spoken = utterance.text
            stems = Set(TextWords.content(spoken))
            numbers = NumberMentions.all(in: spoken)
            dates = Set(DateMentions.all(in: spoken))
            words = NameMentions.words(in: spoken).union(NameMentions.words(in: utterance.speaker ?? ""))
        }
    }

    private let utterances: ArraySlice<Utterance>
    /// Sequence number of the first utterance.
    private let first: Int
    private let sources: [Source]
    private let weights: [String: Double]
    /// Weight of a word that was never said.
    private let unsaid: Double
    /// Words that people's names are made of, in lower case.
    private let nameWords: Set<String>

    /// Makes a finder over `utterances`, the first of which has the sequence number `first`.
    package init(utterances: [Utterance], first: Int = 0) {
        self.init(utterances: utterances[...], first: first, sources: utterances.map(Source.init))
    }

    /// Makes a finder over `utterances` that were read already: `sources` has one for each.
    init(utterances: ArraySlice<Utterance>, first: Int, sources: [Source]) {
        self.utterances = utterances
        self.first = first
        self.sources = sources
        var counts: [String: Int] = [:]
        for source in sources { for stem in source.stems { counts[stem, default: 0] += 1 } }
        let total = Double(max(1, utterances.count))
        weights = counts.mapValues { log(1 + total / Double($0)) }
        unsaid = log(1 + total)
        nameWords = Set(utterances.compactMap(\.speaker)).reduce(into: []) {
            $0.formUnion(NameMentions.words(in: $1))
        }
    }

    /// The statements of a summary: its sentences, each with its evidence.
    package func statements(of summary: String) -> [Statement] {
        summary.split(whereSeparator: \.isNewline).flatMap { line -> [Statement] in
            let line = line.trimmingBlanks
            // A list's number is no claim.
            let bullet = line.prefixMatch(of: /[-*•+] +|[0-9]{1,3}[.)] +/)
            let text = bullet.map { String(line[$0.range.upperBound...]) } ?? line
            return Sentences.of(text).enumerated().map { offset, sentence in
                statement(sentence, beginsLine: offset == 0, isListed: bullet != nil)
            }
        }
    }

    /// One sentence with its evidence.
    package func statement(_ text: String, beginsLine: Bool = true, isListed: Bool = false) -> Statement {
        let names = names(in: text)
        let numbers = NumberMentions.claims(in: text)
        let dates = DateMentions.all(in: text)
        // Who spoke is checked, not searched for: else any utterance of theirs would do.
        let nameStems = Set(names.flatMap(TextWords.content))
        // In an order of their own: a sum of fractions depends on the order in its last digits, and that of a set is
        // another one in each process.
        let wanted = Set(TextWords.content(text)).subtracting(nameStems).sorted()
        let cited = cite(wanted, names: names, numbers: Set(numbers), dates: Set(dates))
        let evidence = cited.map { sources[$0] }
        let missing =
            numbers.filter { number in !evidence.contains { $0.numbers.contains(number) } }
            + dates.filter { date in !evidence.contains { $0.dates.contains(date) } }
            + names.filter { name in !evidence.contains { $0.words.contains(name) } }
        return Statement(
            text: text, beginsLine: beginsLine, isListed: isListed,
            citations: cited.map { .init(utterances[utterances.startIndex + $0], number: first + $0) },
            missing: missing, support: support(wanted, evidence))
    }

    /// Names that the text claims, in lower case: also at its beginning, where every word has a capital.
    private func names(in text: String) -> [String] {
        let claims = NameMentions.claims(in: text).filter { DateMentions.all(in: $0).isEmpty }
        let words = text.split(separator: " ", maxSplits: 2)
        guard let first = words.first, first.first?.isUppercase == true,
            let opening = NameMentions.words(in: String(first)).sorted().first, !claims.contains(opening)
        else { return claims }
        let isSubject = words.count > 1 && Self.isReportingVerb(words[1].lowercased())
        return nameWords.contains(opening) || isSubject && !Self.isOrdinary(opening)
            ? [opening] + claims : claims
    }

    private static func isReportingVerb(_ word: String) -> Bool {
        word.hasSuffix("ed") || reportingVerbs.contains(word)
    }

    /// Whether a sentence may begin with the word without naming somebody.
    private static func isOrdinary(_ word: String) -> Bool {
        TextWords.content(word).isEmpty || ordinaryOpenings.contains(word)
            || ["ing", "ly", "tion", "ment", "ers", "ies", "ors"].contains(where: word.hasSuffix)
    }

    private static let reportingVerbs: Set = [
        "said", "says", "thought", "thinks", "told", "asks", "and", "will", "would", "was", "is", "had",
        "has", "felt",
        "believes", "believed", "wants", "gave", "made", "took", "went", "also", "did", "does", "can",
        "could", "should",
        "said,", "knew", "found", "wrote", "writes", "sent", "sends", "brought", "suggests", "agrees",
    ]
    private static let ordinaryOpenings: Set = [
        "everybody", "everyone", "somebody", "someone", "nobody", "people", "team", "group", "participants",
        "nothing",
        "everything", "something", "today", "yesterday", "data", "time", "money", "work", "costs", "prices",
        "results",
        "meetings", "decisions", "plans", "one", "two", "three", "four", "five", "six", "seven", "eight",
        "nine", "ten",
        "half", "others", "students", "children", "colleagues", "staff", "progress", "part", "use", "need",
        "user",
    ]

    /// Offsets of the utterances that have most of what is wanted, in order; near each other.
    private func cite(
        _ wanted: [String], names: [String], numbers: Set<String>, dates: Set<String>
    ) -> [Int] {
        // Of two that say the same, the one by whom or about whom it is.
        let preference = sources.map { source in names.contains(where: source.words.contains) ? 1.5 : 1 }
        var left = (words: wanted, numbers: numbers, dates: dates)
        func gain(_ source: Source) -> Double {
            weight(left.words.filter(source.stems.contains))
                + unsaid * Double(source.numbers.intersection(left.numbers).count)
                + unsaid * Double(source.dates.intersection(left.dates).count)
        }
        let least =
            0.12 * (weight(wanted) + unsaid * Double(numbers.count + dates.count))
        var cited: [Int] = []
        var places = 0..<sources.count
        while cited.count < Self.citationLimit {
            // The first of equals.
            var best: (place: Int, gain: Double)?
            for place in places where !cited.contains(place) {
                let gain = gain(sources[place]) * preference[place]
                if gain > (best?.gain ?? 0) + 1e-9 { best = (place, gain) }
            }
            guard let best, best.gain >= least else { break }
            if cited.isEmpty {
                places = (best.place - Self.neighbourhood..<best.place + Self.neighbourhood + 1)
                    .clamped(to: places)
            }
            cited.append(best.place)
            left.words.removeAll(where: sources[best.place].stems.contains)
            left.numbers.subtract(sources[best.place].numbers)
            left.dates.subtract(sources[best.place].dates)
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
