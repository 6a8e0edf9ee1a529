/// The summary of a whole meeting and what it cost.
package struct MeetingSummary: Sendable, Hashable, Codable {
    /// The summary: plain text, never empty.
    package var text: String
    /// The model that wrote it: ``ModelProfile/name``, or a ``SummaryOrigin``'s name.
    package var model: String
    /// Tokens of the answers it took.
    package var tokens: Int
    /// Time spent on it in the model.
    package var seconds: Double

    /// Creates a summary from its parts.
    package init(text: String, model: String, tokens: Int, seconds: Double) {
        self.text = text
        self.model = model
        self.tokens = tokens
        self.seconds = seconds
    }

    /// Where the text comes from.
    package var origin: SummaryOrigin { SummaryOrigin(model: model) }
}

/// Where a summary's text comes from.
package enum SummaryOrigin: String, Sendable, Hashable, Codable {
    /// A model wrote it.
    case model
    /// So little was said that it is given as it was said.
    case verbatim
    /// The model gave no usable answer: the longest statements are quoted.
    case extractive

    /// Reads the origin from a summary's `model`: the two that are no model stand there by name.
    package init(model: String) {
        switch model {
        case Self.verbatim.rawValue: self = .verbatim
        case Self.extractive.rawValue: self = .extractive
        default: self = .model
        }
    }
}

extension WindowSummary {
    /// Where the text comes from.
    package var origin: SummaryOrigin { SummaryOrigin(model: model) }
}
