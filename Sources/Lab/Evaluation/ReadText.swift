import Language

/// Texts read in the language that they are likeliest in.
enum ReadText {
    /// What `text` says.
    static func of(_ text: String) -> Reading {
        TextReader.read(text, language: LanguageIdentifier.language(of: text))
    }

    /// Stems of the words that carry meaning, in order.
    static func stems(of text: String) -> [String] { of(text).stems }
}
