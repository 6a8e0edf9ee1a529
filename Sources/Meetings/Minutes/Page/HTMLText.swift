import Language

/// A piece of HTML.
///
/// Text from outside goes through ``init(escaping:)``, after which it is plain text both within an element and within a
/// quoted attribute.
///
/// Scalars are escaped rather than characters: a quotation mark with a combining accent is another character to Swift,
/// but still a quotation mark to a browser.
struct HTMLText: Sendable, Hashable, TemplateShown {
    /// The HTML.
    let renderText: String

    var templateValue: TemplateValue { .text(renderText) }

    /// HTML that this program wrote itself.
    init(markup: String) { renderText = markup }

    /// HTML that shows `text` as it is.
    ///
    /// Control characters become blanks, and characters that set the direction of writing are left out (`VisibleText`).
    init(escaping text: String) {
        let text = VisibleText.line(text)
        guard text.utf8.contains(where: Self.isMarkup) else {
            renderText = text
            return
        }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result.append(contentsOf: "&amp;".unicodeScalars)
            case "<": result.append(contentsOf: "&lt;".unicodeScalars)
            case ">": result.append(contentsOf: "&gt;".unicodeScalars)
            case "\"": result.append(contentsOf: "&quot;".unicodeScalars)
            case "'": result.append(contentsOf: "&#39;".unicodeScalars)
            default: result.append(scalar)
            }
        }
        renderText = String(result)
    }

    /// A link to a place on the page.
    static func link(to place: String, class name: String, _ text: HTMLText) -> HTMLText {
        HTMLText(markup: "<a class=\"\(name)\" href=\"#\(place)\">\(text.renderText)</a>")
    }

    private static func isMarkup(_ byte: UInt8) -> Bool { "&<>\"'".utf8.contains(byte) }
}
