import Mustache

/// A stretch of HTML.
///
/// Whatever others wrote goes through ``init(escaping:)`` and is then nothing but text,
/// within an element and within a quoted attribute.
///
/// The escaping is done here and not by Mustache, which goes by characters: to it a quotation mark with a combining
/// accent is no quotation mark, to a browser it is.
struct HTMLText: Sendable, Hashable, MustacheCustomRenderable {
    /// The HTML.
    let renderText: String

    /// An empty text counts as absent, so a section of it is left out.
    var isNull: Bool { renderText.isEmpty }

    /// Takes HTML of this program's own making.
    init(markup: String) { renderText = markup }

    /// Shows `text` as it is.
    ///
    /// Control characters become blanks. Embeddings, overrides and isolates of writing direction are left out: with
    /// them a text can be made to read as another; the direction of Hebrew or Arabic needs none of them.
    init(escaping text: String) {
        guard text.utf8.contains(where: Self.mayNeedCare) else {
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
            case "\u{202A}"..."\u{202E}", "\u{2066}"..."\u{2069}": break
            case "\u{2028}", "\u{2029}": result.append(" ")
            case _ where scalar.properties.generalCategory == .control: result.append(" ")
            default: result.append(scalar)
            }
        }
        renderText = String(result)
    }

    /// A link to a place on the page.
    static func link(to place: String, class name: String, _ text: HTMLText) -> HTMLText {
        HTMLText(markup: "<a class=\"\(name)\" href=\"#\(place)\">\(text.renderText)</a>")
    }

    /// Whether the byte is, or may begin, a character that is not shown as it stands.
    private static func mayNeedCare(_ byte: UInt8) -> Bool {
        switch byte {
        case UInt8(ascii: "&"), UInt8(ascii: "<"), UInt8(ascii: ">"), UInt8(ascii: "\""), UInt8(ascii: "'"):
            true
        // U+0080 to U+00BF, U+2000 to U+2FFF.
        case 0..<0x20, 0x7F, 0xC2, 0xE2: true
        default: false
        }
    }
}
