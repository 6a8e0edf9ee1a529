import Errors
import Summaries

/// Checks at the start that the model's context is long enough for the prompts.
///
/// Otherwise each window of each meeting would fail. The check prefills an empty window on a model that only counts
/// tokens, which costs nothing. Throws ``ApplicationError``.
package func checkContext(of model: any LanguageModel) async throws {
    do {
        try await Summarizer(model: CountingModel(model: model)).prefillOpenWindow(
            index: 0, utterances: [], earlier: [], timeline: "")
    } catch let error as MinutesError {
        throw ApplicationError(.configuration, "\(error): see model.contextLength")
    }
}

/// A model that counts tokens and does nothing else.
private struct CountingModel: LanguageModel {
    let model: any LanguageModel

    var profile: ModelProfile { model.profile }

    func profile(ofTimeline timeline: String) -> ModelProfile { model.profile(ofTimeline: timeline) }

    func tokenCount(of text: String) throws -> Int { try model.tokenCount(of: text) }

    func prefill(_ prompt: [PromptPiece], timeline: String) async throws {}

    func complete(
        _ prompt: [PromptPiece], timeline: String, options: CompletionOptions,
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> Completion {
        preconditionFailure("nothing is asked of it")
    }

    func close(timeline: String) async {}
}
