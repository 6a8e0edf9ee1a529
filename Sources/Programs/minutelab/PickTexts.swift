import Corpora
import Evaluation
import Language
import Summaries
import Transcript

/// A window with notes as a model that picks is trained on it, in texts that are tokenised each by itself.
struct PickTexts {
    /// What the daemon calls the prompts that a model is trained with.
    static let promptTemplate = ModelProfile.Style.pointing.rawValue

    /// The window as it was said, and the rule below it.
    let said: [String]
    /// Its sentences once more, and what stands behind each, with the label that is to follow; nil if nobody gave one.
    let lines: [(text: String, label: String?)]

    /// The windows of the meetings in `folders`.
    ///
    /// Every other window of an English meeting has other speakers' names, since those of the corpora are called by their
    /// roles, and people have names.
    static func read(_ folders: [String]) throws -> [PickTexts] {
        try folders.flatMap(NotedMeeting.read(folder:)).flatMap { meeting in
            zip(meeting.windows, meeting.sentenceLabels()).enumerated().map { number, window in
                PickTexts(
                    window.0, window.1, of: meeting,
                    names: number.isMultiple(of: 2) ? [:] : names(of: meeting, seed: UInt32(number)))
            }
        }
    }

    private init(
        _ window: NotedMeeting.Window, _ labels: [[NotedMeeting.SentenceLabel]], of meeting: NotedMeeting,
        names: [String: String]
    ) {
        let read = window.utterances.map { turn in
            var utterance = Utterance(turn, of: meeting)
            utterance.speaker = turn.speaker.map { names[$0] ?? $0 }
            return ReadUtterance(utterance)
        }
        let prompts = Prompts(style: .pointing)
        said = read.enumerated().map { prompts.utterance($1.utterance, number: $0 + 1) } + [PickPrompt.rule]
        let asked = PickPrompt.lines(of: read)
        let matters = MatterLabel.labels(of: asked.map(\.place), labels)
        lines = zip(asked, matters).flatMap { line, matter in
            [
                (line.text, PickLabel(labels[line.place.utterance][line.place.sentence]).rawValue),
                (PickPrompt.matter, matter?.rawValue),
            ]
        }
    }

    private static func names(of meeting: NotedMeeting, seed: UInt32) -> [String: String] {
        let speakers = Set(meeting.windows.flatMap { $0.utterances.compactMap(\.speaker) }).sorted()
        guard meeting.language == .english, speakers.count <= names.count else { return [:] }
        var generator = MersenneTwister(seed: seed)
        return Dictionary(uniqueKeysWithValues: zip(speakers, names.shuffled(using: &generator)))
    }

    private static let names = [
        "Amina", "Bjarne", "Chiara", "Dmitri", "Esperanza", "Farid", "Grace", "Hana", "Ivo", "Jun",
        "Katarzyna", "Leilani", "Mateus", "Nadia", "Oluwaseun", "Priya", "Quentin", "Rosa", "Siobhan",
        "Tomasz", "Uma", "Viktor", "Wei", "Ximena", "Yusuf", "Zofia",
    ]
}

extension Utterance {
    /// A turn of a meeting with notes.
    init(_ turn: CorpusUtterance, of meeting: NotedMeeting) {
        self.init(
            speaker: turn.speaker, text: turn.text,
            source: SourcePosition(name: meeting.name, line: turn.index + 1), language: meeting.language)
    }
}

extension MatterLabel {
    /// What people marked of the sentences that are asked about; what begins with a shorter one is counted as the next
    /// one's.
    static func labels(
        of places: [PickPrompt.Place], _ labels: [[NotedMeeting.SentenceLabel]]
    ) -> [MatterLabel?] {
        let marks = labels.map { $0.map(\.opensMatter) }
        var next = (utterance: 0, sentence: 0)
        return places.map { place in
            var passed: [Bool] = []
            while (next.utterance, next.sentence) <= (place.utterance, place.sentence) {
                if next.sentence < marks[next.utterance].count {
                    if let mark = marks[next.utterance][next.sentence] { passed.append(mark) }
                    next.sentence += 1
                } else {
                    next = (next.utterance + 1, 0)
                }
            }
            return passed.isEmpty ? nil : passed.contains(true) ? .opens : .goesOn
        }
    }
}

extension PickLabel {
    /// What people's notes make of a sentence.
    init(_ label: NotedMeeting.SentenceLabel) {
        switch label.item {
        case .decision: self = .decision
        case .action: self = .action
        case .question: self = .question
        case nil: self = [.nothing, .detail, .point, .mainPoint][min(label.worth, 3)]
        }
    }
}
