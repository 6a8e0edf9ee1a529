import Language

/// A text as ROUGE sees it: its words, line by line.
///
/// Words are as ``TextWords`` has them. Words of more than three letters are stemmed if that is wanted. This is what
/// PyPI's `rouge-score` does.
package struct RougeText: Sendable, Hashable {
    /// The words of each line that has any.
    package let lines: [[String]]

    /// All words.
    package var words: [String] { lines.flatMap(\.self) }

    /// Takes a text apart.
    package init(_ text: String, isStemmed: Bool) {
        let lines = TextWords.lines(text)
        self.lines = isStemmed ? lines.map { $0.map(TextWords.stem) } : lines
    }
}
