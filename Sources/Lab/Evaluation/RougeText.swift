/// A text as ROUGE compares it: its words, line by line.
///
/// ``RougeWords`` defines what a word is. If stemming is on, words of more than three letters are stemmed. All this
/// agrees with the Python package `rouge-score`.
package struct RougeText: Sendable, Hashable {
    /// The words of each line that has words.
    package let lines: [[String]]

    /// The words of all lines.
    package var words: [String] { lines.flatMap(\.self) }

    /// Splits a text into words, which are stemmed if `isStemmed`.
    package init(_ text: String, isStemmed: Bool) {
        let lines = RougeWords.lines(text)
        self.lines = isStemmed ? lines.map { $0.map(RougeWords.stem) } : lines
    }
}
