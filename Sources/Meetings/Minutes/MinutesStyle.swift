import Summaries

/// How the minutes of a kind of meeting are written: their layout, and what is asked of the model.
package struct MinutesStyle: Sendable, Hashable {
    /// The layout of `minutes.md`.
    package var template: MinutesTemplate
    /// The language of headings and the like, by a name; nil for that of the transcript.
    package var language: String?
    /// What the model is asked for; its ``SummaryStyle/asks`` come from the template.
    package private(set) var summaries: SummaryStyle

    /// A style; `language` is the language that the model is told to write in, nil for the transcript's own.
    package init(
        template: MinutesTemplate = .standard, language: String? = nil, vocabulary: Vocabulary = .none
    ) {
        self.template = template
        self.language = language
        summaries = SummaryStyle(asks: template.asks, language: language, vocabulary: vocabulary)
    }

    /// The same in another language and layout; what is nil stays as it is.
    ///
    /// `isTold` says whether the model is told the language.
    package func changed(language: String?, isTold: Bool, template: MinutesTemplate?) -> MinutesStyle {
        var style = self
        if let template {
            style.template = template
            style.summaries.asks = template.asks
        }
        if let language {
            style.language = language
            if isTold { style.summaries.language = language }
        }
        return style
    }

    /// Standard minutes in the language of the transcript.
    package static let standard = MinutesStyle()
}
