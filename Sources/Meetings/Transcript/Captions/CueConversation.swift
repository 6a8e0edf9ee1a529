import Foundation
import Language

/// Makes utterances of captions, whatever their file's format.
///
/// - The speaker is in a voice span, before a colon, in brackets, in a line or an identifier of its own, in a line of
///   metadata, or was named last (``CueSurvey``).
/// - A caption that comes twice at the same time is taken once, and so are words that rolling or growing captions repeat.
/// - Captions that a sentence was divided into are joined (``CaptionJoiner``).
struct CueConversation {
    private let name: String
    private let survey: CueSurvey
    private var joiner = CaptionJoiner()
    private var notes = NoteCounter()
    /// The captions that were taken, for those that come again.
    private var seen: Set<Shown> = []
    /// The last words with the marks of turns, in the form in which words are compared, and when they end.
    private var tail: [String] = []
    private var lastCue: (timing: CueTiming, words: Int)?
    private var lastSpeaker: String?

    /// How many last words are kept: more than two lines of captions have.
    private static let tailLimit = 80

    private struct Shown: Hashable {
        var start, end: Double
        var text: String
    }

    private struct Part {
        var speaker: String?
        var text: String
        var startsTurn = false
        var isWritten = false

        /// As captions are compared: the mark counts as a word.
        var words: [String] { (startsTurn ? [">>"] : []) + WordOverlap.words(text) }
    }

    static func file(
        _ cues: [Cue], format: TranscriptFormat, name: String, notes: NoteCounter = NoteCounter(),
        names: [String] = []
    ) -> TranscriptFile {
        var conversation = CueConversation(name: name, survey: CueSurvey(cues, names: names), notes: notes)
        for cue in cues { conversation.take(cue) }
        return TranscriptFile(
            format: format, utterances: conversation.joiner.utterances,
            notes: conversation.notes.notes + conversation.joiner.notes.notes,
            skippedCount: conversation.notes.skippedCount)
    }

    private init(name: String, survey: CueSurvey, notes: NoteCounter) {
        self.name = name
        self.survey = survey
        self.notes = notes
    }

    private mutating func take(_ cue: Cue) {
        if let identifier = cue.identifier, !survey.identifiersAreNames {
            notes.skip(.identifierSkipped, identifier, line: cue.line)
        }
        var parts = parts(cue)
        guard !parts.isEmpty else { return notes.count(.cueWithoutText, line: cue.line) }
        if let timing = cue.timing {
            guard seen.insert(Shown(start: timing.start, end: timing.end, text: cue.text.collapsed)).inserted
            else {
                return notes.count(.cueRepeated, line: cue.line)
            }
        }
        let words = parts.flatMap(\.words)
        let goesOn = dropRepeated(&parts, words, cue)
        for part in parts where !part.text.isEmpty {
            var utterance = Utterance(
                speaker: part.speaker, start: cue.timing?.start, end: cue.timing?.end, text: part.text,
                source: SourcePosition(name: name, line: cue.line), isWritten: part.isWritten)
            if goesOn, part.text == parts[0].text { utterance.speaker = joiner.utterances.last?.speaker }
            _ = joiner.add(utterance, startsTurn: part.startsTurn)  // Ignored: whether it was joined.
            lastSpeaker = part.speaker ?? (part.startsTurn ? nil : lastSpeaker)
        }
        if parts.isEmpty, let end = cue.timing?.end { joiner.extend(to: end) }
        lastCue = cue.timing.map { ($0, words.count) }
    }

    // MARK: - What is shown again

    /// Removes the words that the captions before showed too; true if what is left goes on with the last turn.
    private mutating func dropRepeated(_ parts: inout [Part], _ words: [String], _ cue: Cue) -> Bool {
        defer { tail = Array((tail + words).suffix(Self.tailLimit)) }
        guard let timing = cue.timing, let last = lastCue,
            timing.start - last.timing.end <= CaptionJoiner.gapSeconds,
            timing.start >= last.timing.start, let before = joiner.utterances.last,
            parts[0].speaker == nil || parts[0].speaker == before.speaker
        else {
            tail = []
            return false
        }
        let repeated = WordOverlap.count(tail: tail, head: words)
        let isLong = WordOverlap.weight(words.prefix(repeated)) >= WordOverlap.minimumWords
        // All of the caption before, or a whole line of this one.
        let isWhole = repeated == last.words || parts[0].words.count == repeated || repeated == firstLine(cue)
        guard repeated > 0, isLong || (survey.repeatsLines && isWhole) else { return false }
        notes.count(.wordsRolled, by: repeated, line: cue.line)
        tail.removeLast(repeated)
        var left = repeated
        var cutsPart = false
        while left > 0, let first = parts.first {
            let count = first.words.count
            if count <= left {
                left -= count
                parts.removeFirst()
                continue
            }
            parts[0].text = WordOverlap.dropping(left - (first.startsTurn ? 1 : 0), of: first.text)
            parts[0].startsTurn = false
            (left, cutsPart) = (0, true)
        }
        // A line that goes on behind a whole repeated one belongs to the same turn, unless it says otherwise.
        return cutsPart || parts.first.map { $0.speaker == nil && !$0.startsTurn } ?? false
    }

