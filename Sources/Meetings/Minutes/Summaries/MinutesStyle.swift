/// How the minutes of a kind of meeting are written: their layout, their language, the terms of the field.
package struct MinutesStyle: Sendable, Hashable {
    /// The layout of `minutes.md`, and what it asks of the model.
    package var template: MinutesTemplate
    /// The language that a model is told to write in, such as `German`; nil for that of the transcript.
    package var language: String?
    /// Terms, which are put right in what was said before anything is made of it.
    package var vocabulary: Vocabulary

    /// Makes a style.
    package init(
        template: MinutesTemplate = .standard, language: String? = nil, vocabulary: Vocabulary = .none
    ) {
        self.template = template
        self.language = language
        self.vocabulary = vocabulary
    }

    /// Standard minutes in the language of the transcript.
    package static let standard = MinutesStyle()
}
