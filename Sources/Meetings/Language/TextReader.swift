/// Reads texts; the one place where words, numbers, dates and names are found in them.
package enum TextReader {
    /// What `text` says, read by the rules of `language`.
    ///
    /// Every language is read: one without data by what ICU and Snowball know of it. From any thread.
    package static func read(_ text: String, language: LanguageCode) -> Reading {
        Lexicon.of(language).withReader { $0.read(text) }
    }
}
