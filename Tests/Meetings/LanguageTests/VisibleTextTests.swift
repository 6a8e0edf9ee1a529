import Foundation
import Language
import Testing

/// Texts and errors as people see them.
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

    private struct Sample: Decodable {
        struct Layer: Decodable { let rank: Int }
        let name: String
        let layers: [Layer]
        let isTied: Bool
    }

    @Test(arguments: [
        (#"{"layers":[],"isTied":true}"#, "'name' is missing"),
        (
            #"{"name":"a","layers":[{"rank":1},{"rank":"x"}],"isTied":true}"#,
            "layers.1.rank: a whole number is needed"
        ),
        (#"{"name":"a","layers":[{}],"isTied":true}"#, "layers.0: 'rank' is missing"),
        (#"{"name":3,"layers":[],"isTied":true}"#, "name: a text is needed"),
        (#"{"name":"a","layers":{},"isTied":true}"#, "layers: a list is needed"),
        (#"{"name":"a","layers":[],"isTied":1}"#, "isTied: true or false is needed"),
        (#"{"name":null,"layers":[],"isTied":true}"#, "name: a text is needed"),
        ("[]", "an object is needed"),
        ("{", "it is not valid JSON"),
    ])
    func whatCannotBeReadIsSaidInWords(json: String, words: String) throws {
        do {
            _ = try JSONDecoder().decode(Sample.self, from: Data(json.utf8))
            Issue.record("read")
        } catch {
            #expect(ErrorText.of(error).hasPrefix(words), "\(ErrorText.of(error))")
        }
    }

    @Test func aFileThatIsMissingIsNoStructure() throws {
        do {
            _ = try Data(contentsOf: URL(filePath: "/nonexistent/file"))
            Issue.record("read")
        } catch {
            let text = ErrorText.of(error)
            #expect(
                !text.contains("Error Domain") && !text.contains("Code=") && text.contains("file"), "\(text)")
        }
    }
}
