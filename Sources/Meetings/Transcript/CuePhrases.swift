import Language

/// Phrases with which people leave a topic or begin one.
///
/// They come from the data of the utterance's language; in a language without data, only words and speakers count.
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

    /// The cues in the first words of an utterance; a question mark may be anywhere.
    init(in read: ReadUtterance) {
        self = []
        let words = read.reading.words
        for match in read.phrases where match.words.lowerBound < Self.searchedWords {
            let place = match.words.lowerBound
            let beginsSentence = place > 0 && words[place].sentence != words[place - 1].sentence
            switch match.section {
            case .acknowledgement where place == 0: insert(.acknowledgement)
            case .approval where place == 0: insert(.approval)
            case .connective where place < 3: insert(.connective)
            case .resumption where beginsSentence, .acknowledgement where beginsSentence,
                .connective where beginsSentence:
                insert(.resumption)
            default: if let cue = Self.cues[match.section] { insert(cue) }
            }
        }
        if read.utterance.text.contains(where: Self.questionMarks.contains) { insert(.question) }
    }

    /// How many words are searched: later ones say nothing about why somebody began to speak.
    private static let searchedWords = 60

    private static let questionMarks: Set<Character> = ["?", "？", "؟"]

    /// Cues that may be anywhere in the searched words.
    private static let cues: [LanguageData.Section: CuePhrases] = [
        .thanks: .thanks, .now: .now, .transition: .transition, .proposal: .proposal, .agenda: .agenda,
        .ordinal: .ordinal, .questions: .questions, .opening: .opening, .closing: .closing,
        .subject: .subject,
    ]
}
