import Foundation
import Summaries

/// What a template of the minutes can name: a document in pieces, ready for Markdown.
///
/// All texts are escaped (``MarkdownText``). A list is nil if it is empty, so that a template can leave out its heading
/// with it: `{{#decisions}}## Decided {{#items}}- {{text}}{{/items}}{{/decisions}}`.
struct MarkdownPage: TemplateScope {
    /// Some of a kind.
    struct List: TemplateScope {
        let count: Int
        let items: [TemplateValue]
    }

    /// Something that was said or written, and where it comes from.
    struct Line: TemplateScope {
        let text: String
        /// Who said it.
        let speaker: String?
        /// Where: times, or turns.
        let place: String
        /// Who is going to do it.
        let owner: String?
        /// By when.
        let due: String?
        /// The text, with the speaker and the place behind it.
        let cited: String
        /// The text, with the place behind it.
        let placed: String
        /// The text, with the time by which and the place behind it.
        let dated: String
        /// Owner and text, with the time by which, the speaker and the place behind it.
        let task: String
    }

    struct Exchange: TemplateScope {
        let question: String
        let asker: String?
        let answer: String
        let answerer: String?
        let place: String
        /// The asker and the question in bold, with the place behind it.
        let asked: String
        /// The answerer and the answer.
        let answered: String
    }

    struct Person: TemplateScope {
        let name: String
        let words: String
        let turns: String
        let share: Int
        /// How much of the words they said, as a sentence.
        let shareOfWords: String
        /// Whether nobody follows in the list.
        let isLast: Bool
        let actions: List?
        let done: List?
        let next: List?
        let blocked: List?
        let quotes: List?
        let agreements: List?
        let praise: List?
        let concerns: List?
        let objections: List?
        let wishes: List?
        let hasProgress: Bool
        let hasTone: Bool
    }

    struct Topic: TemplateScope {
        let number: Int
        let title: String?
        let time: String?
        /// Its time and title; a number in the place of a title that it lacks.
        let heading: String
        /// Its parts' summaries, if there is one.
        let summary: String?
    }

    struct Part: TemplateScope {
        let number: Int
        let title: String?
        let time: String?
        /// Its number, time and title.
        let heading: String
        let speakers: String?
        let summary: String?
        let isPending: Bool
        let failure: String?
        /// That there is no summary, and why.
        let noSummary: String?
        /// Whether nothing of the summary passed the check.
        let isLeftOut: Bool
        /// What was said, if nothing of the summary passed the check.
        let quotes: List?
        /// Whether the summary of the whole is this one's.
        let isWhole: Bool
    }

    /// Every label without arguments, by its key.
    let labels: Labels
    let title: String
    /// The title, with what the minutes show of the meeting.
    let titleDecisions: String
    let titleMood: String
    /// The meeting's name, if it has a title beside it.
    let meeting: String?
    let when: String?
    let isOpen: Bool
    let isEnded: Bool
    let isFinished: Bool
    /// How far the minutes are, as a sentence.
    let state: String
    /// Who spoke, each with their share of the words.
    let who: String?
    /// Who spoke, each with their share, words and turns.
    let whoSpokeHowMuch: String?
    let people: List?
    /// Of the whole meeting.
    let summary: String?
    /// Whether nothing of the summary, nor of the parts' in its place, passed the check.
    let isLeftOut: Bool
    /// What stands in the place of a summary that there is none of.
    let noSummary: String
    /// The sentence that says most.
    let highlight: TemplateValue?
    /// What the parts' summaries say.
    let points: List?
    let decisions: List?
    /// How many decisions there are, as a sentence.
    let decidedCount: String
    let actions: List?
    let questions: List?
    let quotes: List?
    let agreements: List?
    let praise: List?
    let concerns: List?
    let objections: List?
    let wishes: List?
    let exchanges: List?
    let topics: List?
    let parts: List?
    let isEmpty: Bool
    let percent: Int
    let summarisedWords: String
    let words: String
    let summarisedTurns: String
    let turns: String
    /// How much is summarised, in one sentence: with numbers, and without.
    let coverage: String
    let coverageShort: String
    let notes: List?
    let model: String?
    /// Whether what is written are the speakers' own words, since no model had a part in it.
    let isOwnWords: Bool
    let date: String
    /// When the minutes were written, and how they were checked.
    let written: String
    /// ``coverageShort`` and ``written``.
    let ending: String
    /// Who quoted and sorted what was said, and when.
    let quotedBy: String
    let sortedBy: String
}

extension MarkdownPage.List {
    init?(_ items: [some TemplateShown]) {
        guard !items.isEmpty else { return nil }
        self.init(count: items.count, items: items.map(\.templateValue))
    }
}
