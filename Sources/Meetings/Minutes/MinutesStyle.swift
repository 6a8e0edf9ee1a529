import Summaries

/// How the minutes of a kind of meeting are written: their layout, and what is asked of the model.
package struct MinutesStyle: Sendable, Hashable {
    /// The layout of `minutes.md`.
    package var template: MinutesTemplate
    /// What the model is asked for; its ``SummaryStyle/asks`` come from the template.
    package let summaries: SummaryStyle

    /// A style; `language` is the language that the model is told to write in, nil for the transcript's own.
    package init(
        template: MinutesTemplate = .standard, language: String? = nil, vocabulary: Vocabulary = .none
    ) {
        self.template = template
        summaries = SummaryStyle(asks: template.asks, language: language, vocabulary: vocabulary)
    }

    /// Standard minutes in the language of the transcript.
    package static let standard = MinutesStyle()
}
