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

    /// Creates a finder for a meeting in which `speakers` speak.
    init(speakers: some Sequence<String>, language: LanguageCode) {
        var table: [String: [Speaker]] = [:]
        for name in Set(speakers).sorted() {
            let words = TextReader.read(name, language: language).words.map(\.folded)
            guard let first = words.first, words.count > 1 || first.utf8.count > 1 else { continue }
            table[first, default: []].append(Speaker(name: name, rest: Array(words.dropFirst())))
        }
        self.speakers = table
    }

    /// The items in utterances, in order; the first utterance has the sequence number `first`.
    func items(in readings: ArraySlice<UtteranceReading>, first: Int) -> [MinutesItem] {
        var seen: Set<String> = []
        var items: [MinutesItem] = []
        for (offset, reading) in readings.enumerated() {
            for sentence in reading.sentences {
                guard
                    let item = item(
                        sentence, by: reading.utterance.speaker,
                        citation: .init(reading.utterance, number: first + offset)),
                    seen.insert(sentence.normalised).inserted
                else { continue }
                items.append(item)
            }
        }
        return items
    }

    private func item(
        _ sentence: SentenceReading, by speaker: String?, citation: Statement.Citation
    ) -> MinutesItem? {
        let reading = sentence.item
        let called = calledOn(reading, by: speaker)
        guard let kind = called == nil ? reading.kind : .action else { return nil }
        var item = MinutesItem(kind: kind, text: sentence.text, isQuoted: true, citation: citation)
        guard kind == .action else { return item }
        (item.owner, item.due) = (called ?? speaker, reading.due)
        return item
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
