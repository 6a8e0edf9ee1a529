import Summaries

/// The pieces of the page that are expensive to render, by what they show.
struct PagePieces {
    /// A part of the meeting, also in the form that the template takes.
    struct Part {
        let part: PagePart
        let value: TemplateValue
    }

    /// Something that is shown with a number.
    struct Numbered<Value: Hashable>: Hashable {
        let value: Value
        let number: Int?
    }

    private let parts = KeptPieces<PagePart.Key, Part>()
    let items = KeptPieces<Numbered<MinutesItem>, TemplateValue>()
    /// The tooltips of items on the timeline.
    let tips = KeptPieces<MinutesItem, HTMLText>()
    let leftOut = KeptPieces<Numbered<Statement>, TemplateValue>()

    /// The parts of a document, in order.
    func parts(of document: MinutesDocument, transcript: PageTranscript) -> [Part] {
        let labels = document.labels
        let titles = Dictionary(
            (document.topics ?? []).map { ($0.firstWindow, $0.title(labels)) },
            uniquingKeysWith: { first, _ in first })
        return document.windows.map { window in
            let key = PagePart.Key(
                window: window, title: titles[window.index] ?? nil,
                // A meeting of one window has that window's summary already.
                isWhole: document.windows.count == 1 && document.summary?.text == window.summary?.text,
                colours: window.speakers.map(transcript.colour))
            return parts.piece(of: key) {
                let part = PagePart(key, labels: labels)
                return Part(part: part, value: part.templateValue)
            }
        }
    }

    func endRendering() {
        parts.endRendering()
        items.endRendering()
        tips.endRendering()
        leftOut.endRendering()
    }
}
