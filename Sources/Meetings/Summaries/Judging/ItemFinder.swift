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

        /// Reads the words of a sentence, in which `phrases` were found.
        init(
            _ reading: Language.Reading, words: ArraySlice<Word>, sentence: Int, phrases: [PhraseMatch],
            isQuestion: Bool
        ) {
            guard words.count >= leastWords, words.count <= mostWords else { return }
            func places(_ section: LanguageData.Section) -> [Range<Int>] {
                phrases.filter { $0.section == section }.map(\.words)
            }
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

    /// Creates a finder for a meeting in which `speakers` speak.
    init(speakers: some Sequence<String>, language: LanguageCode) {
        var table: [String: [Speaker]] = [:]
        for name in Set(speakers).sorted() {
            let words = TextReader.read(name, language: language).words.map(\.folded)
            guard let first = words.first, words.count > 1 || first.utf8.count > 1 else { continue }
            table[first, default: []].append(Speaker(name: name, rest: Array(words.dropFirst())))
        }
        self.speakers = table
        self.language = language
    }

    /// The items in utterances, in order; the first utterance has the sequence number `first`.
    ///
    /// By their wording alone, or, if they were `weighed`, above all by what a model makes of them.
    func items(
        in readings: ArraySlice<UtteranceReading>, first: Int, weighed: [WeighedSentence]? = nil,
        context: ContextFinder
    ) -> [MinutesItem] {
        let weights = weighed.map {
            Dictionary($0.map { ($0.place, $0) }, uniquingKeysWith: { one, _ in one })
        }
        var seen: Set<String> = []
        var items: [MinutesItem] = []
        for (offset, reading) in readings.enumerated() {
            for (number, sentence) in reading.sentences.enumerated() {
                let speaker = reading.utterance.speaker
                let asked = calledOn(sentence.item, by: speaker)
                // Who is only named is not asked by the wording; a model may find that they have to act.
                let called = asked ?? (weighed == nil ? nil : named(sentence, by: speaker))
                var kind = called == nil ? sentence.item.kind : .action
                if let weights {
                    let weight = weights[PickPrompt.Place(utterance: offset, sentence: number)]
                    kind = Self.kind(weight, sentence, worded: kind, callsOnSomebody: asked != nil)
                }
                guard let kind, seen.insert(sentence.normalised).inserted else { continue }
                items.append(
                    item(
                        sentence, kind, owner: called ?? speaker,
                        citation: .init(reading.utterance, number: first + offset),
                        before: context.before(offset, sentence: number).nonEmpty))
            }
        }
        return items
    }

    /// The kind of item that a sentence is, as a model weighed it and as it is `worded`; nil if it is none.
    private static func kind(
        _ weight: WeighedSentence?, _ sentence: SentenceReading, worded: MinutesItem.Kind?,
        callsOnSomebody: Bool
    ) -> MinutesItem.Kind? {
        guard let weight, sentence.saysSomething else { return nil }
        var best: (kind: MinutesItem.Kind, ratio: Double)?
        for least in likelihoods {
            // "When do I get the drawings?" asks, and calls on nobody.
            if least.kind != .question, sentence.isQuestion, !callsOnSomebody { continue }
            let ratio = weight[least.label] / (least.kind == worded ? least.worded : least.alone)
            if ratio >= 1, ratio > best?.ratio ?? 0 { best = (least.kind, ratio) }
        }
        return best?.kind
    }

    /// How likely each kind has to be: by the model alone, and where the wording says so too.
    ///
    /// Chosen on meetings that the shipped adapter was not trained on. It takes much that has a date for a decision, so
    /// the wording has to say so too, or it has to be sure.
    private static let likelihoods:
        [(kind: MinutesItem.Kind, label: PickLabel, alone: Double, worded: Double)] = [
            (.decision, .decision, 0.3, 0.015), (.action, .action, 0.2, 0.1),
            (.question, .question, 0.1, 0.03),
        ]

    private func item(
        _ sentence: SentenceReading, _ kind: MinutesItem.Kind, owner: String?, citation: Statement.Citation,
        before: [Statement.Turn]?
    ) -> MinutesItem {
        let reading = sentence.item
        var item = MinutesItem(
            kind: kind, text: sentence.text, isQuoted: true, citation: citation, before: before)
        guard kind == .action else { return item }
        item.owner = owner
        item.due = reading.due ?? TextReader.read(sentence.said, language: language).dueDate
        return item
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
