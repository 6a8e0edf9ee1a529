/// What the model wrote about one window, and what it cost.
package struct WindowSummary: Sendable, Hashable, Codable {
    /// 0-based number of the window in its meeting.
    package var window: Int
    /// The summary: plain text, never empty.
    package var text: String
    /// The model that wrote it: ``ModelProfile/name``.
    package var model: String
    /// Tokens of the prompt.
    package var promptTokens: Int
    /// Prompt tokens that were already in the cache.
    package var reusedTokens: Int
    /// Tokens of the answer.
    package var generatedTokens: Int
    /// Time spent on it in the model.
    package var seconds: Double

    /// The text of the summary of a window of which nothing is worth showing.
    package static let quiet = "–"

    /// Whether nothing of the window is worth showing.
    package var isQuiet: Bool { text == Self.quiet }

    /// Creates a summary from its parts.
    package init(
        window: Int, text: String, model: String, promptTokens: Int, reusedTokens: Int, generatedTokens: Int,
        seconds: Double
    ) {
        self.window = window
        self.text = text
        self.model = model
        self.promptTokens = promptTokens
        self.reusedTokens = reusedTokens
        self.generatedTokens = generatedTokens
        self.seconds = seconds
    }
}
