/// When a window of conversation ends.
public struct SegmentationPolicy: Sendable, Hashable, Codable {
    /// A window has at most so many tokens, unless one utterance alone has more.
    public var maximumTokens: Int
    /// A pause ends a window only when it has so many tokens.
    public var minimumTokens: Int
    /// A silence of so many seconds is a pause.
    public var pauseSeconds: Double

    /// Makes a policy; all limits must be positive, and the minimum at most the maximum.
    public init(maximumTokens: Int = 1200, minimumTokens: Int = 200, pauseSeconds: Double = 30) {
        precondition(maximumTokens > 0 && minimumTokens >= 0 && pauseSeconds > 0, "limits must be positive")
        self.maximumTokens = maximumTokens
        self.minimumTokens = min(minimumTokens, maximumTokens)
        self.pauseSeconds = pauseSeconds
    }
}
