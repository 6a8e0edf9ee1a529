/// Turns DialogSum's text into normally spelled text.
enum DialogSumText {
    /// Removes blanks at apostrophes and within ellipses and large numbers: `I ' Ve`, `. . .` and `2, 000` are
    /// frequent.
    static func cleaned(_ text: String) -> String {
        let clitic = /([A-Za-z]) ?['’] ?(s|t|m|d|re|ve|ll)\b/.ignoresCase().wordBoundaryKind(.simple)
        return text.replacing(clitic) { $0.output.1 + "'" + $0.output.2.lowercased() }
            .replacing(/\.(?: \.)+/, with: "...")
            .replacing(/(\d), (?=\d{3}\b)/.wordBoundaryKind(.simple)) { $0.output.1 + "," }
    }
}
