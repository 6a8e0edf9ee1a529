/// The wording with which an example is given to a model, the same for training and evaluation.
///
/// A prompt is a list of pieces. Each piece is tokenised separately, and the tokens are joined after a
/// beginning-of-sequence token. The daemon does the same, since its windows grow one utterance at a time. All pieces
/// concatenated are the prompt's text. The expected output is `answer(_:)` followed by ``answerEnd``.
package enum PromptFormat: String, Sendable, Hashable, Codable, CaseIterable {
    /// `Dialogue:`, one line for each utterance, a blank line, and `Summary:` or a question.
    case dialogsum
    /// The form of the daemon's windows for a base model: the utterances, a rule, and `Summary:` or a question.
    case tuned

    /// The text that ends an answer, besides the model's own end-of-sequence token.
    package static let answerEnd = "\n"

    /// The prompt for `example`, with its question if it is of the kind `query`.
    package func prompt(of example: CorpusExample) -> PromptText {
        prompt(utterances: example.source, query: example.kind == .query ? example.query : nil)
    }

    /// The prompt for `utterances`, which asks the question `query`, or for a summary if it is nil.
    package func prompt(utterances: [CorpusUtterance], query: String? = nil) -> PromptText {
        let spoken = utterances.map { utterance in
            utterance.speaker.map { "\($0): \(utterance.text)" } ?? utterance.text
        }
        switch self {
        case .dialogsum:
            return PromptText(
                head: ["Dialogue:"], utterances: spoken.map { "\n" + $0 },
                tail: "\n\n" + Self.request(query: query))
        case .tuned:
            return PromptText(
                head: [], utterances: spoken.map { $0 + "\n" }, tail: "\n---\n\n" + Self.request(query: query)
            )
        }
    }

    /// The prompt for `example`, preceded by the prompts and first references of `shots`, each followed by an empty
    /// line.
    package func prompt(of example: CorpusExample, after shots: [CorpusExample]) -> PromptText {
        var prompt = prompt(of: example)
        prompt.head =
            shots.flatMap { shot -> [String] in
                let shown = self.prompt(of: shot)
                return shown.pieces + [Self.answer(shot.references[0]) + "\n\n"]
            } + prompt.head
        return prompt
    }

    /// The text that a model should write after the prompt: a blank, then `text` on one line, without ``answerEnd``.
    package static func answer(_ text: String) -> String { " " + text.collapsed }

    private static func request(query: String?) -> String {
        query.map { "Question: \($0)\nAnswer:" } ?? "Summary:"
    }
}

/// A prompt in pieces, which are tokenised separately.
package struct PromptText: Sendable, Hashable {
    /// The pieces before the utterances.
    package var head: [String]
    /// One piece for each utterance.
    package var utterances: [String]
    /// The piece after the utterances, which states the request.
    package var tail: String

    /// All pieces, in order.
    package var pieces: [String] { head + utterances + [tail] }

    /// The prompt as one text.
    package var text: String { pieces.joined() }

    /// The prompt shortened to at most `limit` tokens, as counted by `tokenCount`, and the number of utterances left
    /// out.
    ///
    /// Utterances are left out at the end, since a conversation makes sense without its end but hardly without its
    /// beginning. Head and tail are kept even if they alone exceed the limit.
    package func fitted(limit: Int, tokenCount: (String) -> Int) -> (prompt: PromptText, droppedCount: Int) {
        var left = limit - (head + [tail]).reduce(0) { $0 + tokenCount($1) }
        var kept = 0
        for utterance in utterances {
            left -= tokenCount(utterance)
            guard left >= 0 else { break }
            kept += 1
        }
        let cut = PromptText(head: head, utterances: Array(utterances.prefix(kept)), tail: tail)
        return (cut, utterances.count - kept)
    }
}
