/// Compares what a written sentence claims with what was said.
///
/// By words alone: a sentence whose words were all said, but in another sense, passes; one whose number, date or name
/// was not said where it is said to come from does not.
package struct ClaimCheck: Sendable {
    /// What a sentence claims that was not said, as the sentence writes it; each once, in order.
    package struct Missing: Sendable, Hashable {
        package var numbers: [String] = []
        package var dates: [String] = []
        package var names: [String] = []

        package var isEmpty: Bool { numbers.isEmpty && dates.isEmpty && names.isEmpty }
        package var all: [String] { numbers + dates + names }
    }

    /// An utterance that sentences may rest on, prepared for being compared with many.
    package struct Source: Sendable {
        package let numbers: Set<String>
        package let dates: Set<String>
        private let said: NamedText
        private let speaker: NamedText?

        /// `speaker` is a name that counts as said, since minutes tell who spoke.
        package init(_ reading: Reading, speaker: String? = nil) {
            numbers = reading.saidNumbers
            dates = reading.saidDates
            said = NamedText(reading, names: reading.names.map(\.folded))
            self.speaker = speaker.map { name in
                let reading = TextReader.read(name, language: reading.language)
                return NamedText(reading, names: reading.words.map(\.folded))
            }
        }

        /// Whether the utterance says what is claimed, or, if that is a name, whether its speaker has it.
        package func bearsOut(_ claim: Claim) -> Bool {
            switch claim.kind {
            case .number: claim.spellings.contains(where: numbers.contains)
            case .date: claim.spellings.contains(where: dates.contains)
            case .name: said.has(claim) || speaker?.has(claim) == true
            }
        }

        /// Whether the claim is the name of who speaks, and is not in what is said.
        package func hasOnlyAsSpeaker(_ claim: Claim) -> Bool {
            claim.kind == .name && speaker?.has(claim) == true && !said.has(claim)
        }
    }

    /// A text in which names are looked for.
    private struct NamedText: Sendable {
        /// Words and their stems, folded; and all of them together, since a name may have a number in it.
        private let words: Set<String>
        private let text: String
        private let names: [String]

        init(_ reading: Reading, names: [String]) {
            let folded = reading.words.map(\.folded)
            words = Set(folded).union(reading.words.map(\.stem)).union([folded.joined(separator: " ")])
            text = Folding.fold(reading.text, language: reading.language)
            self.names = names
        }

        func has(_ claim: Claim) -> Bool {
            guard let name = claim.spellings.first else { return false }
            return claim.spellings.contains(where: words.contains) || contains(name, claim.lexicon)
                || containsForm(of: name, claim.lexicon)
        }

        /// Whether a name is a part of a word, where that may be.
        private func contains(_ name: String, _ lexicon: Lexicon) -> Bool {
            guard lexicon.isSearchedInText else { return false }
            // A syllable may be in any word.
            if name.count == 1, lexicon.language == .korean { return names.contains { $0.hasPrefix(name) } }
            return text.contains(name)
        }

        /// Whether one of the words is the name in another case.
        private func containsForm(of name: String, _ lexicon: Lexicon) -> Bool {
            guard !lexicon.endings.isEmpty else { return false }
            let beginning = name.prefix(2).utf8
            return words.contains {
                $0.utf8.starts(with: beginning) && NameForm.same($0, name, lexicon: lexicon)
            }
        }
    }

    /// Words of the participants' names, folded; a sentence that begins with one claims that name.
    private let participants: Set<String>
    /// Names of participants that have a number in them (`Speaker 2`), as folded words.
    private let numberedNames: [[String]]
    /// Keys of dates that need not be said: the meeting's own day.
    private let knownDates: Set<String>

    /// `participants` are names as transcripts give them; `date` is the reading of the meeting's date in words, if any.
    package init(participants: [String] = [], language: LanguageCode, date: Reading? = nil) {
        let names = participants.map { TextReader.read($0, language: language) }
        self.participants = Set(names.flatMap { $0.words.map(\.folded) })
        numberedNames = Set(names.filter { !$0.numbers.isEmpty }.map { $0.words.map(\.folded) })
            .sorted { $0.lexicographicallyPrecedes($1) }
        knownDates = date?.saidDates ?? []
    }

    /// Something that a sentence claims, which has to have been said.
    package struct Claim: Sendable {
        package enum Kind: Sendable { case number, date, name }

        package let kind: Kind
        /// As the sentence writes it; a number as ``NumberMention/value`` is spelled.
        package let text: String
        /// UTF-8 offsets in the sentence.
        package let range: Range<Int>
        /// What bears it out: values of a number, the key of a date, spellings of a name.
        fileprivate let spellings: [String]
        fileprivate let lexicon: Lexicon
    }

    /// What `sentence` claims that none of `sources` says.
    package func missing(in sentence: Reading, sources: [Source]) -> Missing {
        let claims = claims(in: sentence).filter { claim in
            !sources.contains { $0.bearsOut(claim) }
        }
        func texts(_ kind: Claim.Kind) -> [String] {
            var seen: Set<String> = []
            return claims.filter { $0.kind == kind }.map(\.text).filter { seen.insert($0).inserted }
        }
        return Missing(numbers: texts(.number), dates: texts(.date), names: texts(.name))
    }

    /// What `sentence` claims: its numbers, its dates, its names, each in order.
    package func claims(in sentence: Reading) -> [Claim] {
        let lexicon = Lexicon.of(sentence.language)
        let numbered = namesWithNumbers(in: sentence)
        func isPartOfName(_ range: Range<Int>) -> Bool { numbered.contains { $0.range.overlaps(range) } }
        let numbers = sentence.numbers.filter { $0.isClaim && !isPartOfName($0.range) }
        let dates = sentence.dates.filter { !knownDates.contains($0.key) }
        let names = sentence.names.filter { name in
            !isPartOfName(name.range)
                && (name.isSure || participants.contains(name.folded)
                    || isSubject(name, of: sentence, lexicon))
        }
        func claim(_ kind: Claim.Kind, _ text: String, _ range: Range<Int>, _ spellings: [String]) -> Claim {
            Claim(kind: kind, text: text, range: range, spellings: spellings, lexicon: lexicon)
        }
        return numbers.map { claim(.number, $0.value, $0.range, Self.spellings($0)) }
            + dates.map { claim(.date, sentence.text($0.range), $0.range, [$0.key]) }
            + (names + numbered).map {
                claim(.name, sentence.text($0.range), $0.range, [$0.folded, $0.stem])
            }
    }

    /// The values that bear out a number.
    ///
    /// Who says `not eighteen thousand, sixteen` leaves the thousand out.
    private static func spellings(_ number: NumberMention) -> [String] {
        var values = [number.value] + number.readings
        if let value = Int(number.value), value >= 10_000, value % 500 == 0 {
            values.append(MentionReader.spelled(Double(value) / 1000))
            if value >= 10_000_000 { values.append(MentionReader.spelled(Double(value) / 1_000_000)) }
        }
        return values
    }

    /// Where a sentence names participants who have numbers in their names.
    private func namesWithNumbers(in sentence: Reading) -> [NameMention] {
        guard !numberedNames.isEmpty else { return [] }
        let words = sentence.words
        return words.indices.flatMap { place in
            numberedNames.compactMap { name -> NameMention? in
                let end = place + name.count
                guard end <= words.count, let last = name.last else { return nil }
                let found = words[place..<end].map(\.folded)
                // `Speaker 2's`
                guard found.dropLast() == name.dropLast(),
                    found.last == last || found.last?.hasPrefix(last + "'") == true
                else { return nil }
                let text = name.joined(separator: " ")
                let range = words[place].range.lowerBound..<words[end - 1].range.upperBound
                return NameMention(folded: text, stem: text, range: range, isSure: true)
            }
        }.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    /// Whether a word stands before a verb by which minutes report, as in `Dora said`.
    ///
    /// Only in languages whose data has such verbs.
    private func isSubject(_ name: NameMention, of sentence: Reading, _ lexicon: Lexicon) -> Bool {
        guard let place = sentence.words.firstIndex(where: { $0.range == name.range }),
            place + 1 < sentence.words.count, lexicon.reporting.contains(sentence.words[place + 1].folded)
        else { return false }
        let word = sentence.words[place]
        return word.role == .content && !lexicon.subjects.contains(word.folded)
            && !["ing", "ly", "tion", "ment", "ers", "ies", "ors"].contains(where: word.folded.hasSuffix)
    }
}

extension Lexicon {
    /// Scripts and languages in which a name may be a part of what counts as one word.
    var isSearchedInText: Bool { [.japanese, .chinese, .korean, .arabic].contains(language) }
}
