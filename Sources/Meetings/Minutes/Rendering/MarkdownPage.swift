import Foundation
import Summaries

/// The values that a template of the minutes can name: the parts of a document, ready for Markdown.
///
/// All texts are escaped (``MarkdownText``). An empty list is nil, so that a template can leave out its heading with
/// it: `{{#decisions}}## Decided {{#items}}- {{text}}{{/items}}{{/decisions}}`.
struct MarkdownPage: TemplateScope {
    /// A list that is not empty.
    struct List: TemplateScope {
        let count: Int
        let items: [TemplateValue]
    }

    /// A sentence that was said or written, and where it comes from.
    struct Line: TemplateScope {
        let text: String
        /// The person who said it.
        let speaker: String?
        /// The times or turns at which it was said.
        let place: String
        /// The person who is going to do it.
        let owner: String?
        /// The time by which it is to be done.
        let due: String?
        /// The text, followed by the speaker and the place.
        let cited: String
        /// The text, followed by the place.
        let placed: String
        /// The text, followed by the due time and the place.
        let dated: String
        /// The owner and the text, followed by the due time, the speaker and the place.
        let task: String
        /// Whether it is an item that is ticked off; then `cited`, `placed`, `dated` and `task` begin with `[x]`.
        let isDone: Bool
    }

    struct Exchange: TemplateScope {
        let question: String
        let asker: String?
        let answer: String
        let answerer: String?
        let place: String
        /// The asker and the question in bold, followed by the place.
        let asked: String
        /// The answerer and the answer.
        let answered: String
    }

    struct Person: TemplateScope {
        let name: String
        let words: String
        let turns: String
        let share: Int
        /// Their share of the words, as a sentence.
        let shareOfWords: String
        /// Whether this is the last person in the list.
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
        /// Its time and title, or its number if it has no title.
        let heading: String
        /// The summaries of its parts, if there are any.
        let summary: String?
        /// A sentence for each part that could not be summarised.
        let failures: List?
        /// Whether some of it is not summarised yet.
        let isPending: Bool
        /// Whether nothing that was summarised is worth a note.
        let isQuiet: Bool
        /// Whether its summary is also the summary of the whole.
        let isWhole: Bool
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
        /// A sentence that says why there is no summary.
        let noSummary: String?
        /// Whether no sentence of the summary passed the check.
        let isLeftOut: Bool
        /// Quotes, if no sentence of the summary passed the check.
        let quotes: List?
        /// Whether its summary is also the summary of the whole.
        let isWhole: Bool
    }

    /// The labels without arguments, by key.
    let labels: Labels
    let title: String
    /// The title, with what these minutes are about.
    let titleDecisions: String
    let titleMood: String
    /// The meeting's name, if it also has a title.
    let meeting: String?
    let when: String?
    /// Where it was to be.
    let location: String?
    /// Those who were invited and did not speak, or, where it is not known who spoke, all who were invited; and the
    /// label that says which.
    let invited: String?
    let invitedLabel: String
    let isOpen: Bool
    let isEnded: Bool
    let isFinished: Bool
    /// The state of the minutes, as a sentence.
    let state: String
    /// Who spoke, each with their share of the words.
    let who: String?
    /// Who spoke, each with their share, words and turns.
    let whoSpokeHowMuch: String?
    let people: List?
    /// The summary of the whole meeting.
    let summary: String?
    /// Whether no sentence passed the check, neither of the summary nor of the parts' summaries in its place.
    let isLeftOut: Bool
    /// The sentence that takes the place of a missing summary.
    let noSummary: String
    /// The sentence that says most.
    let highlight: TemplateValue?
    /// The sentences of the parts' summaries.
    let points: List?
    let decisions: List?
    /// The number of decisions, as a sentence.
    let decidedCount: String
    let actions: List?
    let questions: List?
    /// What earlier meetings of the series have left open.
    let stillOpen: List?
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
    /// Whether everything is in the speakers' own words because no model was used.
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
