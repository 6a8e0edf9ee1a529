import Language

/// Replaces numbered speakers, such as `#Person1#`, by the names that the speakers use for each other.
///
/// It is meant for summaries: a small model keeps the numbers, while people write the names.
package struct SpeakerNaming: Sendable, Hashable {
    /// The name for each label, as far as ``SpeakerNames`` finds it in the conversation.
    private let names: [String: String]

    /// Finds the names in a conversation; if it is empty, there are none and texts stay as they are.
    package init(_ conversation: [CorpusUtterance]) {
        names = SpeakerNames.all(
            in: conversation.compactMap { utterance in
                utterance.speaker.map { (speaker: $0, text: utterance.text) }
            }
        ).filter { $0.key.contains(where: \.isNumber) }
    }

    /// `text` with the numbered labels replaced by names.
    package func applied(to text: String) -> String {
        names.reduce(text) { text, name in
            var named = ""
            var rest = text[...]
            while let label = rest.firstRange(of: name.key) {
                // `Speaker 1` must not match the beginning of `Speaker 12`.
                let isWhole =
                    name.key.last?.isNumber != true || rest[label.upperBound...].first?.isNumber != true
                named += rest[..<label.lowerBound] + (isWhole ? name.value : name.key)
                rest = rest[label.upperBound...]
            }
            return named + rest
        }
    }
}
