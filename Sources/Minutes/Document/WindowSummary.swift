/// What the model wrote about one window, and what it cost.
public struct WindowSummary: Sendable, Hashable, Codable {
    /// 0-based number of the window in its meeting.
    public var window: Int
    /// The summary: plain text, never empty.
    public var text: String
    /// The model that wrote it: ``ModelProfile/name``.
    public var model: String
    /// Tokens of the prompt.
    public var promptTokens: Int
    /// Prompt tokens that were already in the cache.
    public var reusedTokens: Int
    /// Tokens of the answer.
    public var generatedTokens: Int
    /// Time spent on it in the model.
    public var seconds: Double

    /// Makes a summary from its parts.
    public init(
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
