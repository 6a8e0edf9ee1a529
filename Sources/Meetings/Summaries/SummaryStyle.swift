/// What a kind of meeting asks of the model that writes its summaries.
package struct SummaryStyle: Sendable, Hashable {
    /// One more sentence for the requests to a model that can be told what to write; nil for none.
    package var asks: String?
    /// The language that the model is told to write in, such as `German`; nil for that of the transcript.
    package var language: String?
    /// Terms, whose spelling is corrected in the utterances before they are used.
    package var vocabulary: Vocabulary

    /// Asks for nothing in particular by default.
    package init(asks: String? = nil, language: String? = nil, vocabulary: Vocabulary = .none) {
        self.asks = asks
        self.language = language
        self.vocabulary = vocabulary
    }
}
