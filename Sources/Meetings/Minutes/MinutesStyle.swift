import Summaries

/// How the minutes of a kind of meeting are written: their layout, and what is asked of the model.
package struct MinutesStyle: Sendable, Hashable {
    /// The layout of `minutes.md`.
    package var template: MinutesTemplate
    /// What the model is asked for; ``SummaryStyle/asks`` is the template's.
    package let summaries: SummaryStyle

    /// Makes a style: `language` is the one that a model is told to write in, nil for that of the transcript.
    package init(
        template: MinutesTemplate = .standard, language: String? = nil, vocabulary: Vocabulary = .none
    ) {
        self.template = template
        summaries = SummaryStyle(asks: template.asks, language: language, vocabulary: vocabulary)
    }

    /// Standard minutes in the language of the transcript.
    package static let standard = MinutesStyle()
}
