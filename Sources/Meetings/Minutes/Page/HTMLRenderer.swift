import Mustache
import Transcript

/// Writes `minutes.html`: the minutes as a page with the transcript below them.
///
/// One file that needs nothing else: it can be opened from the disk, mailed and printed. All of it is there without
/// the script, which only brings up to date, filters and highlights. The same document gives the same bytes.
package struct HTMLRenderer: Sendable {
    /// Makes a renderer.
    package init() {}

    /// The page of `document`, which was made of `utterances`: all of the meeting, from sequence number 0.
    package func render(_ document: MinutesDocument, utterances: [Utterance]) -> String {
        precondition(
            document.coverage.utterances == utterances.count,
            "minutes of \(document.coverage.utterances) utterances were given \(utterances.count)")
        return PageFiles.shared.template.render(PageContent(document, utterances: utterances))
    }
}
