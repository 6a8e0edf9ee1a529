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
        /// Words and their stems, folded.
        let words: Set<String>
        let text: String
        /// Names in it, and the speaker's.
        let names: [String]

        /// `speaker` is a name that counts as said, since minutes tell who spoke.
        package init(_ reading: Reading, speaker: String? = nil) {
            numbers = reading.saidNumbers
            dates = reading.saidDates
            let name = speaker.map { TextReader.read($0, language: reading.language) }
            var words: Set<String> = []
            for word in reading.words + (name?.words ?? []) {
                words.insert(word.folded)
                words.insert(word.stem)
            }
            self.words = words
            names = reading.names.map(\.folded) + (name?.words.map(\.folded) ?? [])
            text = Folding.fold(reading.text + "\n" + (speaker ?? ""), language: reading.language)
        }

        /// Whether the name was said, or is the speaker's.
        package func says(_ name: NameMention) -> Bool {
            words.contains(name.folded) || words.contains(name.stem)
        }
    }

    /// Words of the names of who takes part, folded; a sentence that begins with one claims that name.
    private let participants: Set<String>
    /// Keys of dates that need not be said: the meeting's own day.
    private let knownDates: Set<String>

    /// `participants` are names as transcripts give them; `date` is the reading of the meeting's date in words, if any.
    package init(participants: [String] = [], language: LanguageCode, date: Reading? = nil) {
        self.participants = participants.reduce(into: []) { words, name in
            words.formUnion(TextReader.read(name, language: language).words.map(\.folded))
        }
        knownDates = date?.saidDates ?? []
    }

    /// What `sentence` claims that none of `sources` says.
    package func missing(in sentence: Reading, sources: [Source]) -> Missing {
        Missing(
            numbers: missingNumbers(sentence, sources), dates: missingDates(sentence, sources),
            names: missingNames(sentence, sources))
    }

    private func missingNumbers(_ sentence: Reading, _ sources: [Source]) -> [String] {
        unique(
            sentence.numbers.filter { number in
                number.isClaim
                    && !Self.spellings(number).contains { value in
                        sources.contains { $0.numbers.contains(value) }
                    }
            }.map(\.value))
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

    private func missingDates(_ sentence: Reading, _ sources: [Source]) -> [String] {
        unique(
            sentence.dates.filter { date in
                !knownDates.contains(date.key) && !sources.contains { $0.dates.contains(date.key) }
            }.map { sentence.text($0.range) })
    }

    private func missingNames(_ sentence: Reading, _ sources: [Source]) -> [String] {
        let lexicon = Lexicon.of(sentence.language)
        return unique(
            names(sentence, lexicon).filter { name in
                !sources.contains { source in
                    source.words.contains(name.folded) || source.words.contains(name.stem)
                        || source.contains(name.folded, lexicon)
                        || source.words.contains { NameForm.same($0, name.folded, lexicon: lexicon) }
                }
            }.map { sentence.text($0.range) })
    }

    /// The names that a sentence claims.
    package func names(in sentence: Reading) -> [NameMention] {
        names(sentence, Lexicon.of(sentence.language))
    }

    /// The names that a sentence claims: those that are sure, and where every word has a capital those of participants
    /// and of whoever is said to say or do something.
    private func names(_ sentence: Reading, _ lexicon: Lexicon) -> [NameMention] {
        sentence.names.filter {
            $0.isSure || participants.contains($0.folded) || isSubject($0, of: sentence, lexicon)
        }
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

    private func unique(_ texts: [String]) -> [String] {
        var seen: Set<String> = []
        return texts.filter { seen.insert($0).inserted }
    }
}

extension ClaimCheck.Source {
    /// Whether a name is a part of a word, where that may be.
    fileprivate func contains(_ name: String, _ lexicon: Lexicon) -> Bool {
        guard lexicon.isSearchedInText else { return false }
        // A syllable may be in any word.
        if name.count == 1, lexicon.language == .korean { return names.contains { $0.hasPrefix(name) } }
        return text.contains(name)
    }
}

extension Lexicon {
    /// Scripts and languages in which a name may be a part of what counts as one word.
    var isSearchedInText: Bool { [.japanese, .chinese, .korean, .arabic].contains(language) }
}
