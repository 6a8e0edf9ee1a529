/// Writes `minutes.md`: the minutes for people.
package struct MarkdownRenderer: Sendable {
    /// Its layout.
    package let template: MinutesTemplate

    /// Makes a renderer.
    package init(template: MinutesTemplate = .standard) { self.template = template }

    /// The document as Markdown, ending in a line feed.
    package func render(_ document: MinutesDocument) -> String { template.render(MarkdownPage(document)) }
}
