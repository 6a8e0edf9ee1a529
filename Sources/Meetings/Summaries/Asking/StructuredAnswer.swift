import Foundation

/// What a model that can be told so notes of a part of a meeting: a document of ``schema(turns:)``.
///
/// It is decoded under the schema, so that it is always whole, whatever the model would rather have written. Each entry
/// first names the turns that it rests on, by their numbers in the prompt, and then says what they say.
struct StructuredAnswer: Codable, Equatable {
    struct Entry: Codable, Equatable {
        /// Numbers of turns, from 1.
        var turns: [Int]
        /// One sentence.
        var text: String
    }

    struct Action: Codable, Equatable {
        var turns: [Int]
        /// Empty if nobody was named.
        var who: String
        var what: String
        /// Empty if no date was said.
        var due: String
    }

    var notes: [Entry]
    var decisions: [Entry]
    var actions: [Action]
    var questions: [Entry]

    /// Reads what a model wrote; nil if it is no such document, as of a model that keeps to no schema.
    init?(_ json: String) {
        guard let answer = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = answer
    }

    /// Its notes as a summary's text, a line each; of an answer that has items alone, those.
    var text: String { stated.map { "- " + $0.text }.joined(separator: "\n") }

    /// The notes that ``text`` consists of.
    var stated: [StatedNote] {
        let entries =
            notes.isEmpty ? items.map { ($0.text, $0.turns) } : notes.map { ($0.text, Self.places($0.turns)) }
        return entries.map { StatedNote(text: SummaryAnswer.ended($0), turns: $1) }.filter {
            !$0.text.isEmpty
        }
    }

    /// Decisions, actions and open questions, in this order.
    var items: [StatedItem] {
        func items(_ kind: MinutesItem.Kind, _ entries: [Entry]) -> [StatedItem] {
            entries.map {
                StatedItem(kind: kind, text: SummaryAnswer.oneLine($0.text), turns: Self.places($0.turns))
            }.filter { !$0.text.isEmpty }
        }
        let tasks = actions.compactMap { action -> StatedItem? in
            let (what, who, due) = (
                SummaryAnswer.oneLine(action.what), SummaryAnswer.oneLine(action.who),
                SummaryAnswer.oneLine(action.due)
            )
            guard !what.isEmpty else { return nil }
            return StatedItem(
                kind: .action, text: what, owner: who.isEmpty ? nil : who, due: due.isEmpty ? nil : due,
                turns: Self.places(action.turns))
        }
        return items(.decision, decisions) + tasks + items(.question, questions)
    }

    /// From the numbers in the prompt to places in the window.
    private static func places(_ turns: [Int]) -> [Int] { Set(turns).sorted().map { $0 - 1 } }
}

/// What a model that can be told so writes about several parts of a meeting, or about all of it: a document of
/// ``schema``.
struct SummaryAnswer: Codable, Equatable {
    /// Sentences.
    var summary: [String]

    /// Reads what a model wrote; nil if it is no such document.
    init?(_ json: String) {
        guard let answer = try? JSONDecoder().decode(Self.self, from: Data(json.utf8)) else { return nil }
        self = answer
    }

    /// Its sentences as a summary's text.
    var text: String { summary.map(Self.ended).filter { !$0.isEmpty }.joined(separator: " ") }

    static func oneLine(_ text: String) -> String {
        text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
    }

    static func ended(_ sentence: String) -> String {
        let line = oneLine(sentence)
        guard let last = line.last else { return "" }
        return ".?!…。？！".contains(last) ? line : line + "."
    }
}
