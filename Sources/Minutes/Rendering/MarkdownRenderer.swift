/// Writes `minutes.md`: the minutes for people.
public struct MarkdownRenderer: Sendable {
    /// Its layout.
    public let template: MinutesTemplate

    /// Makes a renderer.
    public init(template: MinutesTemplate = .standard) { self.template = template }

    /// The document as Markdown, ending in a line feed.
    public func render(_ document: MinutesDocument) -> String { template.render(MarkdownPage(document)) }
}
