import Language

/// The findings in a window, made once: when its summary arrives or is given up.
///
/// Minutes, page and templates show them; none of them is worked out again.
package struct WindowFindings: Sendable, Hashable, Codable {
    /// The language that most of its words are in.
    package var language: LanguageCode
    /// The sentences of its summary with their evidence; nil if no model wrote them.
    package var statements: [Statement]?
    /// Decisions, action items and open questions, in order.
    package var items: [MinutesItem]
    /// What people said of a kind: agreed, worried, wished; in order.
    package var remarks: [Remark]
    /// Sentences that may be quoted, the best first.
    package var quotes: [ScoredQuote]
    /// Questions, each with what somebody else said next, in order.
    package var exchanges: [Exchange]
    /// Where it may turn to other matters; nil if no model told that.
    package var matters: WindowMatters?
    /// The words that its topic, as far as it has come, is named by, the most telling first.
    package var topicWords: [String]
    /// A few words of what was said that its topic, as far as it has come, is named by; nil if none stand out.
    package var topicTitle: String?

    /// Creates findings; those that are not given are empty.
    package init(
        language: LanguageCode, statements: [Statement]? = nil, items: [MinutesItem] = [],
        remarks: [Remark] = [], quotes: [ScoredQuote] = [], exchanges: [Exchange] = [],
        matters: WindowMatters? = nil, topicWords: [String] = [], topicTitle: String? = nil
    ) {
        self.language = language
        self.statements = statements
        self.items = items
        self.remarks = remarks
        self.quotes = quotes
        self.exchanges = exchanges
        self.matters = matters
        self.topicWords = topicWords
        self.topicTitle = topicTitle
    }
}

/// An item as a model states it, before it is compared with what was said.
package struct StatedItem: Sendable, Hashable {
    package var kind: MinutesItem.Kind
    package var text: String
    /// Who is going to do it; nil if the model names nobody.
    package var owner: String?
    /// By when; nil if the model names no date.
    package var due: String?
    /// Places in the window of the turns that the model cites, in order; empty if it cites none.
    package var turns: [Int] = []
}

/// A note as a model states it, before it is compared with what was said.
package struct StatedNote: Sendable, Hashable {
    /// One sentence.
    package var text: String
    /// Places in the window of the turns that the model cites, in order.
    package var turns: [Int]
}
