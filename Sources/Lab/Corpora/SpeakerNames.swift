/// Who two people are who are only called `Speaker 1` and `Speaker 2`, from how they address each other.
package enum SpeakerNames {
    /// Names for the speakers, as far as they are told: `Kate, you never …` names the other one, `My name is Kate`
    /// the one who says it.
    ///
    /// Only for conversations of two, where who is addressed needs no guess. A name must stand alone between commas or
    /// ends of sentences, be written with a capital, and be no word that sentences begin with.
    package static func all(in turns: [(speaker: String, text: String)]) -> [String: String] {
        var speakers: [String] = []
        for turn in turns where !speakers.contains(turn.speaker) { speakers.append(turn.speaker) }
        guard speakers.count == 2 else { return [:] }
        var scores: [String: [String: Int]] = [:]
        for turn in turns {
            let other = speakers[turn.speaker == speakers[0] ? 1 : 0]
            for (name, weight) in vocatives(turn.text) {
                scores[other, default: [:]][name, default: 0] += weight
                // Nobody calls himself.
                scores[turn.speaker, default: [:]][name, default: 0] -= 2 * weight
            }
            for name in introductions(turn.text) {
                scores[turn.speaker, default: [:]][name, default: 0] += 2
                scores[other, default: [:]][name, default: 0] -= 2
            }
        }
        let names = scores.compactMapValues { scores in
            scores.filter { $0.value >= leastScore }.max { ($0.value, $1.key) < ($1.value, $0.key) }?.key
        }
        let last = names.values.map { $0.split(separator: " ").last }
        return last.count == 2 && last[0] == last[1] ? [:] : names
    }

    private static let leastScore = 2

    // MARK: - How people are addressed

    /// Names that the text addresses somebody by, each with how sure that is.
    private static func vocatives(_ text: String) -> [(name: String, weight: Int)] {
        var found: [(String, Int)] = []
        var followsGreeting = false
        for sentence in sentences(text) {
            let parts = sentence.split(separator: ",").filter { !$0.allSatisfy(\.isWhitespace) }
            for (place, part) in parts.enumerated() where part.allSatisfy(isPlain) {
                let words = part.split(separator: " ").map(withoutEdges).filter { !$0.isEmpty }
                let greetings = words.prefix { isGreeting($0) }.count
                let rest = Array(words.dropFirst(greetings))
                if let name = name(rest) {
                    let isGreeted = greetings > 0 || place > 0 && greets(parts[place - 1])
                    let weight: Int
                    if isGreeted {
                        weight = 3
                    } else if parts.count == 1 {
                        weight = hasTitle(rest) ? 3 : followsGreeting ? 2 : 1
                    } else if place > 0, endsWithName(parts[place - 1]) {
                        weight = 0  // `Portland, Oregon`
                    } else {
                        weight = place == 0 || place == parts.count - 1 ? 2 : 1
                    }
                    found.append((name, weight))
                } else if greetings > 0, rest.count > 1, rest[1].first?.isLowercase == true,
                    salutations.contains(words[greetings - 1].lowercased()), let name = name([rest[0]])
                {
                    found.append((name, 2))  // `Hello, Sara are you there?`
                }
            }
            followsGreeting = greets(sentence[...])
        }
        return found
    }

    /// A title, if there is one, and one or two words that may be a name; nil for everything else.
    private static func name(_ words: [Substring]) -> String? {
        let isTitled = hasTitle(words)
        let rest = words.dropFirst(isTitled ? 1 : 0)
        guard (1...2).contains(rest.count), isTitled || rest.count == 2 || !titles.contains(key(rest[0]))
        else {
            return nil
        }
        for word in rest {
            let key = key(word)
            guard isCapitalised(word), !isCommon(key),
                !key.hasSuffix("ly") || namesInLy.contains(key)
            else { return nil }
        }
        if !isTitled, rest.count == 1, rest[0].count < 3 { return nil }
        return words.joined(separator: " ")
    }

    /// `Ann`, `Anne-Marie`; neither `TV` nor `iPad`.
    private static func isCapitalised(_ word: Substring) -> Bool {
        let parts = word.split { "-'’".contains($0) }
        guard parts.count <= 2, let first = parts.first, first.first?.isUppercase == true, first.count > 1
        else {
            return false
        }
        return first.dropFirst().allSatisfy(\.isLowercase)
            && parts.dropFirst().allSatisfy { $0.dropFirst().allSatisfy(\.isLowercase) }
    }

    private static func hasTitle(_ words: [Substring]) -> Bool {
        words.count > 1 && titles.contains(key(words[0]))
    }

    private static func endsWithName(_ part: Substring) -> Bool {
        part.split(separator: " ").dropFirst().last.map(isCapitalised) ?? false
    }

    /// Whether it has nothing but greetings and words of assent.
    private static func greets(_ text: Substring) -> Bool {
        text.split { !($0.isLetter || $0 == "'") }.allSatisfy { greetingWords.contains($0.lowercased()) }
    }

    private static func isGreeting(_ word: Substring) -> Bool { greetingWords.contains(key(word)) }

    /// Whether it is a word that sentences begin with, or a greeting.
    private static func isCommon(_ key: String) -> Bool {
        openings.contains(key) || greetingWords.contains(key)
    }

    private static func key(_ word: Substring) -> String {
        var word = word
        while word.last == "." { word.removeLast() }
        return word.lowercased().replacing("’", with: "'")
    }

    // MARK: - How people introduce themselves

    private static func introductions(_ text: String) -> [String] {
        let formal =
            #/
            \b(?:[Mm]y\ name(?:\ is|'s)|I\ am\ called|[Tt]his\ is)\s+
            ((?:(?:Mr|Mrs|Ms|Dr)\.?\ ?)?[A-Z][a-z]+(?:\ [A-Z][a-z]+)?)
            (?=\s*[,.?!]|\s+(?:speaking|calling|from|in|at)\b|\s*$)
            /#
        let plain =
            #/
            \bI(?:'m|\ am)\s+
            ((?:(?:Mr|Mrs|Ms|Dr)\.?\ ?)?[A-Z][a-z]+(?:\ [A-Z][a-z]+)?)
            (?=\s*[,.?!]|\s+from\b|\s*$)
            /#
        let found = text.matches(of: formal).map(\.output.1) + text.matches(of: plain).map(\.output.1)
        return found.filter { name in
            let words = name.split(separator: " ").map(key)
            return !words.contains(where: isCommon)
                && (words[0].hasSuffix("ly") ? namesInLy.contains(name.lowercased()) : true)
        }.map(String.init)
    }

    // MARK: - Cutting

    /// Cut at every full stop but that of a title.
    private static func sentences(_ text: String) -> [String] {
        var sentences: [String] = []
        var sentence = ""
        for character in text {
            if ".?!".contains(character) {
                let last = sentence.split { !$0.isLetter }.last.map { $0.lowercased() } ?? ""
                if character == ".", sentence.last?.isLetter == true, abbreviations.contains(last) {
                    sentence.append(character)
                    sentence.append(" ")
                } else if !sentence.isEmpty {
                    sentences.append(sentence)
                    sentence = ""
                }
            } else {
                sentence.append(character)
            }
        }
        return sentence.isEmpty ? sentences : sentences + [sentence]
    }

    private static func isPlain(_ character: Character) -> Bool {
        character.isLetter || character.isWhitespace || "'’-.".contains(character)
    }

    private static func withoutEdges(_ word: Substring) -> Substring { word.drop { !$0.isLetter } }

    // MARK: - Words

    private static let titles: Set = [
        "aunt", "captain", "doctor", "dr", "madam", "miss", "mr", "mrs", "ms", "prof", "professor", "uncle",
    ]
    private static let abbreviations: Set = ["mr", "mrs", "ms", "dr", "prof", "st"]
    private static let salutations: Set = ["hi", "hello", "hey", "morning", "afternoon", "evening"]
    private static let namesInLy: Set = [
        "beverly", "billy", "carly", "emily", "holly", "kelly", "kimberly", "lily", "molly", "polly", "sally",
        "sely", "shelly", "willy",
    ]

    /// What stands before a name in a greeting, a thank-you, an assent.
    private static let greetingWords = words(
        """
        a afternoon ah and are but bye come congratulations day dear evening excuse fine good goodbye great hello
        hey hi hiya how in listen look lot me meet morning much my nice night no now oh ok okay on pardon please
        really right see seeing so sorry sure thank thanks there to very welcome well wow yeah yep yes you
        """)

    /// Words that are written with a capital where a sentence begins, and other words in capitals that are no names of
    /// people.
    private static let openings = words(
        """
        absolutely actually africa after again against agreed aha all almost along already alright also although
        always amazing america american among an any anything anyway apart april around as asia aside at august
        australia awesome baby because before behind beijing below beside besides between beyond bingo boston both
        boy british buddy by bye-bye california can canada cd cheer cheers chicago china chinese christ christmas
        congrats cool could course dad daddy damn darling deal december definitely despite did do does don't done
        dude during dvd each eh eight either else england english enjoy enough er err europe even ever every
        everybody everyone everything exactly excellent except father february finally first five florida folks for
        four france french friday from gee gentlemen german germany get give go god good-bye goodness gosh grandma
        grandpa granny guess guys had half has have hawaii he heaven heavens help hence her here his hm hmm honestly
        honey hooray hope however huh hundred hurry i i'd i'll i'm i've if imagine indeed india inside instead
        interesting internet is it it's italy its january japan japanese jesus july june just kids know ladies last
        later let let's like london love ma'am maam madam man many march marvelous may maybe meanwhile mexico might
        mine miss mister mm mmm mom mommy monday more moreover most mother mum must nah near need neither never next
        nine nobody none nope nor not nothing november nowadays october of off officer often ok-ay once one only
        onto ooh oregon otherwise ouch our out outside over pal paris passport pc per perfect perhaps phew plus
        quite rather ready regarding regardless relax remember russia same saturday say second september seriously
        set seven shall shanghai she should since sir six some somehow something sometimes somewhere son soon spain
        spanish speaking still stop sunday sweetheart sweetie take taxi tell ten terrific texas that that's the
        their then therefore these they think third this those though three through throughout thursday thus today
        together tokyo tomorrow tonight too toward towards true try tuesday tv twice two uh um under unless unlike
        until upon ur usually via wait waiter waitress want was we wednesday were what what's whatever when where
        whether which while who whose why will wish with within without wonderful would yay yea yesterday yet york
        you'll your yours yuck yup
        """)

    private static func words(_ text: String) -> Set<String> {
        Set(text.split(whereSeparator: \.isWhitespace).map(String.init))
    }
}
