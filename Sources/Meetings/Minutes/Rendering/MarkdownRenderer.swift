/// Writes `minutes.md`: the minutes for people.
package struct MarkdownRenderer: Sendable {
    /// The layout.
    package let template: MinutesTemplate

    /// A renderer with a layout.
    package init(template: MinutesTemplate = .standard) { self.template = template }

    /// The document as Markdown, ending in a line feed.
    ///
    /// Pieces that `pieces` still has are not rendered again.
    package func render(_ document: MinutesDocument, pieces: MinutesPieces = MinutesPieces()) -> String {
        pieces.prepare(for: document)
        defer { pieces.markdown.endRendering() }
        return template.render(MarkdownPage(document, names: template.names, pieces: pieces.markdown))
    }
}
