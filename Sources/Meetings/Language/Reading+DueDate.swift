extension Reading {
    /// The words by which the text says when something is due: `by Friday`, `bis Ende April`, `к пятнице`, `金曜までに`;
    /// nil if it does not.
    package var dueDate: String? {
        let lexicon = Lexicon.of(language)
        guard var range = dated(lexicon) else { return nil }
        if !lexicon.dueBehind.isEmpty {
            let rest = text(range.upperBound..<text.utf8.count)
            let blanks = rest.prefix(while: \.isWhitespace)
            if let behind = lexicon.dueBehind.first(where: { rest.dropFirst(blanks.count).hasPrefix($0) }) {
                range = range.lowerBound..<range.upperBound + blanks.utf8.count + behind.utf8.count
            }
        }
        return text(range)
    }

    private func dated(_ lexicon: Lexicon) -> Range<Int>? {
        for date in dates {
            let place = words.partitioningIndex { $0.range.upperBound > date.range.lowerBound }
            if date.key.hasSuffix(":-1") || date.key.hasSuffix(":-2") { continue }
            if place > 0, words.indices.contains(place), lexicon.pastWords.contains(words[place - 1].folded) {
                continue
            }
            let start = start(of: place, lexicon)
            if isDenied(before: start ?? date.range.lowerBound) { continue }
            // A month alone is seldom when something is due.
            guard start != nil || !date.key.hasPrefix("month") || lexicon.language.hasNoBlanks else {
                continue
            }
            return (start ?? date.range.lowerBound)..<end(date.range.upperBound, lexicon)
        }
        // `by the sixth`: a day of a month that needs no name.
        for number in numbers where Int(number.value).map((1...31).contains) == true {
            let place = words.partitioningIndex { $0.range.upperBound > number.range.lowerBound }
            guard isOrdinal(number, place), let start = start(of: place, lexicon), !isDenied(before: start)
            else { continue }
            return start..<end(number.range.upperBound, lexicon)
        }
        return nil
    }

    /// Whether one of the words right before a date denies it, with no mark between: `he can't wait till Monday`.
    ///
    /// Languages that deny behind the date are not understood.
    private func isDenied(before place: Int) -> Bool {
        let next = words.partitioningIndex { $0.range.lowerBound >= place }
        let near = max(0, next - Self.deniedWithin)..<next
        return PhraseBook.of(language).matches(in: self).contains {
            $0.section == .negation && near.contains($0.words.lowerBound)
                && !text(words[$0.words.upperBound - 1].range.upperBound..<place).contains {
                    ".,;:!?".contains($0)
                }
        }
    }

    private static let deniedWithin = 2

    /// Whether a number may be a day of the month: not a plain count (`in two days`), nor a time.
    private func isOrdinal(_ number: NumberMention, _ place: Int) -> Bool {
        guard words.indices.contains(place) else { return false }
        let isLast = place + 1 >= words.count || words[place + 1].sentence != words[place].sentence
        let tail = text(number.range.upperBound..<Swift.min(text.utf8.count, number.range.upperBound + 1))
        if number.isDigits, words[place].range.upperBound > number.range.upperBound {
            // `6th`, not `8B`.
            let rest = text(number.range.upperBound..<words[place].range.upperBound)
            return !rest.contains { $0.isUppercase }
        }
        return tail == "." && number.isDigits || !number.isDigits && isLast && words[place].folded.count > 4
    }

    /// Where the phrase begins that leads to the date at `place`: shortly before it, with nothing but function words
    /// and numbers between.
    private func start(of place: Int, _ lexicon: Lexicon) -> Int? {
        var best: Int?
        var first = place
        while first > 0, place - first < 6,
            words[first - 1].sentence == words[min(place, words.count - 1)].sentence
        {
            first -= 1
            for phrase in lexicon.dueBefore where first + phrase.count <= place {
                if words[first..<first + phrase.count].map(\.folded) == phrase {
                    best = words[first].range.lowerBound
                }
            }
            let isLink =
                words[first].role != .content
                || lexicon.dueBefore.contains { $0.contains(words[first].folded) }
            if !isLink { break }
        }
        return best
    }

    /// Where what belongs to the date ends: numbers and further calendar words, with one function word between.
    private func end(_ end: Int, _ lexicon: Lexicon) -> Int {
        var end = end
        var place = words.partitioningIndex { $0.range.lowerBound >= end }
        while place < words.count, words[place].sentence == words[max(0, place - 1)].sentence {
            var next = place
            if words[next].role == .function, next + 1 < words.count { next += 1 }
            let word = words[next].range
            let isPart =
                numbers.contains { $0.range.overlaps(word) } || dates.contains { $0.range.overlaps(word) }
            guard isPart, text(end..<word.lowerBound).allSatisfy({ !".!?;:,".contains($0) }) else { break }
            (end, place) = (word.upperBound, next + 1)
        }
        // Up to the end of the word: `Freitagabend`, `6th`.
        if let word = words.first(where: { $0.range.contains(end) && $0.range.lowerBound < end }),
            !lexicon.language.hasNoBlanks, lexicon.language != .korean
        {
            end = word.range.upperBound
        }
        return end
    }
}
