import Language

/// Distinguishes a speaker's name from other words before a colon.
///
/// A name has 1 to 4 words and at most 40 characters, starts with a letter, has no sentence punctuation, and
/// its words are capitalised (`van`, `de` and the like excepted), or it is one word with a number at most
/// (`anna`, `speaker 2`). Labels (`Note:`, `Agenda:`) and interjections (`So:`) are not names.
enum SpeakerName {
    static let lengthLimit = 40
    static let wordLimit = 4
    /// The longest name with an office or a place in brackets: `Hon. Jane Doe (Minister of Finance)`.
    static let affiliatedLengthLimit = 100

    /// A name that the source marks as one, with white space and control characters collapsed, and shortened if it is too
    /// long for a name; nil if nothing is left.
    ///
    /// This never shortens what was said: words before a colon are a name only if ``checked(_:)`` accepts them.
    static func bounded(_ name: String?) -> String? {
        guard let name = name?.collapsed, !name.isEmpty else { return nil }
        return name.shortened(toCharacters: affiliatedLengthLimit, bytes: affiliatedLengthLimit * 2)
    }

    /// The name in its normal form; nil if `candidate` is not one.
    static func checked(_ candidate: some StringProtocol) -> String? {
        guard candidate.utf8.count <= affiliatedLengthLimit * 4 else { return nil }
        let name = candidate.collapsed
        let bare = withoutAffiliation(name)
        guard !name.isEmpty, name.count <= affiliatedLengthLimit, bare.count <= lengthLimit else {
            return nil
        }
        let words = bare.split(separator: " ")
        guard let first = words.first, words.count <= wordLimit,
            first.unicodeScalars.first?.properties.isAlphabetic == true
        else { return nil }
        guard words.allSatisfy(isNameWord), !isLabel(words), isCapitalised(words) else { return nil }
        // `Doe, Jane` is a name, `Well, Jane` is not, nor is a list of three.
        let commas = bare.utf8.count { $0 == UInt8(ascii: ",") }
        if commas > 0 {
            guard commas == 1, first.utf8.last == UInt8(ascii: ","), words.count <= 3, words.count > 1,
                !interjections.contains(first.dropLast().lowercased()), words.allSatisfy(startsUpper)
            else { return nil }
        }
        return name
    }

    /// Without a final remark in brackets: `Jane Doe (Guest)`, `The Chair (Hon. Anthony Rota (Nipissing))`.
    private static func withoutAffiliation(_ name: String) -> Substring {
        guard let last = name.last, last == ")" || last == "]" else { return name[...] }
        var depth = 0
        for index in name.indices.reversed() {
            switch name[index] {
            case ")", "]": depth += 1
            case "(", "[":
                depth -= 1
                if depth == 0 { return index == name.startIndex ? name[...] : name[..<index] }
            default: break
            }
        }
        return name[...]
    }

    private static func isNameWord(_ word: Substring) -> Bool {
        var word = word
        if word.last == "," { word.removeLast() }
        if word.last == "." {
            // `Dr.` and `J.`, but not the end of a sentence.
            word.removeLast()
            guard word.count <= 4, startsUpper(word) else { return false }
        }
        return !word.isEmpty
            && word.unicodeScalars.allSatisfy { scalar in
                scalar.properties.isAlphabetic || scalar.properties.numericType != nil
                    || scalar.properties.generalCategory == .nonspacingMark
                    || scalar.properties.generalCategory == .spacingMark
                    || "'’-_.&+".unicodeScalars.contains(scalar)
            } && !word.contains("..")
    }

    private static func isCapitalised(_ words: [Substring]) -> Bool {
        if words.allSatisfy({ startsUpper($0) || particles.contains(String($0)) || isNumber($0) }),
            startsUpper(words[0])
        {
            return true
        }
        return words.count == 1 || (words.count == 2 && isNumber(words[1]))
    }

    /// Upper case, or of a script without case.
    private static func startsUpper(_ word: Substring) -> Bool {
        guard let scalar = word.unicodeScalars.first else { return false }
        if scalar.properties.isAlphabetic, !scalar.properties.isLowercase { return true }
        // d'Entremont
        let parts = word.split(maxSplits: 1, omittingEmptySubsequences: false) { $0 == "'" || $0 == "’" }
        return parts.count == 2 && parts[0].count == 1 && parts[1].first?.isUppercase == true
    }

    private static func isNumber(_ word: Substring) -> Bool {
        word.unicodeScalars.allSatisfy { $0.properties.numericType != nil }
    }

    private static func isLabel(_ words: [Substring]) -> Bool {
        let first = words[0].lowercased()
        if labels.contains(first) { return true }
        return words.count == 1 && interjections.contains(first)
    }

    private static let particles: Set<String> = [
        "von", "van", "de", "der", "den", "del", "della", "di", "da", "dos", "du", "la", "le", "el", "al",
        "bin",
        "ibn", "ten", "ter", "zu", "zur", "y", "e", "of", "the", "and",
    ]

    private static let labels: Set<String> = [
        "note", "notes", "nb", "ps", "http", "https", "ftp", "mailto", "warning", "todo", "action", "actions",
        "decision", "decisions", "agenda", "date", "time", "start", "end", "title", "subject", "topic",
        "topics",
        "attendees", "participants", "present", "absent", "location", "duration", "meeting", "transcript",
        "transcription", "recording", "summary", "example", "reminder", "conclusion", "re", "fwd", "fyi",
        "file",
        "language", "source", "kind", "step", "item", "option", "part", "section", "chapter", "url", "link",
    ]

    private static let interjections: Set<String> = [
        "so", "well", "yes", "no", "yeah", "ok", "okay", "right", "and", "but", "or", "now", "then", "also",
        "anyway", "basically", "actually", "namely", "look", "listen", "sorry", "thanks", "hey", "hi",
        "hello",
        "because", "first", "second", "third", "finally", "question", "answer", "result", "results", "update",
        "remember", "meaning", "i", "it", "that", "this", "is", "are", "was", "says", "said", "like",
    ]
}
