import Language
import Testing

/// Texts as people see them.
@Suite struct VisibleTextTests {
    @Test(arguments: [
        ("plain, “quoted” – é 中 😀", "plain, “quoted” – é 中 😀"),
        ("a\u{1B}[31mb\u{7}\u{9B}1mc", "a [31mb  1mc"),
        ("a\nb\tc\r\nd\u{2028}e\u{85}f", "a b c  d e f"), ("fdp\u{202E}exe.txt", "fdpexe.txt"),
        ("\u{202A}\u{202B}\u{202D}a\u{202C}\u{2066}\u{2067}\u{2068}b\u{2069}\u{206A}", "ab"),
        // Hebrew and Arabic need no more than their letters and these marks.
        ("\u{200F}שלום 123\u{200E}, عالم\u{61C}", "\u{200F}שלום 123\u{200E}, عالم\u{61C}"),
        // What joins letters and pictures.
        ("نامه\u{200C}ای 👩\u{200D}🔬", "نامه\u{200C}ای 👩\u{200D}🔬"),
    ])
    func nothingReachesBeyondTheText(text: String, shown: String) {
        #expect(VisibleText.line(text) == shown)
    }

    @Test func linesAreKeptWhereTheyAreWanted() {
        #expect(VisibleText.lines("a\nb\u{1B}c\u{202E}\td") == "a\nb c d")
    }
}
