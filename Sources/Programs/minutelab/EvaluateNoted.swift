import Corpora
import Evaluation
import Foundation
import Language
import LanguageModels
import Summaries
import Transcript

/// What a model notes of meetings, against what people noted of them, window by window.
struct EvaluateNoted {
    private var counts = Counts()

    /// What was counted over all windows.
    private struct Counts {
        /// Turns by how likely they belong into the minutes, and whether people cite them in a note of worth 2 or 3.
        var turns: [(worth: Double, isCited: Bool)] = []
        /// Statements: shown, those that cite a turn which people cite at all, and in a note of worth 2 or 3.
        var shown = (all: 0, noted: 0, worthy: 0, words: 0)
        /// Notes of worth 2 and 3 and those of them that a shown statement cites a turn of; words of all notes.
        var notes = (all: 0, found: 0, words: 0)
        /// Windows of which people noted nothing, and those of them of which nothing is shown.
        var quiet = (all: 0, kept: 0)
        var items: [NotedMeeting.Item.Kind: (shown: Int, right: Int, all: Int, found: Int)] = [:]
        var seconds = 0.0
    }

    /// A statement or an item that is shown, for people to judge.
    private struct SheetLine: Encodable {
        var meeting: String
        var window: Int
        var kind: String
        var text: String
        var speaker: String?
        var due: String?
        var worth: Double?
        var turns: [Int]
        /// What is shown before and after it.
        var before: [String]?
        var after: [String]?
    }

    private var sheet: [SheetLine] = []

    /// A sentence as the model weighed it and as people's notes label it, for calibrating thresholds.
    private struct WeighedLine: Encodable {
        var meeting: String
        var window: Int
        var turn: Int
        var speaker: String?
        var text: String
        var likelihoods: [Double]
        var opening: Double
        var label: String
        var matter: String?
        var isCited: Bool
    }

    private var weighed: [WeighedLine] = []

    /// Has `model` note all windows of `meetings`; a window is one of people's notes.
    init(_ meetings: [NotedMeeting], model: any LanguageModel) async throws {
        for meeting in meetings { try await add(meeting, model) }
    }

    private mutating func add(_ meeting: NotedMeeting, _ model: any LanguageModel) async throws {
        let summarizer = Summarizer(model: model, timeline: meeting.name)
        var judge = MeetingJudge()
        var earlier: [WindowSummary] = []
        var first = 0
        let turns = meeting.windows.flatMap { $0.utterances.map(\.index) }
        let labels = meeting.sentenceLabels()
        var items: [MinutesItem] = []
        for (number, noted) in meeting.windows.enumerated() {
            let said = noted.utterances.map { ReadUtterance(Utterance($0, of: meeting)) }
            let window = Window(
                index: number, utterances: first..<first + said.count, tokenCount: 0, closedBy: .size)
            first += said.count
            let answer = try await summarizer.summarize(
                window: window, utterances: said, earlier: earlier, timeline: meeting.name)
            earlier.append(answer.summary)
            let findings = judge.judge(window, said, answer: answer)
            count(noted, answer.picked, answer.summary)
            let cited = Set(noted.notes.filter { $0.worth >= 2 }.flatMap(\.turns))
            let sentences = answer.picked?.sentences ?? []
            let matters = MatterLabel.labels(of: sentences.map(\.place), labels[number])
            weighed += zip(sentences, matters).map { sentence, matter in
                let place = sentence.place
                let reading = said[place.utterance].reading
                return WeighedLine(
                    meeting: meeting.name, window: number, turn: noted.utterances[place.utterance].index,
                    speaker: noted.utterances[place.utterance].speaker,
                    text: reading.text(reading.sentences[place.sentence]), likelihoods: sentence.likelihoods,
                    opening: sentence.opening,
                    label: PickLabel(labels[number][place.utterance][place.sentence]).rawValue,
                    matter: matter?.rawValue,
                    isCited: cited.contains(noted.utterances[place.utterance].index))
            }
            count(noted, (findings.statements ?? []).filter { $0.isGrounded && !$0.isHeading }, turns)
            items += findings.items
            sheet += (findings.statements ?? []).filter { $0.isGrounded && !$0.isHeading }.map {
                SheetLine(
                    meeting: meeting.name, window: number, kind: "statement", text: $0.text,
                    speaker: $0.speaker, worth: $0.worth, turns: $0.citations.map { turns[$0.utterance] },
                    before: $0.before?.map(Self.spoken), after: $0.after?.map(Self.spoken))
            }
            sheet += findings.items.map {
                SheetLine(
                    meeting: meeting.name, window: number, kind: $0.kind.rawValue, text: $0.text,
                    speaker: $0.owner, due: $0.due, turns: [turns[$0.citation.utterance]],
                    before: $0.before?.map(Self.spoken))
            }
        }
        count(items, meeting, turns)
        await model.close(timeline: meeting.name)
    }

    private static func spoken(_ turn: Statement.Turn) -> String {
        FallbackSummary.spoken(turn.citation.speaker, turn.text)
    }

