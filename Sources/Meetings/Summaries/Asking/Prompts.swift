import Language
import Transcript

/// Puts prompts together out of a template.
///
/// The layout is `[instructions][summary 1]…[summary n-1][window n][request]`. A growing window appends
/// pieces only, and a window's end changes nothing before the window, so that the model finds most of every
/// prompt in its cache.
package struct Prompts: Sendable, Hashable {
    /// The wording.
    package let template: PromptTemplate

    /// Creates prompts for a style of model.
    package init(style: ModelProfile.Style) { self.init(template: .of(style)) }

    /// Creates prompts of a wording.
    package init(template: PromptTemplate) { self.template = template }

    /// What every prompt begins with.
    package var instructions: [PromptPiece] {
        template.isChat
            ? [.beginningOfSequence, .startOfTurn, .text("user\n" + template.instructions)]
            : [.beginningOfSequence] + Self.texts([template.instructions])
    }

    /// An earlier part's summary; `number` is 1-based.
    package func earlier(_ summary: String, number: Int) -> String {
        // The template is split before the texts go in: a summary that spells {number} is left alone.
        Self.filled(template.earlierPart, number: number, text: summary)
    }

    /// The text before a window's utterances; `number` is 1-based.
    package func windowOpening(number: Int) -> String {
        Self.filled(template.windowOpening, number: number)
    }

    /// An utterance as the prompt spells it: one piece, without its times.
    ///
    /// `number` is its 1-based number in the window, by which a model that can be told so cites it.
    package func utterance(_ utterance: Utterance, number: Int) -> String {
        spelled(speaker: utterance.speaker, text: utterance.text, number: number)
    }

    /// A part of an utterance as the prompt spells it.
    func spelled(speaker: String?, text: String, number: Int) -> String {
        (template.asksForNotes ? "[\(number)] " : "") + Self.spelled(speaker: speaker, text: text)
    }

    /// A name takes a small part of the smallest window only, whatever it is written with.
    static func spelled(speaker: String?, text: String) -> String {
        speaker.map { name in
            "\(name.shortened(toCharacters: nameLengthLimit, bytes: nameLengthLimit)): \(text)\n"
        } ?? "\(text)\n"
    }

    /// A whole window's prompt up to the request; `pieces` are its utterances as spelled here.
    package func window(number: Int, earlier: [String], pieces: [String]) -> [PromptPiece] {
        instructions + Self.texts(earlier + [windowOpening(number: number)] + pieces)
    }

    /// Asks for the summary of a window in which `speakers` spoke, the busiest first; `number` is 1-based.
    package func windowRequest(number: Int, speakers: [String]) -> [PromptPiece] {
        request(Self.filled(template.windowRequest, number: number), lead: windowLead(speakers: speakers))
    }

    /// The words that the answer to ``windowRequest(number:speakers:)`` begins with; empty if there are none.
    package func windowLead(speakers: [String]) -> String {
        template.windowLead.replacing("{speakers}", with: Self.naming(speakers))
    }

    /// More names would say less about each.
    private static let namedSpeakers = 3
    /// A name that is longer is a title, or not a name.
    private static let nameLengthLimit = 60

    private static func naming(_ speakers: [String]) -> String {
        let names = speakers.filter { $0.utf8.count <= nameLengthLimit }.prefix(namedSpeakers)
        guard let last = names.last else { return "the participants" }
        let others = names.dropLast().joined(separator: ", ")
        return names.count == speakers.count
            ? (others.isEmpty ? last : others + " and " + last)
            : names.joined(separator: ", ") + " and others"
    }

    /// A request as long as one can get, for sharing out the context.
    var longestWindowRequest: [PromptPiece] {
        let name = String(repeating: "Æ", count: Self.nameLengthLimit / 2)
        return windowRequest(
            number: 99_999, speakers: Array(repeating: name, count: Self.namedSpeakers + 1))
    }

    /// Asks for one summary in place of several.
    package var groupRequest: [PromptPiece] { request(template.groupRequest, lead: template.groupLead) }

    /// Asks for the summary of the meeting.
    package var overallRequest: [PromptPiece] { request(template.overallRequest, lead: template.overallLead) }

    /// Asks a question about passages.
    func questionRequest(_ question: String) -> [PromptPiece] {
        request(Self.filled(template.questionRequest, number: 0, text: question), lead: "")
    }

    private func request(_ text: String, lead: String) -> [PromptPiece] {
        let asked: [PromptPiece] =
            template.isChat
            ? [.text(text), .endOfTurn, .text("\n"), .startOfTurn, .text("model\n")] : [.text(text)]
        return lead.isEmpty ? asked : asked + [.text(lead)]
    }

    private static func texts(_ texts: [String]) -> [PromptPiece] {
        texts.filter { !$0.isEmpty }.map { .text($0) }
    }

    private static func filled(_ template: String, number: Int, text: String = "") -> String {
        var result = ""
        var rest = template[...]
        while let open = rest.firstIndex(of: "{") {
            result += rest[..<open]
            rest = rest[open...]
            if rest.hasPrefix("{number}") {
                result += String(number)
                rest = rest.dropFirst(8)
            } else if rest.hasPrefix("{text}") {
                result += text
                rest = rest.dropFirst(6)
            } else {
                result.append(rest.removeFirst())
            }
        }
        return result + rest
    }
}
