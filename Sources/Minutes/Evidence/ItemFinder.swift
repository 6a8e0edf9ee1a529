import Language
import Transcript

/// Finds decisions, action items and open questions by the phrases that people use for them (English).
///
/// It quotes and does not reword, so nothing can be invented; what is put in other words is not found.
public struct ItemFinder: Sendable {
    /// Shorter sentences point to something else ("I'll do it").
    static let leastWords = 5
    private static let mostWords = 40

    /// Those who speak in the meeting, by their names in lower case.
    private let speakers: [String: String]

    /// Makes a finder for a meeting in which `speakers` speak.
    public init(speakers: some Sequence<String>) {
        self.speakers = Dictionary(speakers.map { ($0.lowercased(), $0) }) { first, _ in first }
    }

    /// What `utterances` bring, in order; the first has the sequence number `first`.
    public func items(in utterances: [Utterance], first: Int) -> [MinutesItem] {
        var seen: Set<String> = []
        return utterances.enumerated().flatMap { offset, utterance in
            Sentences.of(utterance.text).compactMap { sentence in
                item(
                    sentence, by: utterance.speaker,
                    citation: .init(utterance, number: first + offset))
            }
        }.filter { seen.insert(AnswerCleaner.normalised($0.text)).inserted }
    }

    private func item(
        _ sentence: String, by speaker: String?, citation: Statement.Citation
    ) -> MinutesItem? {
        let text = Self.withoutFillers(sentence)
        let count = text.wordCount
        guard count >= Self.leastWords, count <= Self.mostWords else { return nil }
        let words = " " + TextWords.lines(text).joined().joined(separator: " ") + " "
        if Self.openings.contains(where: words.contains) {
            return MinutesItem(kind: .question, text: text, isQuoted: true, citation: citation)
        }
        if let owner = owner(words, text: text, by: speaker) {
            return MinutesItem(
                kind: .action, text: text, isQuoted: true, owner: owner.name,
                due: DateMentions.dueDate(in: text),
                citation: citation)
        }
        let isAsked = text.hasSuffix("?")
        guard !isAsked, !Self.doubts.contains(where: words.contains),
            Self.agreements.contains(where: words.contains)
        else { return nil }
        return MinutesItem(kind: .decision, text: text, isQuoted: true, citation: citation)
    }

    /// Somebody; nobody knows who where the transcript names no speaker.
    private struct Owner {
        var name: String?
    }

    /// Who takes on what the sentence says; nil if it is no promise and no request to somebody.
    private func owner(_ words: String, text: String, by speaker: String?) -> Owner? {
        let hasDue = DateMentions.dueDate(in: text) != nil
        let verbs = Set(words.split(separator: " ").map(String.init)).intersection(Self.deeds)
        guard !verbs.isEmpty, !Self.doubts.contains(where: words.contains) else { return nil }
        if !text.hasSuffix("?"), let promise = Self.promises.first(where: words.contains),
            let after = words.firstRange(of: promise)?.upperBound, Self.beginsWithDeed(words[after...])
        {
            return Owner(name: speaker)
        }
        // Who is called first: "Jonas writes one page, and Celeste sends it" is Jonas's turn.
        let called = speakers.compactMap { key, name -> (place: String.Index, rest: String, name: String)? in
            let spelled = " \(TextWords.lines(key).joined().joined(separator: " ")) "
            guard name != speaker, spelled.utf8.count > 3, let range = words.firstRange(of: spelled) else {
                return nil
            }
            return (range.lowerBound, " " + words[range.upperBound...], name)
        }.sorted { ($0.place, $0.name) < ($1.place, $1.name) }
        for (_, rest, name) in called {
            // "Jonas, can you send it", "Jonas writes one page", "Jonas will call".
            if rest.split(separator: " ").first.map({ Self.told.contains(String($0)) }) == true {
                return Owner(name: name)
            }
            let isAsked = Self.requests.contains { rest.hasPrefix($0) }
            if isAsked, hasDue || Self.deeds.contains(where: { rest.contains(" \($0) ") }) {
                return Owner(name: name)
            }
        }
        return nil
    }

    private static func beginsWithDeed(_ words: Substring) -> Bool {
        words.split(separator: " ").prefix(2).contains { deeds.contains(String($0)) }
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
    private static let promises = [
        " i ll ", " i will ", " i m going to ", " i am going to ", " i can ", " let me ", " we ll ",
        " we will ",
    ]
    private static let requests = [
        " can you ", " could you ", " will you ", " would you ", " please ", " you ll ", " you will ",
    ]
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
    private static let agreements = [
        " we agreed ", " we ve agreed ", " we are agreed ", " agreed that ", " we decided ",
        " we ve decided ",
        " have decided ", " is decided ", " s decided ", " let s go with ", " we ll go with ",
        " we re going with ",
        " we go with ", " moves to ", " moved to ", " we go down ", " stay as they are ", " stays as it is ",
        " we don t change ", " we keep ", " we ll keep ", " let s keep ", " let s use ", " we ll use ",
        " we re using ",
        " is settled ", " s settled ", " the decision is ", " is approved ", " are approved ",
        " is off the table ",
        " are out of ", " we go back to ", " we ll bear ", " we won t ", " is confirmed ",
    ]
    private static let doubts = [
        " never decided ", " not decided ", " if we ", " should we ", " maybe ", " i think we ",
        " haven t decided ",
        " didn t ", " shall we ", " could ", " i can t ", " take that as ", " i mean ",
    ]
    private static let openings = [
        " stays open ", " remains open ", " open question ", " never decided ", " not decided ",
        " haven t decided ",
        " to be decided ", " have to find out ", " need to find out ", " has to find out ",
        " don t know yet ",
        " still unclear ", " not clear yet ", " nobody knows ", " take that offline ", " we ll come back to ",
    ]
}
