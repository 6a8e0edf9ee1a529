import Language
import Transcript

/// Finds what a quotation cannot be understood without: what it answers or points back to, and what was said to it
/// that answers it, contradicts it or takes it back.
///
/// It goes by marks and words alone: a question before an answer, `it` or `yes` at a sentence's beginning, `No`, `I
/// meant`. Languages that leave pronouns out are told less by words, and as much by questions.
struct ContextFinder {
    /// What is quoted: sentences of an utterance.
    struct Quotation {
        /// The sentences that are shown, without those around them that say nothing.
        var sentences: Range<Int>
        /// What was said before and after them, in order.
        var (before, after): ([Statement.Turn], [Statement.Turn])
    }

    /// Sentences of an utterance, by its place in ``readings``.
    private struct Span {
        var place: Int
        var sentences: Range<Int>
    }

    private let readings: [UtteranceReading]
    /// The sequence number of the first of `readings`.
    private let first: Int
    /// How many of the `readings` are before the window.
    private let offset: Int

    private let matters: MatterFinder

    /// Creates a finder for a window; `before` is what was said right before it, `first` the window's first sequence
    /// number, and `matters` are those that the meeting came to up to its end.
    init(
        _ readings: [UtteranceReading], before: [UtteranceReading], first: Int,
        matters: MatterFinder = MatterFinder()
    ) {
        self.matters = matters
        offset = before.count
        self.readings = before + readings
        self.first = first - offset
    }

    /// The `sentences` of an utterance, given by its number in the window, with their context.
    ///
    /// `free` are those of its sentences that no other quotation shows; all by default.
    func quotation(of utterance: Int, _ sentences: Range<Int>, free: Range<Int>? = nil) -> Quotation {
        let utterance = utterance + offset
        let (shown, before) = shown(of: utterance, sentences, free: free)
        return Quotation(
            sentences: shown, before: led(before.map(turn), utterance, shown.lowerBound),
            after: reply(to: utterance, shown).map(turn))
    }

    /// What was said right before `sentences` of an utterance, given by its number in the window, behind what brought
    /// up its matter.
    ///
    /// Who reads a list has nothing around a line: it takes more than what the line itself points to. Readers who were
    /// shown so much understood more than half of the lines that they had not understood before.
    func situation(of utterance: Int, _ sentences: Range<Int>) -> [Statement.Turn] {
        let utterance = utterance + offset
        var words = readings[utterance].sentences[sentences].reduce(0) { $0 + $1.wordCount }
        var spans: [Span] = []
        var end = sentences.lowerBound
        for place in (max(0, utterance - Self.situationReach)...utterance).reversed() {
            let own = readings[place].sentences
            if place < utterance { end = own.count }
            while end > 0, own[end - 1].isBare || own[end - 1].isBrokenOff { end -= 1 }
            var start = end
            while start > 0, words < Self.situationWords,
                words + own[start - 1].wordCount <= Self.situationWords + Self.mostWords
            {
                start -= 1
                words += own[start].wordCount
            }
            let isCutOff = start > 0
            while start < end, own[start].isBare { start += 1 }
            if start < end { spans.append(Span(place: place, sentences: start..<end)) }
            if isCutOff || words >= Self.situationWords { break }
        }
        let turns = spans.reversed().map(turn)
        let opening = matters.turns(before: sentences.lowerBound, of: utterance + first)
        // What was said of the matter before is left out.
        guard let first = opening.first else { return turns }
        guard let same = turns.firstIndex(where: { $0.citation.utterance >= first.citation.utterance }) else {
            return opening
        }
        let about = Array(turns[same...])
        return about[0].citation.utterance == first.citation.utterance && about[0].text.contains(first.text)
            ? about : opening + about.filter { $0.citation.utterance > first.citation.utterance }
    }

    /// A line and what is said before it have so many words together, and what is said before it reaches back so far.
    private static let (situationWords, situationReach) = (60, 5)

    /// What is shown before a sentence, behind what brought up its matter.
    private func led(_ before: [Statement.Turn], _ utterance: Int, _ sentence: Int) -> [Statement.Turn] {
        let first = before.first?.citation.utterance ?? utterance + self.first + 1
        return matters.turns(before: sentence, of: utterance + self.first).filter {
            $0.citation.utterance < first
        } + before
    }

    // MARK: Before

