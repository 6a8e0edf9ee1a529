import Transcript

/// Parts, outcomes and speakers along the meeting.
///
/// Drawn in SVG with lengths in percent: the page's policy allows no `style` attributes, and texts keep their shape
/// however wide the drawing is.
struct PageTimeline {
    /// A label along the top.
    struct Mark {
        let x: String
        let anchor: String
        let label: HTMLText
    }

    /// A window's block, or the open end.
    struct Block {
        let x: String
        let width: String
        let middle: String
        let state: HTMLText
        /// The place of its minutes or words.
        let place: HTMLText
        let tip: HTMLText
        let label: HTMLText
    }

    /// A decision, an action item or an open question.
    struct Outcome {
        let x: String
        let kind: HTMLText
        let place: HTMLText
        let tip: HTMLText
    }

    /// When somebody spoke and how much.
    struct Lane {
        let colour: HTMLText
        let speaker: HTMLText
        /// Runs of speech from 0 to ``PageTimeline/laneUnits``, as an SVG path.
        let path: HTMLText
        let percent: Int
        let share: HTMLText
        let amount: HTMLText
    }

    let unit: HTMLText
    let marks: [Mark]
    let blocks: [Block]
    let outcomes: [Outcome]
    let hasOutcomes: Bool
    let lanes: [Lane]
    let hasLanes: Bool
    let others: HTMLText

    /// The width of a lane in its own units: about a pixel each.
    static let laneUnits = 1000
    private static let laneLimit = 12

    /// Draws `document`; `utterances` are all of the meeting and not empty.
    init(_ document: MinutesDocument, utterances: [Utterance], speakers: PageSpeakers) {
        let scale = PageScale(utterances)
        unit = HTMLText(
            markup: scale.isTime
                ? "Time since the meeting began." : "Turns, one after the other: the transcript has no times."
        )
        marks = Self.marks(scale, count: utterances.count)
        blocks = Self.blocks(document, scale: scale, count: utterances.count)
        outcomes = (document.items ?? []).enumerated().map { number, item in
            Self.outcome(item, number: number, scale: scale)
        }
        hasOutcomes = !outcomes.isEmpty
        let words = max(1, document.participants.reduce(0) { $0 + $1.words })
        var turns: [String: [Int]] = [:]
        for (number, utterance) in utterances.enumerated() {
            if let speaker = utterance.speaker { turns[speaker, default: []].append(number) }
        }
        lanes = document.participants.prefix(Self.laneLimit).map { person in
            Lane(
                colour: speakers.colour(person.name), speaker: HTMLText(escaping: person.name),
                path: Self.path(turns[person.name] ?? [], scale: scale), percent: person.words * 100 / words,
                share: HTMLText(markup: Self.share(person.words, of: words)),
                amount: HTMLText(
                    escaping: PageContent.count(person.words, "word") + ", "
                        + PageContent.count(person.utterances, "turn")))
        }
        hasLanes = !lanes.isEmpty
        let rest = document.participants.dropFirst(Self.laneLimit).map {
            "\($0.name) (\(PageContent.count($0.words, "word")))"
        }
        others = HTMLText(escaping: rest.isEmpty ? "" : "Also spoke: " + rest.joined(separator: ", ") + ".")
    }

    private static func marks(_ scale: PageScale, count: Int) -> [Mark] {
        if scale.isTime {
            return scale.marks(limit: 6).map { seconds in
                let place = scale.place(seconds)
                return Mark(
                    x: percent(place), anchor: place < 0.02 ? "start" : place > 0.94 ? "end" : "middle",
                    label: HTMLText(markup: MinutesClock.time(seconds)))
            }
        }
        return [
            Mark(x: "0%", anchor: "start", label: HTMLText(markup: "turn 1")),
            Mark(x: "100%", anchor: "end", label: HTMLText(markup: count > 1 ? "turn \(count)" : "")),
        ]
    }

    private static func blocks(_ document: MinutesDocument, scale: PageScale, count: Int) -> [Block] {
        func block(_ extent: Range<Double>, state: String, place: String, tip: String, label: String) -> Block
        {
            let width = extent.upperBound - extent.lowerBound
            return Block(
                x: percent(extent.lowerBound), width: percent(width),
                middle: percent(extent.lowerBound + width / 2), state: HTMLText(markup: state),
                place: HTMLText(markup: place), tip: HTMLText(escaping: tip),
                // A number needs room.
                label: HTMLText(escaping: width < 0.03 ? "" : label))
        }
        var blocks = document.windows.map { window in
            block(
                scale.extent(of: window.firstUtterance..<(window.firstUtterance + window.utteranceCount)),
                state: window.state.rawValue, place: PagePart.place(window),
                tip: "Part \(window.index + 1), \(PagePart.when(window))"
                    + (document.topics?.first { $0.firstWindow == window.index }?.title.map { ": \($0)" }
                        ?? ""),
                label: "\(window.index + 1)")
        }
        let next = document.windows.last.map { $0.firstUtterance + $0.utteranceCount } ?? 0
        if next < count {
            blocks.append(
                block(
                    scale.extent(of: next..<count), state: "open", place: "said-last",
                    tip: "Not in a part yet",
                    label: ""))
        }
        return blocks
    }

    private static func outcome(_ item: MinutesItem, number: Int, scale: PageScale) -> Outcome {
        let heading = PageItemList.name(of: item.kind).heading
        let who = item.owner ?? item.citation.speaker
        return Outcome(
            x: percent(scale.extent(of: item.citation.utterance).lowerBound),
            kind: HTMLText(markup: item.kind.rawValue),
            place: HTMLText(markup: PageItemList.place(of: number)),
            tip: HTMLText(escaping: heading + (who.map { ", \($0)" } ?? "") + ": " + item.text))
    }

    /// `M0 .5h12`: one stroke for each run of speech; runs that touch are one.
    private static func path(_ turns: [Int], scale: PageScale) -> HTMLText {
        var path = ""
        var run: (from: Int, to: Int)?
        func close() {
            if let run { path += "M\(run.from) .5h\(run.to - run.from)" }
        }
        for turn in turns {
            let extent = scale.extent(of: turn)
            let from = min(laneUnits - 1, Int(extent.lowerBound * Double(laneUnits)))
            let to = max(from + 1, Int((extent.upperBound * Double(laneUnits)).rounded(.up)))
            if let last = run, from <= last.to {
                run = (last.from, max(last.to, to))
            } else {
                close()
                run = (from, to)
            }
        }
        close()
        return HTMLText(markup: path)
    }

    private static func share(_ part: Int, of whole: Int) -> String {
        let percent = (part * 100 + whole / 2) / whole
        return percent == 0 && part > 0 ? "&lt;1%" : "\(percent)%"
    }

    /// A share as a length, in hundredths of a percent.
    private static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        let rest = hundredths % 100
        return rest == 0 ? "\(hundredths / 100)%" : "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%"
    }
}
