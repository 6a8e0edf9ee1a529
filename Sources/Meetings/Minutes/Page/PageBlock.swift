import Language
import Summaries

/// A paragraph or a list of a summary, with its evidence behind each sentence.
struct PageBlock: TemplateScope {
    /// The paragraph; empty if this is a list or a remark.
    var paragraph = HTMLText(markup: "")
    /// A sentence that comes from this program and not from the minutes; empty if this is no such remark.
    var remark = HTMLText(markup: "")
    /// The list; nil if this is a paragraph or a remark.
    var list: List?

    /// The entries of a list.
    struct List: TemplateScope {
        var entries: [HTMLText]
    }

    /// A remark in place of a summary.
    static func note(_ text: String) -> PageBlock { PageBlock(remark: HTMLText(escaping: text)) }

    /// The grounded `statements` of a summary, or all of its `text` if there are no statements.
    static func blocks(of text: String, statements: [Statement]?, labels: Labels) -> [PageBlock] {
        var blocks: [PageBlock] = []
        for line in statements.map({ lines($0, labels) }) ?? lines(text, labels) {
            if !line.isListed {
                blocks.append(PageBlock(paragraph: line.text))
            } else if var list = blocks.last?.list {
                list.entries.append(line.text)
                blocks[blocks.endIndex - 1].list = list
            } else {
                blocks.append(PageBlock(list: List(entries: [line.text])))
            }
        }
        return blocks
    }

    /// A sentence with links to the utterances that bear it out.
    static func marked(_ statement: Statement, _ labels: Labels) -> HTMLText {
        let links = statement.citations.map { link($0, labels).renderText }
        let marks = links.isEmpty ? "" : " <span class=\"cites\">\(links.joined(separator: " "))</span>"
        let turns = QuotedTurns(statement, labels)
        let text = HTMLText(escaping: MarkdownText.withoutBold(labels.shown(turns.text))).renderText
        return spoken(turns, by: statement.speaker, text + marks, labels)
    }

    /// What somebody said or is to do, with what was said around it.
    static func spoken(
        _ turns: QuotedTurns, by name: String?, _ markup: String, _ labels: Labels
    ) -> HTMLText {
        let name = name.map { "<b class=\"owner\"><bdi>\(HTMLText(escaping: $0).renderText)</bdi></b>" }
        return HTMLText(
            markup: turns.joined(own: labels.labelled(name, markup)) {
                "<i class=\"aside\">\(HTMLText(escaping: $0).renderText)</i>"
            })
    }

    /// Quotes as a list; empty if there are none.
    static func quotes(_ remarks: [Remark], _ labels: Labels) -> [PageBlock] {
        let entries = remarks.map { remark in
            let said = labels.quoted("<q>\(HTMLText(escaping: remark.text).renderText)</q>")
            let name = remark.citation.speaker.map { "<bdi>\(HTMLText(escaping: $0).renderText)</bdi>" }
            let cites = "<span class=\"cites\">\(link(remark.citation, labels).renderText)</span>"
            return HTMLText(markup: "\(labels.labelled(name, said)) \(cites)")
        }
        return entries.isEmpty ? [] : [PageBlock(list: List(entries: entries))]
    }

    /// A link to an utterance, labelled with its time or number.
    static func link(_ citation: Statement.Citation, _ labels: Labels) -> HTMLText {
        .link(to: "u\(citation.utterance)", class: "cite", HTMLText(escaping: labels.place(citation)))
    }

    private static func lines(
        _ statements: [Statement], _ labels: Labels
    ) -> [(isListed: Bool, text: HTMLText)] {
        statements.groundedLines.map { line in
            let text = labels.sentences(line.statements.map { marked($0, labels).renderText })
            return (line.isListed, HTMLText(markup: line.isHeading ? "<b>\(text)</b>" : text))
        }
    }

    private static func lines(_ text: String, _ labels: Labels) -> [(isListed: Bool, text: HTMLText)] {
        text.split(whereSeparator: \.isNewline).compactMap { line in
            let line = labels.shown(line.trimmingBlanks)
            guard !line.isEmpty else { return nil }
            let item = MarkdownText.listItem(line)
            return (item != nil, HTMLText(escaping: MarkdownText.withoutBold(item ?? line)))
        }
    }
}
