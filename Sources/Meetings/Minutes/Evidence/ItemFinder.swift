import Language
import Transcript

/// Finds decisions, action items and open questions by the phrases that people use for them (English).
///
/// It quotes and does not reword, so nothing can be invented; what is put in other words is not found.
package struct ItemFinder: Sendable {
    /// Shorter sentences point to something else ("I'll do it").
    static let leastWords = 5
    private static let mostWords = 40

    /// What a sentence may bring by its wording, whoever speaks in the meeting.
    struct Reading: Sendable {
        /// What it is, if nobody is called on in it; an action is then the speaker's.
        private(set) var kind: MinutesItem.Kind?
        /// Its words, if it is something to do for whoever is called on in it.
        private(set) var words: [String] = []
        /// By when that is to be done.
        private(set) var due: String?

        /// Reads `text`, which has `words`; `count` are those that are counted.
        init(_ text: String, words: [String], count: Int) {
            guard count >= leastWords, count <= mostWords else { return }
            let cues = cues.kinds(in: words)
            if cues.contains(.opening) {
                kind = .question
                return
            }
            guard !cues.contains(.doubt) else { return }
            let isAsked = text.hasSuffix("?")
            if words.contains(where: deeds.contains) {
                due = DateMentions.dueDate(in: text)
                if !isAsked, isPromise(words) {
                    kind = .action
                    return
                }
                self.words = words
            }
            if !isAsked, cues.contains(.agreement) { kind = .decision }
        }
    }

    /// Somebody who speaks in the meeting.
    private struct Speaker {
        let name: String
        /// Words of the name after the first one, in lower case.
        let rest: [String]
    }

    /// Those who speak in the meeting, by the first word of their names.
    private let speakers: [String: [Speaker]]

    /// Makes a finder for a meeting in which `speakers` speak.
    package init(speakers: some Sequence<String>) {
        let names = Dictionary(speakers.map { ($0.lowercased(), $0) }) { first, _ in first }
        var table: [String: [Speaker]] = [:]
        for (key, name) in names.sorted(by: { $0.value < $1.value }) {
            let words = Array(TextWords.lines(key).joined())
            guard let first = words.first, words.count > 1 || first.utf8.count > 1 else { continue }
            table[first, default: []].append(Speaker(name: name, rest: Array(words.dropFirst())))
        }
        self.speakers = table
    }

    /// What `utterances` bring, in order; the first has the sequence number `first`.
    package func items(in utterances: [Utterance], first: Int) -> [MinutesItem] {
        items(in: utterances, first: first, readings: utterances.map(UtteranceReading.init))
    }

    /// The same of utterances that were read already.
    func items(in utterances: [Utterance], first: Int, readings: [UtteranceReading]) -> [MinutesItem] {
        var seen: Set<String> = []
        var items: [MinutesItem] = []
        for (offset, (utterance, reading)) in zip(utterances, readings).enumerated() {
            for sentence in reading.sentences {
                guard
                    let item = item(
                        sentence, by: utterance.speaker, citation: .init(utterance, number: first + offset)),
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

    /// Who else is to do what the sentence says; nil if it is nobody.
    private func calledOn(_ reading: Reading, by speaker: String?) -> String? {
        let words = reading.words
        var seen: Set<String> = []
        // Who is called first: "Jonas writes one page, and Celeste sends it" is Jonas's turn.
        for (place, word) in words.enumerated() {
            for other in speakers[word] ?? [] where other.name != speaker {
                let rest = words[(place + 1)...]
                guard rest.starts(with: other.rest), seen.insert(other.name).inserted else { continue }
                // "Jonas, can you send it", "Jonas writes one page", "Jonas will call".
                let asked = rest.dropFirst(other.rest.count)
                if asked.first.map(Self.told.contains) == true { return other.name }
                if Self.requests.contains(where: asked.starts(with:)),
                    reading.due != nil || asked.contains(where: Self.deeds.contains)
                {
                    return other.name
                }
            }
        }
        return nil
    }

    /// Whether the speaker says that he will do something: "I'll send it".
    private static func isPromise(_ words: [String]) -> Bool {
        guard
            let after = promises.lazy.compactMap({ promise in
                words.indices.first { words[$0...].starts(with: promise) }.map { $0 + promise.count }
            }).first
        else { return false }
        return words[after...].prefix(2).contains(where: deeds.contains)
    }

    /// Without "Okay, so," and their like; the first letter in upper case.
    static func withoutFillers(_ sentence: String) -> String {
        var rest = sentence[...]
        while let word = rest.split(separator: " ", maxSplits: 1).first,
            fillers.contains(AnswerCleaner.normalised(String(word))), word.count < rest.count
        {
            rest = rest.dropFirst(word.count).drop { $0 == " " }
        }
        return String(rest).asSentenceBeginning
    }

    private static let fillers: Set = [
        "okay", "ok", "so", "um", "uh", "yeah", "yes", "well", "right", "and", "but", "alright", "great",
        "good", "also",
        "fine", "exactly", "hm", "mm", "oh", "anyway", "then",
    ]
    private static let promises = phrases(
        "i ll", "i will", "i m going to", "i am going to", "i can", "let me", "we ll", "we will")
    private static let requests = phrases(
        "can you", "could you", "will you", "would you", "please", "you ll", "you will")

    private static func phrases(_ phrases: String...) -> [[String]] {
        phrases.map { $0.split(separator: " ").map(String.init) }
    }

    private static let told: Set = [
        "will", "writes", "sends", "calls", "asks", "checks", "prepares", "does", "takes", "brings", "looks",
        "makes",
        "schedules", "updates", "finds", "talks",
    ]
    private static let deeds: Set = [
        "send", "write", "call", "ring", "check", "ask", "find", "prepare", "update", "fix", "schedule",
        "put", "take",
        "look", "talk", "set", "draft", "share", "review", "order", "book", "report", "confirm", "organise",
        "organize",
        "bring", "finish", "test", "add", "email", "contact", "invite", "publish", "announce", "install",
        "collect",
        "writes", "sends", "calls", "asks", "checks", "prepares", "does", "takes", "brings", "looks", "makes",
        "schedules", "updates", "finds", "talks", "do", "get", "give", "go",
    ]
    private enum Cue: Sendable {
        case opening, doubt, agreement
    }

    private static let cues = PhraseTable<Cue>([
        (
            .opening,
            [
                "stays open", "remains open", "open question", "never decided", "not decided",
                "haven t decided", "to be decided", "have to find out", "need to find out", "has to find out",
                "don t know yet", "still unclear", "not clear yet", "nobody knows", "take that offline",
                "we ll come back to",
            ]
        ),
        (
            .doubt,
            [
                "never decided", "not decided", "if we", "should we", "maybe", "i think we",
                "haven t decided", "didn t", "shall we", "could", "i can t", "take that as", "i mean",
            ]
        ),
        (
            .agreement,
            [
                "we agreed", "we ve agreed", "we are agreed", "agreed that", "we decided", "we ve decided",
                "have decided", "is decided", "s decided", "let s go with", "we ll go with",
                "we re going with", "we go with", "moves to", "moved to", "we go down", "stay as they are",
                "stays as it is", "we don t change", "we keep", "we ll keep", "let s keep", "let s use",
                "we ll use", "we re using", "is settled", "s settled", "the decision is", "is approved",
                "are approved", "is off the table", "are out of", "we go back to", "we ll bear", "we won t",
                "is confirmed",
            ]
        ),
    ])
}
