import Language
import Transcript

/// The transcript as the page shows it, built up window by window.
///
/// What was said in a closed window never changes, so its HTML is written once and kept while the meeting goes on; only
/// the utterances after the last window are written again. Colours are given out in the order in which people first
/// speak, so a colour never changes either.
package struct PageTranscript: Sendable {
    /// What the timeline needs to know of an utterance.
    struct Turn: Sendable, Hashable {
        /// Seconds from the meeting's start, if the transcript has times.
        var start: Double?
        /// Seconds from the meeting's start, if the transcript has end times.
        var end: Double?
        /// How many words it has.
        var words: Int
        /// The index of the speaker in ``PageTranscript/speakers``; nil if the transcript names nobody.
        var speaker: Int?
    }

    /// The turns added so far, in order.
    private(set) var turns: [Turn] = []
    /// Their speakers, in the order in which they first speak.
    private(set) var speakers: [String] = []
    /// The index of each speaker in ``speakers``.
    private var places: [String: Int] = [:]
    /// The HTML of each window's lines.
    private(set) var stretches: [HTMLText] = []

    /// How many windows were added.
    package var windowCount: Int { stretches.count }
    /// How many utterances were added.
    package var utteranceCount: Int { turns.count }

    /// An empty transcript.
    package init() {}

    /// For each of ``speakers`` the numbers of their turns.
    var turnsOfSpeakers: [[Int]] {
        var numbers = [[Int]](repeating: [], count: speakers.count)
        for (number, turn) in turns.enumerated() {
            if let speaker = turn.speaker { numbers[speaker].append(number) }
        }
        return numbers
    }

    /// Adds the utterances of the next window, or those after the last one.
    package mutating func append(_ utterances: some Sequence<ReadUtterance>) {
        var lines = ""
        for read in utterances {
            let utterance = read.utterance
            let speaker = utterance.speaker.map { newPlace(of: $0) }
            Self.add(utterance, number: turns.count, colour: PageSpeakers.colour(speaker), to: &lines)
            turns.append(
                Turn(
                    start: utterance.start, end: utterance.end, words: read.reading.wordCount,
                    speaker: speaker))
        }
        stretches.append(HTMLText(markup: lines))
    }

    /// The index of a name in ``speakers``; nil if that person did not speak.
    func place(of speaker: String) -> Int? { places[speaker] }

    private mutating func newPlace(of speaker: String) -> Int {
        if let known = places[speaker] { return known }
        speakers.append(speaker)
        places[speaker] = speakers.count - 1
        return speakers.count - 1
    }

    /// The colour class of a person; the neutral one if they did not speak.
    func colour(of speaker: String?) -> HTMLText { PageSpeakers.colour(speaker.flatMap { places[$0] }) }

    /// Written without a template because there are thousands of lines.
    private static func add(_ utterance: Utterance, number: Int, colour: HTMLText, to lines: inout String) {
        let clock = utterance.start.map(MinutesClock.time) ?? "\(number + 1)"
        lines += "<p id=\"u\(number)\" class=\"\(colour.renderText)\"><a href=\"#u\(number)\">"
        lines += HTMLText(escaping: clock).renderText + "</a>"
        if let speaker = utterance.speaker {
            lines += "<b><bdi>" + HTMLText(escaping: speaker).renderText + "</bdi></b>"
        }
        if utterance.isWritten {
            let mark = Labels.of(utterance.language ?? .english)[.inChat]
            lines += "<i class=\"aside\">" + HTMLText(escaping: mark).renderText + "</i>"
        }
        lines += "<span dir=\"auto\">" + HTMLText(escaping: utterance.text).renderText + "</span></p>\n"
    }
}

/// The colours of speakers, as classes of the style sheet.
///
/// A colour is never the only sign: the name is always beside it.
enum PageSpeakers {
    /// The number of colours in the style sheet; further speakers share the neutral one, `s0`.
    static let colours = 10

    /// The colour class of the speaker with that index in the order of first speaking.
    static func colour(_ place: Int?) -> HTMLText {
        HTMLText(markup: "s\(place.flatMap { $0 < colours ? $0 + 1 : nil } ?? 0)")
    }
}
