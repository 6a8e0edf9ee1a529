import Language

/// A text as ROUGE sees it: its words, line by line.
///
/// Words are as ``TextWords`` has them. Words of more than three letters are stemmed if that is wanted. This is what
/// PyPI's `rouge-score` does.
public struct RougeText: Sendable, Hashable {
    /// The words of each line that has any.
    public let lines: [[String]]

    /// All words.
    public var words: [String] { lines.flatMap(\.self) }

    /// Takes a text apart.
    public init(_ text: String, isStemmed: Bool) {
        let lines = TextWords.lines(text)
        self.lines = isStemmed ? lines.map { $0.map(TextWords.stem) } : lines
    }
}
