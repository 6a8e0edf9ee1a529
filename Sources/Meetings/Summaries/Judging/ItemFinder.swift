import Language
import Transcript

/// Finds decisions, action items and open questions by the phrases that people use for them in their language.
///
/// It quotes and does not reword, so nothing can be invented; items in other words are not found.
struct ItemFinder: Sendable {
    /// Shorter sentences point to something else ("I'll do it").
    static let leastWords = 5
    private static let mostWords = 40

    /// The item that a sentence may be by its wording alone, whoever speaks in the meeting.
    struct Reading: Sendable {
        /// The kind of item if the sentence calls on nobody; an action is then the speaker's.
        private(set) var kind: MinutesItem.Kind?
        /// Its words, if it is something to do for whoever is called on in it.
        private(set) var words: [String] = []
        /// Places in ``words`` of those that ask somebody, that say what is done, and that tell somebody to.
        private(set) var (requests, deeds, told): (Set<Int>, Set<Int>, Set<Int>) = ([], [], [])
        /// By when that is to be done.
        private(set) var due: String?
        /// Whether it promises nothing, but asks for something, or says what others do: "Ask for the interpreter".
        private(set) var asks = false

        /// Reads the words of a sentence, in which `phrases` were found.
        init(
            _ reading: Language.Reading, words: ArraySlice<Word>, sentence: Int, phrases: [PhraseMatch],
            isQuestion: Bool
        ) {
            guard words.count >= leastWords, words.count <= mostWords else { return }
            func places(_ section: LanguageData.Section) -> [Range<Int>] {
                phrases.filter { $0.section == section }.map(\.words)
            }
            asks =
                !places(.request).isEmpty && places(.action).allSatisfy(places(.request).contains)
                || LanguageData.of(reading.language).has(.firstPerson) && places(.firstPerson).isEmpty
            if !places(.question).isEmpty {
                kind = .question
                return
            }
            guard places(.doubt).isEmpty else { return }
            // A language without a list of deeds has the deeds in its phrases.
            let namesDeeds = LanguageData.of(reading.language).has(.deed)
            let (deeds, requests) = (places(.deed), places(.request))
            if !namesDeeds || !deeds.isEmpty {
                let text = reading.text(reading.sentences[sentence])
                due = TextReader.read(text, language: reading.language).dueDate
                let promise = places(.action).first { !requests.contains($0) }
                if !isQuestion, let promise,
                    !namesDeeds || deeds.contains(where: { 0..<2 ~= $0.lowerBound - promise.upperBound })
                {
                    kind = .action
                    return
                }
                let first = words.startIndex
                self.words = words.map(\.folded)
                self.requests = Set(requests.map { $0.lowerBound - first })
                self.deeds = Set((namesDeeds ? deeds : requests).map { $0.lowerBound - first })
                told = Set(places(.told).map { $0.lowerBound - first })
            }
            if !isQuestion, !places(.decision).isEmpty { kind = .decision }
        }
    }

    /// Somebody who speaks in the meeting.
    private struct Speaker {
        let name: String
        /// Words of the name after the first one, folded.
        let rest: [String]
    }

    /// Those who speak in the meeting, by the first word of their names.
    private let speakers: [String: [Speaker]]
    private let language: LanguageCode

    /// Creates a finder for a meeting in which `speakers` speak; `invited` are known by their names as well, unless
    /// somebody who speaks has the same first name.
    init(speakers: some Sequence<String>, invited: [String] = [], language: LanguageCode) {
        var table: [String: [Speaker]] = [:]
        func add(_ names: some Sequence<String>, unless taken: Set<String>) {
            for name in Set(names).sorted() {
                let words = TextReader.read(name, language: language).words.map(\.folded)
                guard let first = words.first, words.count > 1 || first.utf8.count > 1, !taken.contains(first)
                else { continue }
                table[first, default: []].append(Speaker(name: name, rest: Array(words.dropFirst())))
            }
        }
        add(speakers, unless: [])
        let taken = Set(table.keys)
        add(invited, unless: taken)
        // One who says nothing is called by the first name, which nobody else must have.
        for (first, known) in table where !taken.contains(first) && known.count == 1 && !known[0].rest.isEmpty
        {
            table[first]?.append(Speaker(name: known[0].name, rest: []))
        }
        self.speakers = table
        self.language = language
    }

