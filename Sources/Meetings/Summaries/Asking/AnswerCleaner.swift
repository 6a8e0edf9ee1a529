import Language

/// Turns a model's answer into a usable summary, or finds that it is not usable.
struct AnswerCleaner {
    /// What an answer is worth.
    enum Verdict: Equatable {
        /// A summary.
        case good(String)
        /// Something is left after much was taken out: better than nothing.
        case poor(String)
        case unusable
    }

    /// The prompt's own words, as ``TextReader/normalised(_:)`` spells them.
    private let instructions: [String]
    private let speakers: Set<String>
    /// The language that the answer is likely in.
    private let language: LanguageCode
    /// Summaries that stand in the prompt, normalised.
    private let earlier: Set<String>

    init(
        template: PromptTemplate, language: LanguageCode, speakers: Set<String> = [], earlier: [String] = []
    ) {
        self.language = language
        self.earlier = Set(earlier.map(TextReader.normalised))
        instructions = [
            template.instructions, template.windowRequest, template.groupRequest, template.overallRequest,
        ].map(TextReader.normalised)
        self.speakers = speakers
    }

    /// Fewer words say nothing about a meeting.
    static let leastWords = 4

    /// Judges `raw`; `lead` are words that the answer goes on from, `wasCut` if it ended at the token limit.
    func judge(_ raw: String, lead: String = "", wasCut: Bool) -> Verdict {
        guard raw.wordCount > 0 else { return .unusable }
        let raw = lead.asSentenceBeginning + raw
        var lines: [String] = []
        var seen: Set<String> = []
        for line in cutAtTranscript(Self.lines(raw)) where !isCopied(line) {
            let reading = TextReader.read(line, language: language)
            let sentences = reading.sentenceTexts.filter { sentence in
                let key = TextReader.normalised(sentence)
                return key.isEmpty || seen.insert(key).inserted
            }
            // What was not repeated stays as it is, with the blanks that its language has.
            let kept = sentences.count == reading.sentences.count
            let left = kept ? line : sentences.joined(separator: language.hasNoBlanks ? "" : " ")
            let text = Self.withoutLoop(left.split(whereSeparator: \.isWhitespace).joined(separator: " "))
            if text.wordCount > 0 { lines.append(text) }
        }
        // An announcement of which nothing came.
        while lines.last?.hasSuffix(":") == true { lines.removeLast() }
        var text = lines.joined(separator: "\n")
        if wasCut { text = Self.endedWell(text) }
        if let last = text.last, ",;".contains(last) { text = text.dropLast().trimmingBlanks + "." }
        let (before, after) = (raw.wordCount, text.wordCount)
        guard after >= Self.leastWords + lead.wordCount / 2, !isTranscript(lines), !Self.isMonotonous(text)
        else {
            return .unusable
        }
        if earlier.contains(TextReader.normalised(text)) { return .poor(text) }
        // Where most of it was repetition or copy, another try may do better.
        return before > 24 && after * 5 < before * 2 ? .poor(text) : .good(text)
    }

    private static let controlTexts = [
        "<end_of_turn>", "<start_of_turn>", "<turn|>", "<|turn>", "<eos>", "<bos>", "<pad>", "<unk>",
    ]

    /// The answer without reasoning that a model spelled as one writes it in a channel of its own.
    private static func withoutReasoning(_ text: String) -> String {
        var parts = text.split(separator: "<|channel>", omittingEmptySubsequences: false)
        for index in parts.indices.dropFirst() {
            let end = parts[index].firstRange(of: "<channel|>")?.upperBound ?? parts[index].endIndex
            parts[index] = parts[index][end...]
        }
        return parts.joined()
    }

    /// The answer's lines without fences, rules, labels and introductions.
    private static func lines(_ raw: String) -> [String] {
        var text = withoutReasoning(raw)
        for control in controlTexts { text = text.split(separator: control).joined(separator: " ") }
        var result: [String] = []
        for line in text.split(whereSeparator: \.isNewline) {
            var line = line.trimmingBlanks
            if line.hasPrefix("```") || line.wordCount == 0 { continue }
            let isHeading = line.hasPrefix("#")
            line = withoutLabel(line.drop { $0 == "#" }.trimmingBlanks, isHeading: isHeading)
            if result.isEmpty, isIntroduction(line) { continue }
            if !line.isEmpty { result.append(line) }
        }
        return result
    }

    /// `Summary:`, `**Summary of part 3:**` at a line's start say what the heading says already.
    private static func withoutLabel(_ line: String, isHeading: Bool) -> String {
        let bare = line.drop { $0 == "*" || $0 == "_" }
        guard bare.lowercased().hasPrefix("summary") else { return line }
        guard let colon = bare.prefix(48).firstIndex(of: ":") else {
            return isHeading || bare.wordCount == 1 ? "" : line
        }
        return bare[bare.index(after: colon)...].drop { $0 == "*" || $0 == "_" }.trimmingBlanks
    }

    private static func isIntroduction(_ line: String) -> Bool {
        let lowered = line.lowercased()
        return line.hasSuffix(":")
            && ["here", "sure", "okay", "ok,", "certainly", "of course"].contains { lowered.hasPrefix($0) }
    }

    /// A model that goes on with the conversation has ended its summary.
    private func cutAtTranscript(_ lines: [String]) -> [String] {
        guard let first = lines.firstIndex(where: isSpoken), first > 0 else { return lines }
        return Array(lines[..<first])
    }

    private func isSpoken(_ line: String) -> Bool {
        guard let colon = line.prefix(48).firstIndex(of: ":") else { return false }
        return speakers.contains(String(line[..<colon]))
    }

    private func isTranscript(_ lines: [String]) -> Bool {
        lines.count { isSpoken($0) } * 2 > lines.count
    }

    /// A line of five words or more that occurs in the prompt's own text.
    private func isCopied(_ line: String) -> Bool {
        guard line.wordCount >= 5 else { return false }
        let key = TextReader.normalised(line)
        return instructions.contains { $0.contains(key) }
    }

    /// Cuts a phrase that is said three times in a row back to once.
    static func withoutLoop(_ text: String) -> String {
        let reading = TextReader.read(text, language: .undetermined)
        let words = reading.words.map(\.folded)
        for period in 1...12 where words.count >= period * 3 {
            for start in 0...(words.count - period * 3) {
                let first = words[start..<(start + period)]
                guard first.elementsEqual(words[(start + period)..<(start + 2 * period)]),
                    first.elementsEqual(words[(start + 2 * period)..<(start + 3 * period)])
                else { continue }
                // What follows a loop is loop.
                let end = reading.words[start + period].range.lowerBound
                return reading.text(0..<end).trimmingBlanks
            }
        }
        return text
    }

    /// An answer cut at the limit, up to its last whole sentence or list item; else marked as cut.
    private static func endedWell(_ text: String) -> String {
        guard let last = text.last, !".?!…。？！".contains(last) else { return text }
        let end = text.indices.reversed().first { index in
            if text[index] == "\n" { return true }
            guard ".?!…".contains(text[index]) else { return "。？！".contains(text[index]) }
            let next = text.index(after: index)
            return next < text.endIndex && text[next].isWhitespace
        }
        if let end {
            let whole = text[...end].trimmingBlanks
            if whole.wordCount * 2 >= text.wordCount { return whole }
        }
        return text + "…"
    }

    /// Long, but of very few different words.
    private static func isMonotonous(_ text: String) -> Bool {
        let words = TextReader.read(text, language: .undetermined).words.map(\.folded)
        return words.count >= 30 && Set(words).count * 4 < words.count
    }
}
