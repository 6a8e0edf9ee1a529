import Foundation

/// What a model that can be told so writes about a part of a meeting: a document of ``schema``.
///
/// It is decoded under the schema, so that it is always whole, whatever the model would rather have written.
struct StructuredAnswer: Codable, Equatable {
    struct Action: Codable, Equatable {
        /// Empty if nobody was named.
        var who: String
        var what: String
        /// Empty if no date was said.
        var due: String
    }

    /// Sentences.
    var summary: [String]
    var decisions: [String]
    var actions: [Action]
    var questions: [String]

    /// Reads what a model wrote; nil if it is no such document, as of a model that keeps to no schema.
    init?(_ json: String) {
        guard let answer = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = answer
    }

    /// Its sentences as a summary's text; of an answer that has items alone, their texts.
    var text: String {
        let sentences = summary.isEmpty ? items.map(\.text) : summary
        return sentences.map(Self.ended).filter { !$0.isEmpty }.joined(separator: " ")
    }

    /// Decisions, actions and open questions, in this order.
    var items: [StatedItem] {
        func items(_ kind: MinutesItem.Kind, _ texts: [String]) -> [StatedItem] {
            texts.map(Self.oneLine).filter { !$0.isEmpty }.map { StatedItem(kind: kind, text: $0) }
        }
        let tasks = actions.compactMap { action -> StatedItem? in
            let (what, who, due) = (
                Self.oneLine(action.what), Self.oneLine(action.who), Self.oneLine(action.due)
            )
            guard !what.isEmpty else { return nil }
            return StatedItem(
                kind: .action, text: what, owner: who.isEmpty ? nil : who, due: due.isEmpty ? nil : due)
        }
        return items(.decision, decisions) + tasks + items(.question, questions)
    }

    private static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    private static func ended(_ sentence: String) -> String {
        let line = oneLine(sentence)
        guard let last = line.last else { return "" }
        return ".?!…。？！".contains(last) ? line : line + "."
    }
}