    private func firstLine(_ cue: Cue) -> Int {
        let first = CueMarkup.stretches(cue.text).first?.text.split(separator: "\n").first {
            !$0.trimmed.isEmpty
        }
        return first.map { WordOverlap.words($0.collapsed).count } ?? 0
    }

    // MARK: - Who says what

    private func parts(_ cue: Cue) -> [Part] {
        if let metadata = Self.metadata(cue.text) { return metadata }
        if let speaker = cue.speaker {
            return [Part(speaker: speaker, text: cue.text.collapsed)].filter { !$0.text.isEmpty }
        }
        var parts: [Part] = []
        for stretch in CueMarkup.stretches(cue.text) {
            if stretch.speaker != nil || stretch.startsTurn {
                parts.append(
                    Part(
                        speaker: stretch.speaker, text: stretch.text.collapsed, startsTurn: stretch.startsTurn
                    ))
            } else {
                parts += spoken(stretch.text, isFirst: parts.isEmpty)
            }
        }
        parts.removeAll { $0.text.isEmpty }
        guard !parts.isEmpty, parts[0].speaker == nil, !parts[0].startsTurn else { return parts }
        if survey.identifiersAreNames, let name = cue.identifier.flatMap({ SpeakerName.checked($0) }) {
            parts[0].speaker = name
        } else if survey.namesCarryOn, !Self.isSound(parts[0].text) {
            parts[0].speaker = lastSpeaker
        }
        return parts
    }

    /// A caption's lines, divided at each `Name: text` and at each mark of a new turn.
    private func spoken(_ text: String, isFirst: Bool) -> [Part] {
        var result: [Part] = []
        var lines = text.split(separator: "\n").flatMap(CaptionTextParser.pieces)
        if isFirst, survey.namesHaveLines, lines.count >= 2, let name = SpeakerName.checked(lines[0]) {
            result.append(Part(speaker: name, text: ""))
            lines.removeFirst()
        }
        let areDashed = lines.count >= 2 && lines.allSatisfy { Self.withoutDash($0) != nil }
        // A dash alone is what is left of a list.
        for line in lines where !["-", "–", "—"].contains(line.trimmed) {
            var spoken = SpokenLine(line, rules: survey.rules)
            // Subtitles put a dash before what each of two says.
            if let bare = Self.withoutDash(line) {
                let behind = SpokenLine(bare, rules: survey.rules)
                if behind.speaker != nil || areDashed { spoken = behind }
                spoken.marksTurn = spoken.marksTurn || areDashed
            }
            if spoken.speaker != nil || spoken.marksTurn || result.isEmpty {
                result.append(
                    Part(
                        speaker: spoken.speaker, text: spoken.text, startsTurn: spoken.marksTurn,
                        isWritten: spoken.isChat))
            } else {
                result[result.count - 1].text.join(spoken.text)
            }
        }
        return result
    }

    /// A line without the dash before it; nil if there is none.
    private static func withoutDash(_ line: some StringProtocol) -> String? {
        let text = line.trimmed
        guard let first = text.first, "-–—‐".contains(first), text.dropFirst().first != first else {
            return nil
        }
        let rest = text.dropFirst().trimmed
        return rest.first?.isLetter == true || rest.first.map { "¿¡\"“[(♪".contains($0) } == true ? rest : nil
    }

    /// Whether a caption shows a sound and nothing that anybody says: `[DOOR SLAMS]`, `♪ (MUSIC) ♪`.
    private static func isSound(_ text: String) -> Bool {
        guard let first = text.first, let last = text.last else { return false }
        return (first == "[" && last == "]") || (first == "(" && last == ")") || (first == "♪" && last == "♪")
    }

    /// A line of JSON that says who spoke and what, as Microsoft Graph has it; nil for anything else.
    private static func metadata(_ text: String) -> [Part]? {
        guard text.trimmed.utf8.first == UInt8(ascii: "{"), let node = JSONNode(text.trimmed), node.isObject,
            let said = node[keys: ["spokenText", "text", "transcript"]]?.text
        else { return nil }
        return [Part(speaker: node[keys: ["speakerName", "speaker", "name"]]?.speaker(), text: said)]
    }
}