    private mutating func count(
        _ noted: NotedMeeting.Window, _ picked: PickedWindow?, _ summary: WindowSummary
    ) {
        counts.seconds += summary.seconds
        guard let picked else { return }
        let cited = Set(noted.notes.filter { $0.worth >= 2 }.flatMap(\.turns))
        for (offset, turn) in noted.utterances.enumerated() {
            let worth = picked.sentences.filter { $0.place.utterance == offset }.worthTogether
            counts.turns.append((worth, cited.contains(turn.index)))
        }
    }

    private mutating func count(_ noted: NotedMeeting.Window, _ statements: [Statement], _ turns: [Int]) {
        let (any, worthy) = (
            Set(noted.notes.flatMap(\.turns)), Set(noted.notes.filter { $0.worth >= 2 }.flatMap(\.turns))
        )
        var shown: Set<Int> = []
        for statement in statements {
            let cited = Set(statement.citations.map { turns[$0.utterance] })
            shown.formUnion(cited)
            counts.shown.all += 1
            counts.shown.noted += cited.isDisjoint(with: any) ? 0 : 1
            counts.shown.worthy += cited.isDisjoint(with: worthy) ? 0 : 1
            counts.shown.words += TextReader.read(statement.text, language: .undetermined).wordCount
        }
        for note in noted.notes {
            counts.notes.words += TextReader.read(note.text, language: .undetermined).wordCount
            guard note.worth >= 2 else { continue }
            counts.notes.all += 1
            counts.notes.found += shown.isDisjoint(with: note.turns) ? 0 : 1
        }
        if noted.notes.isEmpty {
            counts.quiet.all += 1
            counts.quiet.kept += statements.isEmpty ? 1 : 0
        }
    }

    private mutating func count(_ items: [MinutesItem], _ meeting: NotedMeeting, _ turns: [Int]) {
        for kind in NotedMeeting.Item.Kind.allCases {
            let own = items.filter { $0.kind.rawValue == kind.rawValue }.map { turns[$0.citation.utterance] }
            let wanted = meeting.items.filter { $0.kind == kind }.map(\.turns)
            func isNear(_ turn: Int, _ others: [Int]) -> Bool { others.contains { abs($0 - turn) <= 2 } }
            counts.items[kind, default: (0, 0, 0, 0)].shown += own.count
            counts.items[kind, default: (0, 0, 0, 0)].right += own.count { turn in
                wanted.contains { isNear(turn, $0) }
            }
            counts.items[kind, default: (0, 0, 0, 0)].all += wanted.count
            counts.items[kind, default: (0, 0, 0, 0)].found += wanted.count { turns in
                own.contains { isNear($0, turns) }
            }
        }
    }

    /// What was found, a row for each measure.
    func table() -> ScoreReport.Table {
        func share(_ part: Int, _ all: Int) -> String {
            all > 0 ? String(format: "%.3f (%d of %d)", Double(part) / Double(all), part, all) : "–"
        }
        let precision = Double(counts.shown.worthy) / Double(max(1, counts.shown.all))
        let recall = Double(counts.notes.found) / Double(max(1, counts.notes.all))
        var rows = [
            ["turns: average precision at worth 2 and more", String(format: "%.3f", averagePrecision)],
            ["statements shown that cite a turn of a note", share(counts.shown.noted, counts.shown.all)],
            ["… of a note of worth 2 and more", share(counts.shown.worthy, counts.shown.all)],
            [
                "notes of worth 2 and more with a turn that is cited",
                share(counts.notes.found, counts.notes.all),
            ],
            [
                "F1 of the last two",
                String(format: "%.3f", 2 * precision * recall / max(1e-9, precision + recall)),
            ],
            ["windows without a note of which nothing is shown", share(counts.quiet.kept, counts.quiet.all)],
            [
                "words shown for a word of the notes",
                String(format: "%.2f", Double(counts.shown.words) / Double(max(1, counts.notes.words))),
            ],
        ]
        for kind in NotedMeeting.Item.Kind.allCases {
            let count = counts.items[kind, default: (0, 0, 0, 0)]
            rows.append(["\(kind.rawValue)s: precision", share(count.right, count.shown)])
            rows.append(["\(kind.rawValue)s: recall", share(count.found, count.all)])
        }
        rows.append(["seconds in the model", String(format: "%.1f", counts.seconds)])
        return ScoreReport.Table(
            title: "Noted meetings",
            text: """
                What the model notes of the windows that people noted, against their notes. A turn or an item is found \
                if one is cited that people cite; for items two turns before or after will do.
                """,
            columns: ["measure", "value"], rows: rows)
    }

    /// Of turns in the order of their worth: the mean of the precision at each that people cite; 0 without any.
    private var averagePrecision: Double {
        var (seen, found, sum) = (0, 0, 0.0)
        for turn in counts.turns.sorted(by: { $0.worth > $1.worth }) {
            seen += 1
            guard turn.isCited else { continue }
            found += 1
            sum += Double(found) / Double(seen)
        }
        return found > 0 ? sum / Double(found) : 0
    }

    /// What is shown, for people to judge, and all sentences that were weighed; a JSON object to a line.
    func files() throws -> [(name: String, text: String)] {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        func lines(_ values: [some Encodable]) throws -> String {
            try values.map { String(decoding: try encoder.encode($0), as: UTF8.self) + "\n" }.joined()
        }
        return [("sheet.jsonl", try lines(sheet)), ("weighed.jsonl", try lines(weighed))]
    }
}