    /// The sentences that are shown of some, and what they answer or point back to.
    private func shown(
        of utterance: Int, _ sentences: Range<Int>, free: Range<Int>?
    ) -> (sentences: Range<Int>, before: [Span]) {
        let own = readings[utterance].sentences
        let telling = sentences.first { !own[$0].isBare } ?? sentences.lowerBound
        var start = telling
        var lead: Span?
        if own[..<telling].contains(where: { !$0.isBare }) {
            lead = own[telling].pointsBack ? earlier(in: utterance, before: telling) : nil
            if let place = lead?.sentences.lowerBound, let free, place < free.lowerBound { lead = nil }
        } else if let answered = asked(before: utterance) {
            // Bare as it is, "Nineteen." or "Yes." is the answer.
            (start, lead) = (sentences.lowerBound, answered)
        } else if own[telling].pointsBack {
            lead = pointedAt(before: utterance)
        }
        var end =
            (sentences.last { !own[$0].isBare && !own[$0].isAside && !own[$0].isBrokenOff } ?? telling) + 1
        end = max(end, telling + 1)
        // "They are too narrow, all of them. Not all, seven of twelve."
        let most = free?.upperBound ?? own.count
        while end < most, own[end].objects, own[end].wordCount <= Self.mostWords { end += 1 }
        let words = own[start..<end].reduce(0) { $0 + $1.wordCount }
        return (start..<end, lead.map { words < Self.fewWords ? chain($0) : [$0] } ?? [])
    }

    /// Longer turns are shown by their last sentences.
    private static let mostWords = 32
    /// What is longer says itself what its lead is about.
    private static let fewWords = 20
    /// So many turns that say nothing may lie between.
    private static let mostBare = 2
    /// What a lead points back to itself may have been said so many turns before.
    private static let reach = 3

    /// The sentence of the same utterance that those from `sentence` on go on from.
    private func earlier(in utterance: Int, before sentence: Int) -> Span? {
        let own = readings[utterance].sentences
        guard let place = (0..<sentence).last(where: { own[$0].saysSomething }), sentence - place <= 2,
            own[place].wordCount <= Self.mostWords
        else { return nil }
        return Span(place: utterance, sentences: place..<sentence)
    }

    /// The last turn before an utterance that says something; nil if it is too far away.
    private func previous(_ utterance: Int) -> Int? {
        let near = max(0, utterance - 1 - Self.mostBare)..<utterance
        return near.last { !readings[$0].isBare }
    }

    /// The question of somebody else that an utterance may answer.
    private func asked(before utterance: Int) -> Span? {
        guard utterance > 0, let place = previous(utterance),
            readings[place].utterance.speaker != readings[utterance].utterance.speaker,
            let question = readings[place].sentences.lastIndex(where: \.isQuestion),
            readings[place].sentences[(question + 1)...].allSatisfy(\.isBare)
        else { return nil }
        return ending(place, at: question + 1, must: question)
    }

    /// The end of what was said before an utterance that points back to it.
    private func pointedAt(before utterance: Int) -> Span? {
        guard utterance > 0, let place = previous(utterance),
            let telling = readings[place].sentences.lastIndex(where: { !$0.isBare })
        else { return nil }
        return ending(place, at: readings[place].sentences.count, must: telling)
    }

    /// The sentences of a turn before `end`: all, if they are short, else as many from `must` back as are needed.
    private func ending(_ place: Int, at end: Int, must: Int) -> Span? {
        let own = readings[place].sentences
        func words(from start: Int) -> Int { own[start..<end].reduce(0) { $0 + $1.wordCount } }
        var start = must
        guard words(from: start) <= 2 * Self.mostWords else { return nil }
        while start > 0, own[start].pointsBack || words(from: 0) <= Self.mostWords,
            words(from: start - 1) <= Self.mostWords
        {
            start -= 1
        }
        while start < must, own[start].isBare { start += 1 }
        return Span(place: place, sentences: start..<end)
    }

