/// How an example is put to a model: one wording for training and for measuring.
///
/// A prompt is a list of pieces, each tokenised on its own and joined as tokens, after a beginning-of-sequence token:
/// so the daemon does it too, whose windows grow by an utterance at a time. Written one after the other, the pieces
/// are the prompt's text. The answer is `answer(_:)` and ends with ``answerEnd``.
package enum PromptFormat: String, Sendable, Hashable, Codable, CaseIterable {
    /// `Dialogue:`, the utterances a line each, a blank line, `Summary:`; a query takes the place of `Summary:`.
    case dialogsum
    /// What the daemon's windows look like to a base model: utterances, a rule, and `Summary:` or a query.
    case tuned

    /// What ends an answer, beside the model's own end of sequence.
    package static let answerEnd = "\n"

    /// The prompt of `example`.
    package func prompt(of example: CorpusExample) -> PromptText {
        prompt(utterances: example.source, query: example.kind == .query ? example.query : nil)
    }

    /// The prompt of `utterances`; without a query their summary is asked for.
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

    /// The prompt of `example` after the prompts and first references of `shots`, with an empty line between them.
    package func prompt(of example: CorpusExample, after shots: [CorpusExample]) -> PromptText {
        var prompt = prompt(of: example)
        prompt.head =
            shots.flatMap { shot -> [String] in
                let shown = self.prompt(of: shot)
                return shown.pieces + [Self.answer(shot.references[0]) + "\n\n"]
            } + prompt.head
        return prompt
    }

    /// What a model is to write after the prompt: a blank and the text in one line, without ``answerEnd``.
    package static func answer(_ text: String) -> String { " " + text.collapsed }

    private static func request(query: String?) -> String {
        query.map { "Question: \($0)\nAnswer:" } ?? "Summary:"
    }
}

/// A prompt in pieces, which are tokenised one by one.
package struct PromptText: Sendable, Hashable {
    /// Stands before the utterances.
    package var head: [String]
    /// A piece for each utterance.
    package var utterances: [String]
    /// Stands after them and asks.
    package var tail: String

    /// Makes a prompt from its parts.
    package init(head: [String], utterances: [String], tail: String) {
        self.head = head
        self.utterances = utterances
        self.tail = tail
    }

    /// All pieces in order.
    package var pieces: [String] { head + utterances + [tail] }

    /// The prompt as one text.
    package var text: String { pieces.joined() }

    /// The prompt cut to `limit` tokens as `tokenCount` counts them, and how many utterances it lost.
    ///
    /// Utterances are left out at the end, since whoever cuts a conversation off has heard its beginning. Head and
    /// tail stay, even if they alone are longer than the limit.
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
