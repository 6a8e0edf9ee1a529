import Foundation
import Language

/// A meeting with the notes that people took of it, window by window.
package struct NotedMeeting: Sendable, Hashable {
    /// A sentence about a window.
    package struct Note: Sendable, Hashable {
        /// The sentence.
        package var text: String
        /// ``CorpusUtterance/index`` of the turns that bear it out.
        package var turns: [Int]
        /// 1 for a detail, 2 for what belongs into the minutes, 3 for a main point.
        package var worth: Int
    }

    /// Something that came of the meeting.
    package struct Item: Sendable, Hashable {
        /// What it is.
        package enum Kind: String, Sendable, Hashable, Decodable, CaseIterable {
            case decision, action, question
        }

        /// What it is.
        package var kind: Kind
        /// The item, to be read by itself.
        package var text: String
        /// ``CorpusUtterance/index`` of the turns in which it came up.
        package var turns: [Int]
    }

    /// Where the meeting turns to another matter, or back to one.
    package struct Opening: Sendable, Hashable {
        /// ``CorpusUtterance/index`` of the turn with which it does.
        package var turn: Int
        /// The first words of the sentence with which it does, as the turn has them.
        package var words: String
    }

    /// A part of the meeting with its notes.
    package struct Window: Sendable, Hashable {
        /// What was said, in order; never empty.
        package var utterances: [CorpusUtterance]
        /// What people noted of it; empty if nothing was worth a note.
        package var notes: [Note]
    }

    /// The name of its files, without the extension.
    package var name: String
    /// The language that is spoken.
    package var language: LanguageCode
    /// Its windows, in order.
    package var windows: [Window]
    /// Decisions, actions and open questions, in the order of the notes.
    package var items: [Item]
    /// Where another matter begins, in order; nil if nobody marked that.
    package var openings: [Opening]?

    private struct Notes: Decodable {
        struct Passage: Decodable {
            struct Sentence: Decodable {
                var t: String
                var e: [Int]
                var g: Int?
            }

            var p: Int
            var s: [Sentence]
        }

        struct Result: Decodable {
            var kind: Item.Kind
            var at: [Int]
            var text: String
        }

        struct Matter: Decodable {
            var turn: Int
            var words: String
        }

        var language: String
        var passages: [Passage]
        var items: [Result]?
        var matters: [Matter]?
    }

    /// Reads the meetings in a folder, in the order of their names.
    ///
    /// `NAME.txt` has the windows: a line `## P3` begins the one with the number 3, and each of its turns is a line
    /// `[17] Speaker: words`. `NAME.json` has the `language` and the `passages`: for the window `p` its notes `s`, each
    /// a sentence `t` with the turns `e` that bear it out and its worth `g`, 1 if it has none; and the `items`, each with its
    /// `kind`, its `text` and the turns `at` which it came up. `matters`, if it is there, has for each matter that the
    /// meeting turns to the `turn` with which it does, and the first `words` of the sentence. Throws `CorporaError` if a
    /// file is missing or malformed, or the folder has none.
    package static func read(folder: String) throws(CorporaError) -> [NotedMeeting] {
        guard try CorpusFile.isFolder(folder) else {
            throw CorporaError(.unknownKind, "\(folder) is a file: give the folder of NAME.txt and NAME.json")
        }
        let names = try CorpusFile.names(in: folder).filter { $0.hasSuffix(".txt") }.map(CorpusFile.stem)
        guard !names.isEmpty else {
            throw CorporaError(
                .empty, "\(folder): there is no NAME.txt, which would hold a meeting's windows")
        }
        var meetings: [NotedMeeting] = []
        for name in names { meetings.append(try meeting(name, in: folder)) }
        return meetings
    }

    private static func meeting(_ name: String, in folder: String) throws(CorporaError) -> NotedMeeting {
        let place = "\(folder)/\(name).json"
        let notes = try CorpusFile.decode(Notes.self, from: try CorpusFile.bytes(place), place: place)
        var windows = try windows("\(folder)/\(name).txt")
        for passage in notes.passages {
            guard var window = windows[passage.p] else {
                throw CorporaError(.malformed, "\(place): there is no window P\(passage.p) in \(name).txt")
            }
            window.notes = passage.s.map { Note(text: $0.t, turns: $0.e, worth: $0.g ?? 1) }
            windows[passage.p] = window
        }
        return NotedMeeting(
            name: name, language: LanguageCode(rawValue: notes.language),
            windows: windows.sorted { $0.key < $1.key }.map(\.value).filter { !$0.utterances.isEmpty },
            items: (notes.items ?? []).map { Item(kind: $0.kind, text: $0.text, turns: $0.at) },
            openings: notes.matters?.map { Opening(turn: $0.turn, words: $0.words) })
    }

    /// The windows of a transcript by their numbers, without notes.
    private static func windows(_ path: String) throws(CorporaError) -> [Int: Window] {
        var windows: [Int: Window] = [:]
        var current: Int?
        for (number, line) in try CorpusFile.text(path).split(separator: "\n").enumerated() {
            if line.hasPrefix("## P"), let window = Int(line.dropFirst(4)) {
                current = window
                windows[window] = Window(utterances: [], notes: [])
            } else if let current, let turn = line.wholeMatch(of: /\[([0-9]+)\] ([^:]+): (.+)/),
                let index = Int(turn.1)
            {
                windows[current]?.utterances.append(
                    CorpusUtterance(speaker: String(turn.2), text: String(turn.3), index: index))
            } else {
                throw CorporaError(
                    .malformed,
                    "\(path): line \(number + 1) is neither \"## P3\" nor \"[17] Speaker: words\" below it")
            }
        }
        return windows
    }
}
