/// What a model that picks says of a sentence's place in the meeting.
package enum MatterLabel: String, Sendable, Hashable, Codable, CaseIterable {
    /// The meeting turns to another matter with it.
    case opens = "N"
    /// It goes on with the one before.
    case goesOn = "C"
}
