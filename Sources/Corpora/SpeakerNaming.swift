import Language

/// Where two speakers who have numbers, such as `#Person1#`, are called by the names that they use for each other.
public enum SpeakerNaming: Sendable, Hashable {
    /// They keep their numbers.
    case nowhere
    /// In the conversation: for measuring, where what people wrote stays as it is.
    case inSource
    /// In the conversation and in what people wrote about it: for training.
    case everywhere
}

extension CorpusExample {
    /// The example with names in it, as far as they are told (``SpeakerNames``).
    func named(_ naming: SpeakerNaming) -> CorpusExample {
        guard naming != .nowhere else { return self }
        let names = SpeakerNames.all(
            in: source.compactMap { utterance in
                utterance.speaker.map { (speaker: $0, text: utterance.text) }
            }
        ).filter { $0.key.contains(where: \.isNumber) }
        var named = self
        named.source = source.map { utterance in
            var utterance = utterance
            utterance.speaker = utterance.speaker.map { names[$0] ?? $0 }
            return utterance
        }
        if naming == .everywhere {
            named.references = references.map { reference in
                names.reduce(reference) { $0.replacing($1.key, with: $1.value) }
            }
        }
        return named
    }
}
