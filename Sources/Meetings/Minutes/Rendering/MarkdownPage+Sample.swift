import Language
import Summaries

extension MarkdownPage {
    /// A page that has everything: what templates are checked against.
    static let sample: MarkdownPage = {
        let line = Line(
            text: "text", speaker: "Ann", place: "0:00:00", owner: "Ann", due: "by Friday", cited: "text",
            placed: "text", dated: "text", task: "text", isDone: true
        ).templateValue
        let lines = List(count: 1, items: [line])
        let person = Person(
            name: "Ann", words: "1 word", turns: "1 turn", share: 100, shareOfWords: "all", isLast: true,
            actions: lines, done: lines, next: lines, blocked: lines, quotes: lines, agreements: lines,
            praise: lines, concerns: lines, objections: lines, wishes: lines, hasProgress: true,
            hasTone: true)
        let exchange = Exchange(
            question: "question", asker: "Ann", answer: "answer", answerer: "Bob", place: "0:00:00",
            asked: "question", answered: "answer")
        let topic = Topic(
            number: 1, title: "title", time: "0:00:00 to 0:01:00", heading: "title", summary: "summary",
            failures: lines, isPending: true, isQuiet: true, isWhole: true)
        let part = Part(
            number: 1, title: "title", time: "0:00:00 to 0:01:00", heading: "title", speakers: "Ann, Bob",
            summary: "summary", isPending: true, failure: "reason", noSummary: "reason", isLeftOut: true,
            quotes: lines, isWhole: true)
        return MarkdownPage(
            labels: .of(.english), title: "title", titleDecisions: "title", titleMood: "title",
            meeting: "meeting", when: "1970-01-01", location: "here", invited: "Cat",
            invitedLabel: "label", isOpen: true, isEnded: true, isFinished: true,
            state: "state", who: "Ann", whoSpokeHowMuch: "Ann",
            people: List(count: 1, items: [person.templateValue]),
            summary: "summary", isLeftOut: true, noSummary: "none", highlight: line, points: lines,
            decisions: lines, decidedCount: "1", actions: lines, questions: lines, stillOpen: lines,
            quotes: lines, agreements: lines, praise: lines, concerns: lines, objections: lines,
            wishes: lines,
            exchanges: List(count: 1, items: [exchange.templateValue]),
            topics: List(count: 1, items: [topic.templateValue]),
            parts: List(count: 1, items: [part.templateValue]), isEmpty: true, percent: 100,
            summarisedWords: "1",
            words: "1 word", summarisedTurns: "1", turns: "1 turn", coverage: "all", coverageShort: "all",
            notes: lines, model: "model", isOwnWords: true, date: "1970-01-01", written: "today",
            ending: "today", quotedBy: "today", sortedBy: "today")
    }()
}