    /// The items in utterances, in order; the first utterance has the sequence number `first`, `before` is what was said
    /// right before it.
    ///
    /// By their wording alone, or, if they were `weighed`, above all by what a model makes of them.
    func items(
        in readings: ArraySlice<UtteranceReading>, before: [UtteranceReading] = [], first: Int,
        weighed: [WeighedSentence]? = nil, context: ContextFinder
    ) -> [MinutesItem] {
        let weights = weighed.map {
            Dictionary($0.map { ($0.place, $0) }, uniquingKeysWith: { one, _ in one })
        }
        let all = before + readings
        var found: [Candidate] = []
        for (offset, reading) in readings.enumerated() {
            let around = ItemLikelihood.Surroundings(before.count + offset, of: all)
            for (number, sentence) in reading.sentences.enumerated() {
                let speaker = reading.utterance.speaker
                let asked = calledOn(sentence.item, by: speaker)
                // Who is only named is not asked by the wording; a model may find that they have to act.
                let called = asked ?? (weighed == nil ? nil : named(sentence, by: speaker))
                let worded = asked == nil ? sentence.item.kind : .action
                let place = PickPrompt.Place(utterance: offset, sentence: number)
                if let weights {
                    guard let weight = weights[place], sentence.saysSomething || sentence.isQuestion
                    else { continue }
                    guard
                        let (kind, margin) = Self.kind(
                            weight, sentence, next: reading.sentences.dropFirst(number + 1).first, around,
                            worded: worded, callsOnSomebody: asked != nil, due: due(sentence))
                    else { continue }
                    found.append(Candidate(place: place, kind: kind, margin: margin, owner: called))
                } else if let worded {
                    found.append(Candidate(place: place, kind: worded, margin: 0, owner: called))
                }
            }
        }
        var seen: Set<String> = []
        return (weights == nil ? found : Self.apart(found)).compactMap { candidate in
            let (utterance, number) = (candidate.place.utterance, candidate.place.sentence)
            let reading = readings[readings.startIndex + utterance]
            let sentence = reading.sentences[number]
            // "The city promised sand and says nothing now. Do we wait then?"
            let needsLead =
                weights != nil && !sentence.saysSomething && number > 0
                && reading.sentences[number - 1].saysSomething
            let start = needsLead ? number - 1 : number
            let key = reading.sentences[start...number].map(\.normalised).joined(separator: " ")
            guard seen.insert(key).inserted else { return nil }
            return item(
                reading, start..<number + 1, candidate.kind,
                owner: candidate.owner ?? (sentence.item.asks ? nil : reading.utterance.speaker),
                citation: .init(reading.utterance, number: first + utterance),
                before: context.situation(of: utterance, start..<number + 1).nonEmpty)
        }
    }

    /// A sentence that may be an item, and by how much.
    private struct Candidate {
        let place: PickPrompt.Place
        let kind: MinutesItem.Kind
        let margin: Double
        let owner: String?
    }

    /// Of decisions, and of open questions, that are a few turns apart the likeliest.
    ///
    /// People settle one matter in several turns; who reads back what was decided says it in one.
    private static func apart(_ candidates: [Candidate]) -> [Candidate] {
        var kept: [Candidate] = []
        for one in candidates.sorted(by: { ($1.margin, $0.place) < ($0.margin, $1.place) }) {
            let repeats = kept.contains {
                $0.kind == one.kind && one.kind != .action
                    && (1...oneMatter).contains(abs($0.place.utterance - one.place.utterance))
            }
            if !repeats { kept.append(one) }
        }
        return kept.sorted { $0.place < $1.place }
    }

