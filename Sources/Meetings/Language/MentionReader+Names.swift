extension MentionReader {
    /// Names that the text claims.
    ///
    /// By a capital inside a sentence, in the languages that keep capitals for names; everywhere behind a title, and
    /// where the language's data knows the name.
    func names(sentences: [Range<Int>]) -> [NameMention] {
        switch lexicon.language {
        case .japanese, .chinese: writtenNames()
        case .german: knownNames(byCapital: false)
        case .korean: koreanNames()
        default: knownNames(byCapital: hasCapitals)
        }
    }

    /// Whether the script has capitals, and the text is written with them: not all in capitals, and with small letters.
    private var hasCapitals: Bool {
        let content = words.indices.filter { words[$0].role != .number }
        let capitals = content.count(where: { entries[$0].isCapital })
        return capitals > 0 && (content.count < 4 || capitals * 10 < content.count * 7)
    }

    private func knownNames(byCapital: Bool) -> [NameMention] {
        let hasScriptCase = words.indices.contains { entries[$0].isCapital }
        var found: [NameMention] = []
        for place in words.indices {
            let (word, entry) = (words[place], entries[place])
            guard word.role != .number, entry.date == nil, word.folded.count > 1 else { continue }
            let begins = place == 0 || words[place - 1].sentence != word.sentence || followsOpening(place)
            let isTitled = isBehindTitle(place) || isBeforeTitle(place)
            let isKnown = isGivenName(word, isCapital: entry.isCapital, hasScriptCase: hasScriptCase)
            let isCapital = byCapital && entry.isCapital && word.role != .function && !entry.isTitle
            if isTitled && (entry.isCapital || !hasScriptCase) && word.role != .function && !entry.isTitle
                || isKnown
            {
                found.append(mention(word, isSure: true))
            } else if isCapital {
                found.append(mention(word, isSure: !begins))
            }
        }
        return found
    }

    private func mention(_ word: Word, isSure: Bool) -> NameMention {
        NameMention(folded: word.folded, stem: word.stem, range: word.range, isSure: isSure)
    }

    /// Behind a colon, a dash or an opening quote every word may have a capital.
    private func followsOpening(_ place: Int) -> Bool {
        let start = words[place - 1].range.upperBound
        let gap = text.part(start..<words[place].range.lowerBound)
        return gap.contains { ":«„“\"»–—(•\n".contains($0) }
    }

    private func isBehindTitle(_ place: Int) -> Bool {
        guard place > 0, words[place - 1].sentence == words[place].sentence else { return false }
        return entries[place - 1].isTitle
            && (words[place].range.lowerBound - words[place - 1].range.upperBound) <= 2
    }

    private func isBeforeTitle(_ place: Int) -> Bool {
        guard place + 1 < words.count else { return false }
        return lexicon.titlesBehind.contains(words[place + 1].folded)
    }

    private func isGivenName(_ word: Word, isCapital: Bool, hasScriptCase: Bool) -> Bool {
        guard !lexicon.givenNames.isEmpty, isCapital || !hasScriptCase else { return false }
        if word.role == .function { return false }
        if lexicon.givenNames.contains(word.folded) { return true }
        if lexicon.language == .arabic {
            for prefix in ["و", "ل", "ب", "ف", "ول"] where word.folded.hasPrefix(prefix) {
                let rest = String(word.folded.dropFirst(prefix.count))
                if rest.count > 2, lexicon.givenNames.contains(rest) { return true }
            }
            return false
        }
        // `Annas`, `Ивану`
        return word.role != .function
            && NameForm.forms(word.folded, lexicon: lexicon).contains { lexicon.givenNames.contains($0) }
    }

    // MARK: - Scripts without blanks

    private func writtenNames() -> [NameMention] {
        var found: [NameMention] = []
        for (place, word) in words.enumerated() {
            // ICU divides some names; two neighbours together may be one.
            if word.folded.count > 1, lexicon.givenNames.contains(word.folded) {
                found.append(mention(word, isSure: true))
            } else if word.folded.first?.isASCII == true {
                // A name in Latin letters.
                if entries[place].isCapital, Lexicon.of(.english).givenNames.contains(word.folded) {
                    found.append(mention(word, isSure: true))
                }
            } else if place + 1 < words.count, words[place + 1].range.lowerBound == word.range.upperBound {
                let both = word.folded + words[place + 1].folded
                let isName = isSurname(word.folded) && isGiven(words[place + 1].folded)
                if both.count <= 4, isName || lexicon.givenNames.contains(both) {
                    let range = word.range.lowerBound..<words[place + 1].range.upperBound
                    found.append(NameMention(folded: both, stem: both, range: range, isSure: true))
                }
            }
        }
        for place in units.units.indices.dropFirst() {
            guard let titles = lexicon.titlesByFirst[units.units[place]],
                titles.contains(where: { units.units[place...].starts(with: $0) }),
                let name = nameBefore(
                    String(decoding: units.units[max(0, place - 8)..<place], as: UTF16.self)[...])
            else { continue }
            let end = Int(units.offsets[place])
            let bytes = end - name.utf8.count..<end
            if found.contains(where: { $0.range.overlaps(bytes) }) { continue }
            found.append(NameMention(folded: name, stem: name, range: bytes, isSure: true))
        }
        return found.sorted { $0.range.lowerBound < $1.range.lowerBound }
    }

    private func isSurname(_ text: String) -> Bool { text.count == 1 && lexicon.givenNames.contains(text) }

    /// Whether given names are made of these characters.
    ///
    /// ICU does not know most names, and leaves their characters single.
    private func isGiven(_ text: String) -> Bool {
        text.count <= 2 && text.allSatisfy { lexicon.givenCharacters.contains($0) }
    }

    /// The surname, or the whole name, that a text ends in.
    private func nameBefore(_ text: Substring) -> String? {
        let tail = text.suffix(6)
        // Katakana or Latin letters: a foreign name.
        let foreign = tail.reversed().prefix { character in
            guard let scalar = character.unicodeScalars.first else { return false }
            return (0x30A1...0x30FF).contains(scalar.value)
                || scalar.isASCII && scalar.properties.isAlphabetic
        }
        if foreign.count >= 2 { return String(foreign.reversed()) }
        for count in [4, 3, 2, 1] where tail.count >= count {
            let name = String(tail.suffix(count))
            if lexicon.givenNames.contains(name) { return name }
        }
        return nil
    }

    private func koreanNames() -> [NameMention] {
        words.indices.compactMap { place in
            let (word, entry) = (words[place], entries[place])
            guard word.role != .number else { return nil }
            let isTitled = place + 1 < words.count && entries[place + 1].beginsWithTitle
            guard let name = isTitled ? entry.titledName ?? entry.name : entry.name else { return nil }
            return NameMention(folded: name, stem: name, range: word.range, isSure: true)
        }
    }
}

