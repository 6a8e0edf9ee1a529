import Language

/// An utterance with what its words say.
///
/// An utterance is read once, where it enters the work on its meeting; segmenter, evidence, items, topics and counts use
/// that reading. It is a pure value: the same utterance always reads the same, also after a restart.
package struct ReadUtterance: Sendable, Hashable {
    /// As it was said; names and terms as the meeting's vocabulary spells them.
    package let utterance: Utterance
    /// What its text says.
    package let reading: Reading
    /// Cue phrases of its language, in order.
    package let phrases: [PhraseMatch]

    /// Reads `utterance` in its language, or, where none was recorded, in the one that its text is likeliest in.
    package init(_ utterance: Utterance) {
        self.utterance = utterance
        let language =
            utterance.language ?? LanguageIdentifier.language(of: utterance.text, after: nil)
        reading = TextReader.read(utterance.text, language: language)
        phrases = PhraseBook.of(language).matches(in: reading)
    }
}
