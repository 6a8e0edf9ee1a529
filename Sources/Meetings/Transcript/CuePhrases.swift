/// Phrases by which people say that they leave a topic, or take one up.
///
/// English; an utterance in another language has no cues, and its words and speakers decide alone.
struct CuePhrases: OptionSet, Sendable, Hashable {
    let rawValue: UInt32

    /// The utterance begins with "okay" or the like.
    static let acknowledgement = CuePhrases(rawValue: 1 << 0)
    /// "So", "well" or "now" is among its first three words.
    static let connective = CuePhrases(rawValue: 1 << 1)
    /// Somebody is thanked.
    static let thanks = CuePhrases(rawValue: 1 << 2)
    /// "Now".
    static let now = CuePhrases(rawValue: 1 << 3)
    /// "Move on", "turn to".
    static let transition = CuePhrases(rawValue: 1 << 4)
    /// "Let's", "we're going to".
    static let proposal = CuePhrases(rawValue: 1 << 5)
    /// "Agenda", "item", "presentation".
    static let agenda = CuePhrases(rawValue: 1 << 6)
    /// "Next", "first", "finally".
    static let ordinal = CuePhrases(rawValue: 1 << 7)
    /// "Some questions", "the next question".
    static let questions = CuePhrases(rawValue: 1 << 8)
    /// "Good morning", "let me start with".
    static let opening = CuePhrases(rawValue: 1 << 9)
    /// "Any other business", "to sum up".
    static let closing = CuePhrases(rawValue: 1 << 10)
    /// "About", "with regard to".
    static let subject = CuePhrases(rawValue: 1 << 11)
    /// There is a question mark.
    static let question = CuePhrases(rawValue: 1 << 12)

    /// A later sentence begins with "okay", "so" or the like.
    static let resumption = CuePhrases(rawValue: 1 << 13)
    /// The utterance begins with "good", "perfect" or the like.
    static let approval = CuePhrases(rawValue: 1 << 14)

    /// All, in the order of their bits.
    static let all = (0..<15).map { CuePhrases(rawValue: 1 << $0) }

    init(rawValue: UInt32) { self.rawValue = rawValue }

    /// Those in the first sixty words of `text`; a question mark may stand anywhere.
    init(in text: String) {
        let words = Self.words(text)
        self = []
        if let first = words.first?.word {
            if Self.acknowledgements.contains(first) { insert(.acknowledgement) }
            if Self.approvals.contains(first) { insert(.approval) }
        }
        if words.prefix(3).contains(where: { Self.connectives.contains($0.word) }) { insert(.connective) }
        if words.dropFirst().contains(where: { $0.beginsSentence && Self.resumptions.contains($0.word) }) {
            insert(.resumption)
        }
        if text.contains("?") { insert(.question) }
        for start in words.indices where Self.beginnings.contains(words[start].word) {
            var phrase = words[start].word
            for end in start..<min(words.count, start + Self.longest) {
                if end > start { phrase += " " + words[end].word }
                if let cue = Self.phrases[phrase] { insert(cue) }
            }
        }
    }

    private static func words(_ text: String) -> [(word: String, beginsSentence: Bool)] {
        var words: [(word: String, beginsSentence: Bool)] = []
        var beginsSentence = true
        for spoken in text.split(separator: " ").prefix(60) {
            for part in spoken.lowercased().replacing("’", with: "'").split(whereSeparator: Self.isSeparator)
            {
                let word = part.drop { $0 == "'" }
                guard !word.isEmpty else { continue }
                words.append((String(word), beginsSentence))
                beginsSentence = false
            }
            if let last = spoken.last, ".?!".contains(last) { beginsSentence = true }
        }
        return words
    }

    private static func isSeparator(_ character: Character) -> Bool {
        !character.isLetter && character != "'"
    }

    private static let acknowledgements: Set = ["okay", "ok", "kay", "right", "alright"]
    private static let connectives: Set = ["so", "well", "now"]
    private static let approvals: Set = [
        "good", "great", "perfect", "fine", "lovely", "excellent", "brilliant", "wonderful", "cool", "super",
        "agreed",
    ]
    private static let resumptions = acknowledgements.union(connectives).union([
        "next", "then", "anyway", "anyways",
    ])

    private static let longest = 5

    /// First words of ``phrases``.
    private static let beginnings = Set(
        phrases.keys.compactMap { $0.split(separator: " ").first.map(String.init) })

    private static let phrases: [String: CuePhrases] = {
        let lists: [(CuePhrases, String)] = [
            (.thanks, "thank you, thanks"),
            (.now, "now"),
            (
                .transition,
                """
                move on, moving on, move to, moving to, go on to, on to the, turn to, turning to, go to, over to, \
                go over, back to, on now, now to, come to, get to, switch to, get started, get going, jump to, \
                leave it there, leave that, carry on, continue with, proceed, go ahead with, next up, hand over
                """
            ),
            (
                .proposal,
                """
                let's, let us, shall we, we're going to, we are going to, we're gonna, we will now, we'll now, \
                i'm going to, i'm gonna, i will now, i'd like to, i want to, i wanna, we should, we can, we have to, \
                we need to
                """
            ),
            (
                .agenda,
                """
                agenda, item, items, presentation, presentations, minutes, topic, topics, subject, issue, slide, \
                points, point, business, report, discussion, session
                """
            ),
            (
                .ordinal,
                "next, first, firstly, second, secondly, third, thirdly, final, finally, last, lastly, another"
            ),
            (
                .questions,
                """
                some questions, questions now, questions from, question from, questions on, questions about, \
                supplementary, next questions, question is, my question, last question, final question, \
                question about, next question, next speaker
                """
            ),
            (
                .opening,
                """
                welcome, good morning, good afternoon, good evening, everyone, everybody, apologies, call to order, \
                called to order, kick off, start with, begin with, start off, to start, to begin, the first thing
                """
            ),
            (
                .closing,
                """
                wrap up, wrap it up, to summarise, to summarize, sum up, in summary, to conclude, conclude, \
                next meeting, next time, see you, action items, any other business, anything else, any other, \
                last thing, one more thing, other thing, to recap, finish up, end of the meeting, before we, \
                any questions, any comments, that is it, that's it, that is all, that's all, done, finished
                """
            ),
            (
                .subject,
                """
                about, regarding, concerning, in terms of, as for, speaking of, with regard to, in relation to, \
                discuss, look at, focus on, question of
                """
            ),
        ]
        var phrases: [String: CuePhrases] = [:]
        for (cue, list) in lists {
            for phrase in list.split(separator: ",") {
                phrases[phrase.split(separator: " ").joined(separator: " "), default: []].insert(cue)
            }
        }
        return phrases
    }()
}
