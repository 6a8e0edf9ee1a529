import Summaries

/// A drawing of the meeting's parts, outcomes and speakers over time.
///
/// It is drawn in SVG with lengths in percent, because the page's policy allows no `style` attributes, and so that the
/// labels are not stretched with the drawing.
struct PageTimeline: TemplateScope {
    /// A label at the top edge.
    struct Mark: TemplateScope {
        let x: String
        let anchor: String
        let label: HTMLText
    }

    /// The block of a window, or of the utterances that are in no window yet.
    struct Block: TemplateScope {
        let x: String
        let width: String
        let middle: String
        let state: HTMLText
        /// The place on the page of its minutes, or of its transcript.
        let place: HTMLText
        let tip: HTMLText
        let label: HTMLText
    }

    /// A decision, an action item or an open question.
    struct Outcome: TemplateScope {
        let x: String
        let kind: HTMLText
        let place: HTMLText
        let tip: HTMLText
    }

    /// When a person spoke, and how much.
    struct Lane: TemplateScope {
        let colour: HTMLText
        let speaker: HTMLText
        /// Their runs of speech as an SVG path, from 0 to ``PageTimeline/laneUnits``.
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

    /// The width of a lane in units of about a pixel.
    static let laneUnits = 1000
    private static let laneLimit = 12

    /// Draws `document`, whose windows are `parts`; `transcript` is not empty.
    init(
        _ document: MinutesDocument, transcript: PageTranscript, parts: [PagePieces.Part], pieces: PagePieces
    ) {
        let labels = document.labels
        let scale = PageScale(transcript.turns)
        let count = transcript.utteranceCount
        unit = HTMLText(escaping: labels[scale.isTime ? .timeUnit : .turnUnit])
        marks = Self.marks(scale, count: count, labels)
        blocks = Self.blocks(document, scale: scale, count: count, parts: parts)
        outcomes = (document.items ?? []).enumerated().map { number, item in
            Outcome(
                x: Self.percent(scale.extent(of: item.citation.utterance).lowerBound),
                kind: HTMLText(markup: item.kind.rawValue),
                place: HTMLText(markup: PageItemList.place(of: number)),
                tip: pieces.tips.piece(of: item) { Self.tip(item, labels) })
        }
        hasOutcomes = !outcomes.isEmpty
        let words = max(1, document.participants.reduce(0) { $0 + $1.words })
        let turns = transcript.turnsOfSpeakers
        lanes = document.participants.prefix(Self.laneLimit).map { person in
            Lane(
                colour: transcript.colour(of: person.name), speaker: HTMLText(escaping: person.name),
                path: Self.path(transcript.place(of: person.name).map { turns[$0] } ?? [], scale: scale),
                percent: person.words * 100 / words,
                share: HTMLText(escaping: Self.share(person.words, of: words, labels)),
                amount: HTMLText(escaping: labels.amount(words: person.words, turns: person.utterances)))
        }
        hasLanes = !lanes.isEmpty
        let rest = document.participants.dropFirst(Self.laneLimit).map {
            labels.aside($0.name, [labels.words($0.words)])
        }
        others = HTMLText(escaping: rest.isEmpty ? "" : labels.alsoSpoke(rest))
    }

    private static func marks(_ scale: PageScale, count: Int, _ labels: Labels) -> [Mark] {
        if scale.isTime {
            return scale.marks(limit: 6).map { seconds in
                let place = scale.place(seconds)
                return Mark(
                    x: percent(place), anchor: place < 0.02 ? "start" : place > 0.94 ? "end" : "middle",
                    label: HTMLText(markup: MinutesClock.time(seconds)))
            }
        }
        return [
            Mark(x: "0%", anchor: "start", label: HTMLText(escaping: labels.turn(1))),
            Mark(x: "100%", anchor: "end", label: HTMLText(escaping: count > 1 ? labels.turn(count) : "")),
        ]
    }

    private static func blocks(
        _ document: MinutesDocument, scale: PageScale, count: Int, parts: [PagePieces.Part]
    ) -> [Block] {
        func block(
            _ extent: Range<Double>, state: String, place: String, tip: HTMLText, label: String
        ) -> Block {
            let width = extent.upperBound - extent.lowerBound
            return Block(
                x: percent(extent.lowerBound), width: percent(width),
                middle: percent(extent.lowerBound + width / 2), state: HTMLText(markup: state),
                place: HTMLText(markup: place), tip: tip,
                // A narrow block has no room for a number.
                label: HTMLText(escaping: width < 0.03 ? "" : label))
        }
        var blocks = zip(document.windows, parts).map { window, part in
            block(
                scale.extent(of: window.firstUtterance..<(window.firstUtterance + window.utteranceCount)),
                state: window.state.rawValue, place: part.part.place, tip: part.part.tip,
                label: "\(window.index + 1)")
        }
        let next = document.windows.last.map { $0.firstUtterance + $0.utteranceCount } ?? 0
        if next < count {
            blocks.append(
                block(
                    scale.extent(of: next..<count), state: "open", place: "said-last",
                    tip: HTMLText(escaping: document.labels[.noPartYet]), label: ""))
        }
        return blocks
    }

    private static func tip(_ item: MinutesItem, _ labels: Labels) -> HTMLText {
        let heading = labels[PageItemList.name(of: item.kind).heading]
        let who = (item.owner ?? item.citation.speaker).map { [$0] } ?? []
        return HTMLText(escaping: labels.labelled(labels.list([heading] + who), item.text))
    }

    /// One stroke such as `M0 .5h12` for each run of speech; runs that touch are joined.
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

    private static func share(_ part: Int, of whole: Int, _ labels: Labels) -> String {
        let percent = (part * 100 + whole / 2) / whole
        return percent == 0 && part > 0 ? "<" + labels.percent(1) : labels.percent(percent)
    }

    /// A share from 0 to 1 as a length in percent, to two decimals.
    private static func percent(_ share: Double) -> String {
        let hundredths = Int((share * 10_000).rounded())
        let rest = hundredths % 100
        return rest == 0 ? "\(hundredths / 100)%" : "\(hundredths / 100).\(rest < 10 ? "0" : "")\(rest)%"
    }
}
