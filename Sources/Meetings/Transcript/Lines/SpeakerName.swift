import Language

/// Distinguishes a speaker's name from other words before a colon.
///
/// A name has 1 to 6 words and at most 40 characters, starts with a letter, has no sentence punctuation, and its words
/// are capitalised (`van`, `de` and the like excepted), or it is one word with a number at most (`anna`, `speaker 2`),
/// or an address (`anna@harbour.example`). Labels (`Note:`, `Datum:`) and interjections (`So:`) are not names.
package enum SpeakerName {
    static let lengthLimit = 40
    static let wordLimit = 6
    /// The longest name with an office or a place in brackets: `Hon. Jane Doe (Minister of Finance)`.
    static let affiliatedLengthLimit = 100
    /// The most words of a name in a transcript whose lines all begin with one.
    private static let looseWordLimit = 8

    /// A name that the source marks as one, with white space and control characters collapsed, and shortened if it is too
    /// long for a name; nil if nothing is left.
    ///
    /// This never shortens what was said: words before a colon are a name only if ``checked(_:)`` accepts them.
    static func bounded(_ name: String?) -> String? {
        guard let name = name?.collapsed, !name.isEmpty else { return nil }
        return name.shortened(toCharacters: affiliatedLengthLimit, bytes: affiliatedLengthLimit * 2)
    }

    /// The name in its normal form; nil if `candidate` is not one.
    ///
    /// `isLoose`: where nearly every line of a transcript has something before a colon, that is a name though it does not
    /// look like one (`jan de vries`, `3. OG Besprechungsraum`).
    static func checked(_ candidate: some StringProtocol, isLoose: Bool = false) -> String? {
        guard candidate.utf8.count <= affiliatedLengthLimit * 4 else { return nil }
        let name = withoutMarks(candidate)
        // `@Ada Holm`
        if name.first == "@", name.dropFirst().first?.isLetter == true {
            return checked(name.dropFirst(), isLoose: isLoose)
        }
        let bare = withoutAffiliation(name)
        guard !name.isEmpty, name.count <= affiliatedLengthLimit, bare.count <= lengthLimit else {
            return nil
        }
        if isNumbered(bare) || isTelephone(bare) { return name }
        // `Priya | Harbour`: the name and what belongs to it.
        let parts = bare.split(whereSeparator: { "|｜·/".contains($0) }).map { $0.split(separator: " ") }
        // `🦊 Ada`
        let hasPicture = parts.first?.first?.unicodeScalars.allSatisfy(isPicture) == true
        guard let words = parts.first.map({ hasPicture && $0.count > 1 ? Array($0.dropFirst()) : $0 }),
            let first = words.first, parts.allSatisfy({ !$0.isEmpty })
        else {
            return nil
        }
        guard !isLabel(words) else { return nil }
        if isAddress(bare) { return name }
        if isLoose { return isLooseName(parts.flatMap { $0 }) ? name : nil }
        guard words.count <= wordLimit, startsAsName(first), parts.flatMap({ $0 }).allSatisfy(isNameWord),
            isCapitalised(words), hasNamesCommas(words, bare)
        else { return nil }
        return name
    }

    /// Without marks of the direction of writing, which programs put around names; white space collapsed.
    private static func withoutMarks(_ candidate: some StringProtocol) -> String {
        if candidate.utf8.allSatisfy({ $0 < 0x80 }) { return candidate.collapsed }
        let scalars = candidate.unicodeScalars.filter { !isDirectionMark($0) }
        return String(String.UnicodeScalarView(scalars)).collapsed
    }

    static func isDirectionMark(_ scalar: Unicode.Scalar) -> Bool {
        switch scalar.value {
        case 0x200E, 0x200F, 0x061C, 0x202A...0x202E, 0x2066...0x2069: true
        default: false
        }
    }

    /// Without a final remark in brackets: `Jane Doe (Guest)`, `The Chair (Hon. Anthony Rota (Nipissing))`.
    static func withoutAffiliation(_ name: String) -> Substring {
        guard let last = name.last, last == ")" || last == "]" else { return name[...] }
        var depth = 0
        for index in name.indices.reversed() {
            switch name[index] {
            case ")", "]": depth += 1
            case "(", "[":
                depth -= 1
                if depth == 0 { return index == name.startIndex ? name[...] : name[..<index].trimmed[...] }
            default: break
            }
        }
        return name[...]
    }

    // MARK: - Whole names

    /// Whether it is a recogniser's name for an unknown voice: `SPEAKER_00`, `spk_1`, `Speaker 2`, `说话人1`.
    package static func isNumbered(_ name: some StringProtocol) -> Bool {
        guard name.utf8.count <= 60, name.last?.isNumber == true || name.last?.isLetter == true else {
            return false
        }
        let lower = name.lowercased()
        let stem = lower.prefix { !$0.isNumber && $0 != "_" && $0 != "-" && $0 != "#" && $0 != "№" }
        let rest = lower[stem.endIndex...].drop { "_-#№ ".contains($0) }
        if !rest.isEmpty, rest.count <= 4, rest.allSatisfy(\.isNumber) {
            return voices.contains(stem.trimmed)
        }
        // `Speaker A`
        let words = lower.split(separator: " ")
        return words.count == 2 && words[1].count == 1 && voices.contains(String(words[0]))
            && name.last?.isUppercase == true
    }

    /// `+49 170 1234567`, as messengers name whom nobody named.
    private static func isTelephone(_ name: Substring) -> Bool {
        name.first == "+" && name.count(where: \.isNumber) >= 7
            && name.dropFirst().allSatisfy { $0.isNumber || " -()\u{A0}\u{2011}".contains($0) }
    }

    /// One word with an `@` inside.
    private static func isAddress(_ name: Substring) -> Bool {
        let parts = name.split(separator: "@", omittingEmptySubsequences: false)
        return parts.count == 2 && !parts[0].isEmpty && parts[1].contains(".") && !name.contains(" ")
    }

    /// Few words without a sentence's punctuation, with a letter.
    private static func isLooseName(_ words: [Substring]) -> Bool {
        words.count <= looseWordLimit && !(words.count == 1 && interjections.contains(words[0].lowercased()))
            && words.allSatisfy { word in
                !word.contains { "?!;:\"<>{}=".contains($0) } && !(word.last == "." && word.count > 5)
            } && words.contains { $0.contains(where: \.isLetter) }
    }

    /// `Doe, Jane` is a name, `Well, Jane` is not, nor is a list of three.
    private static func hasNamesCommas(_ words: [Substring], _ bare: Substring) -> Bool {
        let commas = bare.utf8.count { $0 == UInt8(ascii: ",") }
        guard commas > 0 else { return true }
        let family = words.firstIndex { $0.last == "," } ?? 0
        return commas == 1 && family <= 1 && (2...4).contains(words.count) && family < words.count - 1
            && !interjections.contains(words[0].prefix { $0 != "," }.lowercased())
            && words.allSatisfy { startsUpper($0) || particles.contains(String($0)) }
    }

    // MARK: - Words

    private static func startsAsName(_ word: Substring) -> Bool {
        word.unicodeScalars.first?.properties.isAlphabetic == true || word.first == "№"
    }

    private static func isNameWord(_ word: Substring) -> Bool {
        var word = word
        if word.last == "," { word.removeLast() }
        if word.last == "." {
            // `Dr.` and `J.`, but not the end of a sentence.
            word.removeLast()
            guard word.count <= 4, startsUpper(word) || titles.contains(word.lowercased()) else {
                return false
            }
        }
        if word.unicodeScalars.allSatisfy(isPicture) { return !word.isEmpty }
        return !word.isEmpty
            && word.unicodeScalars.allSatisfy { scalar in
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil || isPicture(scalar)
                    || [.nonspacingMark, .spacingMark, .format].contains(scalar.properties.generalCategory)
                    || "'’-‐_.&+#№".unicodeScalars.contains(scalar)
            } && !word.contains("..")
    }

    /// Emoji and what makes them up.
    private static func isPicture(_ scalar: Unicode.Scalar) -> Bool {
        scalar.properties.isEmojiPresentation || [0x200D, 0xFE0F].contains(scalar.value)
            || (scalar.properties.isEmoji && scalar.value > 0x2000) || scalar.properties.isEmojiModifier
    }

    private static func isCapitalised(_ words: [Substring]) -> Bool {
        let isEach = words.allSatisfy {
            startsUpper($0) || particles.contains(String($0)) || isNumber($0)
                || $0.unicodeScalars.allSatisfy(isPicture)
                || ($0.last == "." && titles.contains($0.dropLast().lowercased()))
        }
        if isEach, startsUpper(words[0]) || words[0].first == "№" { return true }
        return words.count == 1 || (words.count == 2 && isNumber(words[1]))
    }

    /// Upper case, or of a script without case.
    private static func startsUpper(_ word: Substring) -> Bool {
        guard let scalar = word.unicodeScalars.first else { return false }
        if scalar.properties.isAlphabetic, !scalar.properties.isLowercase { return true }
        // iPhone
        if word.dropFirst().first?.isUppercase == true, scalar.properties.isLowercase { return true }
        // d'Entremont
        let parts = word.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "'" || $0 == "’" }
        return parts.count == 2 && parts[0].count == 1 && parts[1].first?.isUppercase == true
    }

    private static func isNumber(_ word: Substring) -> Bool {
        word.unicodeScalars.allSatisfy { $0.properties.numericType != nil || $0 == "№" || $0 == "#" }
    }

    private static func isLabel(_ words: [Substring]) -> Bool {
        let first = words[0].lowercased()
        if SpeakerWords.openingLabels.contains(first) { return true }
        if SpeakerWords.labels.contains(words.joined(separator: " ").lowercased()) { return true }
        return words.count == 1 && interjections.contains(first)
    }

    /// Whether words before a colon are a known label of a header, such as `Datum`.
    static func isLabel(_ text: some StringProtocol) -> Bool {
        let words = text.collapsed.split(separator: " ")
        return !words.isEmpty && isLabel(words)
    }

    private static var voices: Set<String> { SpeakerWords.voices }
    private static var particles: Set<String> { SpeakerWords.particles }
    private static var titles: Set<String> { SpeakerWords.titles }
    private static var interjections: Set<String> { SpeakerWords.interjections }
}
