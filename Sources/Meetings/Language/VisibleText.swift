/// What others wrote, for people to see: without the characters that change how everything around them is shown.
package enum VisibleText {
    /// On one line.
    ///
    /// Control characters, which could drive a terminal, and the ends of lines become blanks; what sets the direction of
    /// writing (``Unicode/Scalar/setsDirection``) is left out.
    package static func line(_ text: String) -> String { shown(text, keepsLines: false) }

    /// The same, with its line feeds.
    package static func lines(_ text: String) -> String { shown(text, keepsLines: true) }

    private static func shown(_ text: String, keepsLines: Bool) -> String {
        guard text.utf8.contains(where: mayNeedCare) else { return text }
        var result = String.UnicodeScalarView()
        for scalar in text.unicodeScalars where !scalar.setsDirection {
            let isKept = !scalar.isControl || keepsLines && scalar == "\n"
            result.append(isKept ? scalar : " ")
        }
        return String(result)
    }

    /// Whether the byte is, or may begin, a character that is not shown as it stands.
    private static func mayNeedCare(_ byte: UInt8) -> Bool {
        // U+0080 to U+00BF, U+2000 to U+2FFF.
        byte < 0x20 || byte == 0x7F || byte == 0xC2 || byte == 0xE2
    }
}

extension Unicode.Scalar {
    /// Whether it drives terminals or ends lines, instead of being shown.
    package var isControl: Bool {
        value < 0x20 || (0x7F...0x9F).contains(value) || value == 0x2028 || value == 0x2029
    }

    /// Whether it embeds, overrides or isolates the direction of writing, or ends that; or is one of the deprecated
    /// characters beside these.
    ///
    /// One that is not closed goes on behind the text that it came in, and even where it is closed a text can be made to
    /// read as another. The direction of Hebrew or Arabic needs none of them: it is that of the letters, and the marks
    /// U+200E, U+200F and U+061C, which reach no further than a letter does, are kept.
    package var setsDirection: Bool {
        (0x202A...0x202E).contains(value) || (0x2066...0x206F).contains(value)
    }
}
