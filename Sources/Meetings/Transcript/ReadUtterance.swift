import Language

/// An utterance together with its reading.
///
/// An utterance is read once, when work on it begins; segmenter, evidence, items, topics and counts use that reading.
/// It is a pure value: the same utterance always has the same reading, even after a restart.
package struct ReadUtterance: Sendable, Hashable {
    /// The utterance, with names and terms spelled as in the meeting's vocabulary.
    package private(set) var utterance: Utterance
    /// The reading of its text.
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
    /// The same words, said by `speaker`.
    package func spoken(by speaker: String?) -> ReadUtterance {
        var other = self
        other.utterance.speaker = speaker
        return other
    }
}
