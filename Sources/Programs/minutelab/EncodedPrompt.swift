import Corpora
import Tokenizer

/// A prompt as a model reads it: the beginning of the sequence, then the pieces, each tokenised on its own.
struct EncodedPrompt {
    var tokens: [TokenID]
    /// Utterances that are in it.
    var utteranceCount: Int
    /// Utterances at the end that did not fit.
    var droppedCount: Int

    /// Cuts `prompt` to `limit` tokens, the one for the beginning included, and encodes it.
    init(_ prompt: PromptText, limit: Int, begin: TokenID?, tokenizer: SentencePieceTokenizer) {
        let fitted = prompt.fitted(limit: limit - 1) { tokenizer.encode($0).count }
        tokens = (begin.map { [$0] } ?? []) + fitted.prompt.pieces.flatMap { tokenizer.encode($0) }
        utteranceCount = fitted.prompt.utterances.count
        droppedCount = fitted.droppedCount
    }
}
