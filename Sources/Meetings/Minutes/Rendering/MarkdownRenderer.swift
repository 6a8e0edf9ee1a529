/// Writes `minutes.md`: the minutes for people.
package struct MarkdownRenderer: Sendable {
    /// Its layout.
    package let template: MinutesTemplate

    /// Makes a renderer.
    package init(template: MinutesTemplate = .standard) { self.template = template }

    /// The document as Markdown, ending in a line feed.
    package func render(_ document: MinutesDocument, pieces: MinutesPieces = MinutesPieces()) -> String {
        pieces.prepare(for: document)
        defer { pieces.markdown.endRendering() }
        return template.render(MarkdownPage(document, names: template.names, pieces: pieces.markdown))
    }
}
