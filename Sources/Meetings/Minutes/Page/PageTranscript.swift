import Language
import Transcript

/// The transcript as the page shows it, made window by window.
///
/// What is said in a closed window never changes, so its HTML is made once and kept while the meeting goes on; only the
/// utterances behind the last window are made again. Speakers have their colours in the order in which they first speak,
/// so that a colour never changes either.
package struct PageTranscript: Sendable {
    /// What the timeline needs of an utterance.
    struct Turn: Sendable, Hashable {
        /// Seconds from the meeting's start, if the transcript has times.
        var start: Double?
        /// Seconds from the meeting's start, if the transcript has end times.
        var end: Double?
        /// Words.
        var words: Int
        /// The place of who speaks among the speakers; nil if the transcript names nobody.
        var speaker: Int?
    }

    /// Turns of the windows that were taken in, in order.
    private(set) var turns: [Turn] = []
    /// Those who speak in them, in the order in which they first do.
    private(set) var speakers: [String] = []
    /// The places of ``speakers``.
    private var places: [String: Int] = [:]
    /// The lines of each window.
    private(set) var stretches: [HTMLText] = []

    /// How many windows were taken in.
    package var windowCount: Int { stretches.count }
    /// How many utterances they have.
    package var utteranceCount: Int { turns.count }

    /// Has taken in nothing.
    package init() {}

    /// The numbers of the turns of each of ``speakers``.
    var turnsOfSpeakers: [[Int]] {
        var numbers = [[Int]](repeating: [], count: speakers.count)
        for (number, turn) in turns.enumerated() {
            if let speaker = turn.speaker { numbers[speaker].append(number) }
        }
        return numbers
    }

    /// Takes in the utterances of the next window, or those behind the last one.
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

    /// The place of somebody among ``speakers``; nil if they did not speak.
    func place(of speaker: String) -> Int? { places[speaker] }

    private mutating func newPlace(of speaker: String) -> Int {
        if let known = places[speaker] { return known }
        speakers.append(speaker)
        places[speaker] = speakers.count - 1
        return speakers.count - 1
    }

    /// The class of the colour of somebody who may speak or not.
    func colour(of speaker: String?) -> HTMLText { PageSpeakers.colour(speaker.flatMap { places[$0] }) }

    /// Written by hand rather than by the page's template: there are thousands of lines.
    private static func add(_ utterance: Utterance, number: Int, colour: HTMLText, to lines: inout String) {
        let clock = utterance.start.map(MinutesClock.time) ?? "\(number + 1)"
        lines += "<p id=\"u\(number)\" class=\"\(colour.renderText)\"><a href=\"#u\(number)\">"
        lines += HTMLText(escaping: clock).renderText + "</a>"
        if let speaker = utterance.speaker {
            lines += "<b><bdi>" + HTMLText(escaping: speaker).renderText + "</bdi></b>"
        }
        lines += "<span dir=\"auto\">" + HTMLText(escaping: utterance.text).renderText + "</span></p>\n"
    }
}

/// The colours of those who speak: classes of the style sheet.
///
/// Names always stand beside them.
enum PageSpeakers {
    /// As many as the style sheet has; those who speak last of all share the neutral one, `s0`.
    static let colours = 10

    /// The class of the colour of the speaker at a place in the order of first speaking.
    static func colour(_ place: Int?) -> HTMLText {
        HTMLText(markup: "s\(place.flatMap { $0 < colours ? $0 + 1 : nil } ?? 0)")
    }
}
