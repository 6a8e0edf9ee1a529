extension TextReader {
    /// The words of `text` as two texts are compared: folded, parted by one blank, without marks.
    package static func normalised(_ text: String) -> String {
        read(text, language: .undetermined).words.map(\.folded).joined(separator: " ")
    }

    /// How many words `text` has, by the rules of `language`: the one rule for counting them.
    package static func wordCount(of text: String, language: LanguageCode) -> Int {
        read(text, language: language).wordCount
    }
}

extension StringProtocol {
    /// How many words it has, where its language is not known.
    package var wordCount: Int { TextReader.read(String(self), language: .undetermined).wordCount }
}