extension WordReader {
    /// What a Korean word says as a name: before a title that is written together with it, or by itself.
    func readKoreanName(_ entry: inout WordEntry) {
        let folded = entry.folded
        entry.beginsWithTitle = lexicon.titlesBehind.contains(where: folded.hasPrefix)
        for title in lexicon.titlesBehind where !folded.hasPrefix(title) {
            guard let range = folded.firstRange(of: title) else { continue }
            let before = String(folded[..<range.lowerBound])
            // `모양` is a shape.
            let least = title.count == 1 && title != "씨" && title != "님" ? 2 : 1
            if (least...4).contains(before.count), isKoreanName(before) { entry.name = before }
        }
        if entry.name == nil {
            entry.name = [folded, entry.stem].first { $0.count >= 2 && isFullKoreanName($0) }
        }
        if isKoreanName(folded) || isSurnameFirst(folded) { entry.titledName = folded }
    }

    private func isKoreanName(_ text: String) -> Bool {
        lexicon.givenNames.contains(text) || isFullKoreanName(text)
    }

    /// Before a title three syllables that begin with a surname are a name, known or not.
    private func isSurnameFirst(_ text: String) -> Bool {
        text.count == 3 && lexicon.givenNames.contains(String(text.prefix(1)))
    }

    private func isFullKoreanName(_ text: String) -> Bool {
        if text.count >= 2, lexicon.givenNames.contains(text) { return true }
        return text.count == 3 && lexicon.givenNames.contains(String(text.prefix(1)))
            && lexicon.givenNames.contains(String(text.dropFirst()))
    }
}

/// Forms of one name.
enum NameForm {
    /// What a name may be in the nominative, folded: itself, and without the endings that it may have.
    static func forms(_ name: String, lexicon: Lexicon) -> [String] {
        var forms = [name]
        for (ending, nominative) in lexicon.endings where name.hasSuffix(ending) {
            guard name.count - ending.count >= 2 else { continue }
            forms.append(name.dropLast(ending.count) + nominative)
        }
        return forms
    }

    /// Whether two folded words may be forms of one name.
    static func same(_ one: String, _ other: String, lexicon: Lexicon) -> Bool {
        if one == other { return true }
        guard !lexicon.endings.isEmpty, one.prefix(2) == other.prefix(2) else { return false }
        let forms = forms(one, lexicon: lexicon)
        return Self.forms(other, lexicon: lexicon).contains { $0.count >= 3 && forms.contains($0) }
    }
}
