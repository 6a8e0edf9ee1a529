/// Writes `minutes.html`: the minutes as a page with the transcript below them.
///
/// The page is one file that needs nothing else: it can be opened from disk, mailed and printed. Everything is readable
/// without the script, which only reloads, filters and highlights. The same document gives the same bytes.
package struct HTMLRenderer: Sendable {
    /// A renderer.
    package init() {}

    /// Marks the page with the number of its layout: raise it when a new version should write the pages of finished
    /// meetings again.
    package static let generator = "<meta name=\"generator\" content=\"minuted, layout 3\">"

    /// The page of `document`; `transcript` has a stretch for each window, and one for the utterances after them.
    ///
    /// Pieces that `pieces` still has are not rendered again.
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
