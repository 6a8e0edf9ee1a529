import Corpora
import Evaluation
import Foundation
import Language
import Summaries
import Transcript

/// How the check of evidence judges notes that people took of meetings, window by window, in each language.
struct EvaluateNotes {
    /// A window with what the check needs, and the notes that are not about it.
    private struct Window {
        let said: [Utterance]
        /// ``CorpusUtterance/index`` of its utterances.
        let indices: [Int]
        let notes: [NotedMeeting.Note]
        let finder: EvidenceFinder
        let ground: PlantedError.Ground
        /// Notes of another window of the meeting, and of another meeting in the same language.
        var elsewhere: (sameMeeting: [String], otherMeeting: [String]) = ([], [])
    }

    /// What was counted of a language's notes.
    private struct Counts {
        var notes = (all: 0, shown: 0)
        /// Turns: cited, cited rightly, and those that bear the notes out.
        var turns = (cited: 0, right: 0, wanted: 0)
        var planted: [PlantedError: (all: Int, caught: Int)] = [:]
        var elsewhere = (sameMeeting: (all: 0, caught: 0), otherMeeting: (all: 0, caught: 0))
    }

    private let windows: [LanguageCode: [Window]]
    private let seed: UInt32

    /// Judges the notes of `meetings` against stretches of `joined` neighbouring windows each.
    init(_ meetings: [NotedMeeting], joined: Int, seed: UInt32) {
        self.seed = seed
        windows = Dictionary(grouping: meetings, by: \.language).mapValues { meetings in
            let windows = meetings.map { Self.windows(of: $0, joined: joined) }
            return windows.enumerated().flatMap { place, own in
                let other = windows[(place + 1) % windows.count]
                return own.enumerated().map { number, window in
                    var window = window
                    if own.count > 1 {
                        window.elsewhere.sameMeeting = own[(number + (own.count + 1) / 2) % own.count].notes
                            .map(\.text)
                    }
                    if windows.count > 1 {
                        window.elsewhere.otherMeeting = other[number % other.count].notes.map(\.text)
                    }
                    return window
                }
            }
        }
    }

    private static func windows(of meeting: NotedMeeting, joined: Int) -> [Window] {
        let participants = meeting.windows.flatMap { $0.utterances.compactMap(\.speaker) }
        return stride(from: 0, to: meeting.windows.count, by: joined).map { first in
            let parts = meeting.windows[first..<min(first + joined, meeting.windows.count)]
            let turns = parts.flatMap(\.utterances)
            let said = turns.map { Utterance($0, of: meeting) }
            return Window(
                said: said, indices: turns.map(\.index), notes: parts.flatMap(\.notes),
                finder: EvidenceFinder(
                    utterances: said.map { ReadUtterance($0) }, participants: Set(participants).sorted()),
                ground: PlantedError.Ground(
                    said: said, participants: participants, language: meeting.language))
        }
    }

    /// A row for each language.
    func table() -> ScoreReport.Table {
        let rows = windows.sorted { $0.key.rawValue < $1.key.rawValue }.map { language, windows in
            let counts = count(windows)
            return [
                language.rawValue, String(counts.notes.all), Self.share(counts.notes.shown, counts.notes.all),
                Self.share(counts.turns.right, counts.turns.cited),
                Self.share(counts.turns.right, counts.turns.wanted),
            ]
                + PlantedError.allCases.map { kind in
                    let (all, caught) = counts.planted[kind] ?? (0, 0)
                    return Self.share(caught, all)
                }
                + [counts.elsewhere.sameMeeting, counts.elsewhere.otherMeeting].map {
                    Self.share($0.caught, $0.all)
                }
        }
        return ScoreReport.Table(
            title: "Evidence of notes",
            text: """
                Notes that people took of meetings: how many the check shows; of the turns that it cites, how many \
                people cited, and the other way round; of false claims put into the notes that it shows, and of notes \
                of other parts and of other meetings, how many it leaves out.
                """,
            columns: ["language", "notes", "shown", "citations' precision", "recall"]
                + PlantedError.allCases.map(\.rawValue) + ["of another part", "of another meeting"],
            rows: rows)
    }

    private func count(_ windows: [Window]) -> Counts {
        var generator = MersenneTwister(seed: seed)
        var counts = Counts()
        for window in windows {
            func isCaught(_ text: String) -> Bool { !window.finder.statement(text).isGrounded }
            for note in window.notes {
                let statement = window.finder.statement(note.text)
                let cited = Set(statement.citations.map { window.indices[$0.utterance] })
                counts.notes.all += 1
                counts.turns.cited += cited.count
                counts.turns.wanted += note.turns.count
                counts.turns.right += cited.intersection(note.turns).count
                guard statement.isGrounded else { continue }
                counts.notes.shown += 1
                for kind in PlantedError.allCases {
                    guard let text = kind.plant(in: note.text, window.ground, using: &generator) else {
                        continue
                    }
                    counts.planted[kind, default: (0, 0)].all += 1
                    counts.planted[kind, default: (0, 0)].caught += isCaught(text) ? 1 : 0
                }
            }
            counts.elsewhere.sameMeeting.all += window.elsewhere.sameMeeting.count
            counts.elsewhere.sameMeeting.caught += window.elsewhere.sameMeeting.count(where: isCaught)
            counts.elsewhere.otherMeeting.all += window.elsewhere.otherMeeting.count
            counts.elsewhere.otherMeeting.caught += window.elsewhere.otherMeeting.count(where: isCaught)
        }
        return counts
    }

    private static func share(_ part: Int, _ all: Int) -> String {
        all > 0 ? String(format: "%.3f", Double(part) / Double(all)) : "–"
    }
}
