import Errors
import Foundation
import Testing

/// Errors as people see them.
@Suite struct ErrorTextTests {
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
