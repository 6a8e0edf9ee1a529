/// Writes `minutes.html`: the minutes as a page with the transcript below them.
///
/// One file that needs nothing else: it can be opened from the disk, mailed and printed. All of it is there without
/// the script, which only brings up to date, filters and highlights. The same document gives the same bytes.
package struct HTMLRenderer: Sendable {
    /// Makes a renderer.
    package init() {}

    /// How a page says that it was written in this layout: raise the number when pages of finished meetings are to be
    /// written again by a new version.
    package static let generator = "<meta name=\"generator\" content=\"minuted, layout 2\">"

    /// The page of `document`, whose transcript is `transcript`: a stretch for each window, and one behind them.
    package func render(
        _ document: MinutesDocument, transcript: PageTranscript, pieces: MinutesPieces = MinutesPieces()
    ) -> String {
        precondition(
            document.coverage.utterances == transcript.utteranceCount,
            "minutes of \(document.coverage.utterances) utterances were given \(transcript.utteranceCount)")
        pieces.prepare(for: document)
        defer { pieces.page.endRendering() }
        return PageFiles.shared.template.render(
            PageContent(document, transcript: transcript, pieces: pieces.page))
    }
}
