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

    /// The headings of a summary's lists; ``MinutesDocument`` knows the items below them by these.
    enum Heading: String, CaseIterable {
        case decisions = "Decisions:"
        case actions = "Action items:"
        case questions = "Open questions:"
    }

    /// Reads what a model wrote; nil if it is no such document, as of a model that keeps to no schema.
    init?(_ json: String) {
        guard let answer = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = answer
    }

    /// As a summary's text: sentences in one line, then a list below a heading for each that has items.
    var text: String {
        let sentences = summary.map(Self.ended).filter { !$0.isEmpty }.joined(separator: " ")
        let tasks = actions.map { action in
            let what = Self.oneLine(action.what)
            let (who, due) = (Self.oneLine(action.who), Self.oneLine(action.due))
            // "Jane: Jane sends it" says the name twice.
            let owner = who.isEmpty || what.lowercased().hasPrefix(who.lowercased()) ? "" : "\(who): "
            let isDueSaid = due.isEmpty || what.lowercased().contains(due.lowercased())
            return what.isEmpty ? "" : owner + what + (isDueSaid ? "" : " (\(due))")
        }
        let lists: [(Heading, [String])] = [
            (.decisions, decisions.map(Self.oneLine)), (.actions, tasks),
            (.questions, questions.map(Self.oneLine)),
        ]
        let blocks = lists.flatMap { heading, items -> [String] in
            let lines = items.filter { !$0.isEmpty }.map { "- \($0)" }
            return lines.isEmpty ? [] : [heading.rawValue] + lines
        }
        return ([sentences] + blocks).filter { !$0.isEmpty }.joined(separator: "\n")
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
