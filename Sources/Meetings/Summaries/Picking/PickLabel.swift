/// What a model that picks says of a sentence.
package enum PickLabel: String, Sendable, Hashable, Codable, CaseIterable {
    /// Nothing that a reader of minutes needs.
    case nothing = "0"
    /// A detail.
    case detail = "1"
    /// It belongs into the minutes.
    case point = "2"
    /// A main point.
    case mainPoint = "3"
    /// It settles something.
    case decision = "D"
    /// Somebody is to do something.
    case action = "A"
    /// It raises what stays open.
    case question = "Q"
}