    /// A lead, behind what it points back to itself: the nearest sentence before it that stands alone.
    ///
    /// Looking further, for where the matter came up first, was tried: it found the wrong matter more often.
    private func chain(_ lead: Span) -> [Span] {
        let own = readings[lead.place].sentences
        let start = lead.sentences.lowerBound
        guard own[start].pointsBack else { return [lead] }
        if own[..<start].contains(where: { !$0.isBare }) {
            guard let first = earlier(in: lead.place, before: start)?.sentences.lowerBound else {
                return [lead]
            }
            return [Span(place: lead.place, sentences: first..<lead.sentences.upperBound)]
        }
        for place in (max(0, lead.place - Self.reach)..<lead.place).reversed() {
            let found = readings[place].sentences.lastIndex {
                $0.saysSomething && !$0.pointsBack && $0.wordCount <= Self.mostWords
            }
            if let found { return [Span(place: place, sentences: found..<found + 1), lead] }
        }
        return [lead]
    }

    // MARK: After

    /// So many turns later somebody may still take back what they said.
    private static let correctionReach = 8

    /// What was said to the `sentences` of an utterance that a reader has to know.
    private func reply(to utterance: Int, _ sentences: Range<Int>) -> [Span] {
        let own = readings[utterance].sentences
        let speaker = readings[utterance].utterance.speaker
        let next = utterance + 1
        if own[sentences.upperBound...].allSatisfy({ $0.isBare || $0.isAside }),
            readings.indices.contains(next),
            readings[next].utterance.speaker != speaker
        {
            if own[sentences.upperBound - 1].isQuestion, let answer = beginning(next, at: 0) {
                return [answer]
            }
            let place = readings[next].isBare ? next + 1 : next
            if readings.indices.contains(place), readings[place].utterance.speaker != speaker,
                readings[place].sentences.first(where: { !$0.isBare })?.objects == true,
                let objection = beginning(place, at: 0)
            {
                // What comes of it may be said in the next turn.
                let answer = place + 1
                guard readings.indices.contains(answer), readings[answer].utterance.speaker == speaker,
                    let answered = beginning(answer, at: 0)
                else { return [objection] }
                return [objection, answered]
            }
        }
        return correction(of: utterance, sentences).map { [$0] } ?? []
    }

    /// Where somebody corrects what the `sentences` say.
    private func correction(of utterance: Int, _ sentences: Range<Int>) -> Span? {
        let said = stems(Span(place: utterance, sentences: sentences))
        for place in readings[utterance...].prefix(Self.correctionReach + 1).indices {
            let first = place == utterance ? sentences.upperBound : 0
            let isOwn = readings[place].utterance.speaker == readings[utterance].utterance.speaker
            for (number, sentence) in readings[place].sentences.enumerated().dropFirst(first)
            where sentence.corrects {
                let next = min(number + 2, readings[place].sentences.count)
                let about = stems(Span(place: place, sentences: number..<next))
                if !said.isDisjoint(with: about) || isOwn && place - utterance <= 2 {
                    return beginning(place, at: number)
                }
            }
        }
        return nil
    }

    private func stems(_ span: Span) -> Set<String> {
        readings[span.place].stems(of: span.sentences)
    }

    /// The sentences of a turn from `start` on, as far as they are short.
    private func beginning(_ place: Int, at start: Int) -> Span? {
        let own = readings[place].sentences
        guard own.indices.contains(start) else { return nil }
        var end = start + 1
        var words = own[start].wordCount
        while end < own.count, words + own[end].wordCount <= Self.mostWords {
            words += own[end].wordCount
            end += 1
        }
        while end > start + 1, own[end - 1].isBare || own[end - 1].isAside || own[end - 1].isBrokenOff {
            end -= 1
        }
        guard words <= 2 * Self.mostWords, !readings[place].quotation(start..<end).isEmpty else { return nil }
        return Span(place: place, sentences: start..<end)
    }

    private func turn(_ span: Span) -> Statement.Turn {
        Statement.Turn(
            text: readings[span.place].quotation(span.sentences),
            citation: .init(readings[span.place].utterance, number: first + span.place))
    }
}

extension UtteranceReading {
    /// Whether nothing in it says anything: "Okay. Thanks."
    var isBare: Bool { sentences.allSatisfy(\.isBare) }

    /// The stems of some of its sentences that carry meaning.
    func stems(of sentences: Range<Int>) -> Set<String> {
        Set(read.reading.words.filter { sentences.contains($0.sentence) && $0.carriesMeaning }.map(\.stem))
    }

    /// Some of its sentences as a quotation.
    func quotation(_ sentences: Range<Int>) -> String {
        self.sentences[sentences].map(\.text).joined(separator: read.reading.language.hasNoBlanks ? "" : " ")
    }
}
