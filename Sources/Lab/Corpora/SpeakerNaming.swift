import Language

/// Calls two speakers who have numbers, such as `#Person1#`, by the names that they use for each other.
///
/// For what is written about a conversation: a small model keeps to the numbers, where people write the names.
package struct SpeakerNaming: Sendable, Hashable {
    /// The name for a label, as far as the conversation tells it (``SpeakerNames``).
    private let names: [String: String]

    /// Learns the names from a conversation; there are none in an empty one.
    package init(_ conversation: [CorpusUtterance]) {
        names = SpeakerNames.all(
            in: conversation.compactMap { utterance in
                utterance.speaker.map { (speaker: $0, text: utterance.text) }
            }
        ).filter { $0.key.contains(where: \.isNumber) }
    }

    /// `text` with the names in place of the numbers.
    package func applied(to text: String) -> String {
        names.reduce(text) { text, name in
            var named = ""
            var rest = text[...]
            while let label = rest.firstRange(of: name.key) {
                // `Speaker 1` is not the beginning of `Speaker 12`.
                let isWhole =
                    name.key.last?.isNumber != true || rest[label.upperBound...].first?.isNumber != true
                named += rest[..<label.lowerBound] + (isWhole ? name.value : name.key)
                rest = rest[label.upperBound...]
            }
            return named + rest
        }
    }
}
