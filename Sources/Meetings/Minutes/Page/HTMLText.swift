import Language

/// A stretch of HTML.
///
/// Whatever others wrote goes through ``init(escaping:)`` and is then nothing but text,
/// within an element and within a quoted attribute.
///
/// The escaping goes by scalars: to Swift a quotation mark with a combining accent is no quotation mark, to a browser
/// it is.
struct HTMLText: Sendable, Hashable, TemplateShown {
    /// The HTML.
    let renderText: String

    var templateValue: TemplateValue { .text(renderText) }

    /// Takes HTML of this program's own making.
    init(markup: String) { renderText = markup }

    /// Shows `text` as it is.
    ///
    /// Control characters become blanks, and what sets the direction of writing is left out (`VisibleText`).
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