    /// So many turns settle one matter.
    private static let oneMatter = 2

    /// The kind of item that a sentence is, as a model weighed it and as it is `worded`, and by how much; nil if none.
    private static func kind(
        _ weight: WeighedSentence, _ sentence: SentenceReading, next: SentenceReading?,
        _ around: ItemLikelihood.Surroundings, worded: MinutesItem.Kind?, callsOnSomebody: Bool, due: String?
    ) -> (kind: MinutesItem.Kind, margin: Double)? {
        let isLeftOpen = ItemLikelihood.question(weight, sentence, around)
        let decides = ItemLikelihood.decision(weight, sentence, next: next, around)
        let action = ItemLikelihood.action(weight, isWorded: worded == .action, isDue: due != nil)
        // "When do I get the drawings?" asks, and calls on nobody.
        let acts = sentence.saysSomething && action >= 0 && (callsOnSomebody || !sentence.isQuestion)
        if acts, callsOnSomebody, weight[.action] >= weight[.question] { return (.action, action) }
        if isLeftOpen >= 0, isLeftOpen > decides { return (.question, isLeftOpen) }
        let isWorded = sentence.cues.contains(.decision) && weight[.action] < sureAction
        let isAction = acts && !isWorded && weight[.action] >= weight[.decision]
        if sentence.saysSomething, decides >= 0, !isAction { return (.decision, decides) }
        return acts ? (.action, action) : nil
    }

    /// What is surely to do stays so, though "it is confirmed" stands in it.
    private static let sureAction = 0.7

    /// An item in the words of the last of some `sentences` of an utterance.
    private func item(
        _ reading: UtteranceReading, _ sentences: Range<Int>, _ kind: MinutesItem.Kind, owner: String?,
        citation: Statement.Citation, before: [Statement.Turn]?
    ) -> MinutesItem {
        let sentence = reading.sentences[sentences.upperBound - 1]
        var item = MinutesItem(
            kind: kind, text: reading.quotation(sentences), isQuoted: true, citation: citation, before: before
        )
        guard kind == .action else { return item }
        item.owner = owner
        item.due = due(sentence)
        return item
    }

    /// By when what a sentence says is to be done; nil if it does not say so.
    private func due(_ sentence: SentenceReading) -> String? {
        guard sentence.isCounted else { return sentence.item.due }
        return sentence.item.due ?? TextReader.read(sentence.said, language: language).dueDate
    }

    /// The other person whose name a sentence begins with: "Jonas fixes it by Wednesday".
    private func named(_ sentence: SentenceReading, by speaker: String?) -> String? {
        let words = sentence.normalised.split(separator: " ").map(String.init)
        guard let first = words.first else { return nil }
        return speakers[first]?.first { $0.name != speaker && words.dropFirst().starts(with: $0.rest) }?.name
    }

    /// The person, other than the speaker, who is to do what the sentence says; nil if there is none.
    private func calledOn(_ reading: Reading, by speaker: String?) -> String? {
        let words = reading.words
        var seen: Set<String> = []
        // Who is called first: "Jonas writes one page, and Celeste sends it" is Jonas's turn.
        for (place, word) in words.enumerated() {
            for other in speakers[word] ?? [] where other.name != speaker {
                let rest = words[(place + 1)...]
                guard rest.starts(with: other.rest), seen.insert(other.name).inserted else { continue }
                // "Jonas, can you send it", "Jonas writes one page", "Jonas will call".
                let next = place + 1 + other.rest.count
                if reading.told.contains(next) { return other.name }
                if reading.requests.contains(next),
                    reading.due != nil || reading.deeds.contains(where: { $0 >= next })
                {
                    return other.name
                }
            }
        }
        return nil
    }
}
