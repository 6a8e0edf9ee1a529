import Language
import Testing

@testable import Transcript

@Suite("What is no transcript")
struct ForeignTextTests {
    private func refusal(_ text: String, _ name: String = "meeting.txt") -> TranscriptError? {
        do {
            _ = try read(text, name)
            return nil
        } catch { return error }
    }

    @Test(arguments: [
        (
            "YAML",
            "model:\n  path: /var/lib/model.gguf\n  threads: 4\nsockets:\n  ingest: /run/minuted/in.sock\n"
        ),
        ("YAML", "---\nname: minuted\nversion: 1\n"),
        ("YAML", "on: push\njobs:\n  build:\n    runs-on: ubuntu\n"),
        ("YAML", "# settings\nname = \"x\"\nsize = 4\n[section]\npath = /tmp/x\n"),
        ("YAML", "- id: 1\n  who: Ada\n- id: 2\n  who: Bob\n"),
        ("log", "2024-05-01 10:00:00,120 INFO server: started\n2024-05-01 10:00:01,300 WARN server: slow\n"),
        ("log", "[2024-05-01T10:00:00Z ERROR app] it broke\n[2024-05-01T10:00:01Z INFO app] it works\n"),
        ("log", "May  1 10:00:00 host sshd[12]: Accepted\nMay  1 10:00:02 host cron[13]: done\n"),
        ("log", "at=info method=GET path=/ status=200\nat=info method=PUT path=/a status=201\n"),
        (
            "log",
            "10.0.0.1 - - [01/May/2024:10:00:00 +0000] \"GET / HTTP/1.1\" 200 5\n"
                + "10.0.0.1 - - [01/May/2024:10:00:01 +0000] \"GET /a HTTP/1.1\" 404 5\n"
        ),
        ("source", "func main() {\n    let x = 1\n    if x > 0 {\n        go(x)\n    }\n}\n"),
        ("YAML", "# one\n# two\n# three\n# four\nPort 22\nListen no\n"),
        ("source", "int main(void) {\n  puts(\"hello\");\n  return 0;\n}\n"),
        ("table", "id,price,stock\n1,2,3\n2,3,4\n"), ("table", "a\tb\tc\n1\t2\t3\n"),
        ("encoded", "\(String(repeating: "QUJD", count: 19))\n\(String(repeating: "REVG", count: 19))\n"),
        ("script", "#!/bin/sh\necho hello\n"), ("RTF", "{\\rtf1 hello}"),
        ("key", "-----BEGIN CERTIFICATE-----\nMIIB\n-----END CERTIFICATE-----\n"),
    ])
    func otherTextsAreRefusedByTheirContent(kind: String, text: String) throws {
        for name in ["meeting", "meeting.txt", "meeting.log"] {
            let error = try #require(refusal(text, name), "\(kind) passed as \(name)")
            #expect(error.code == .unknownFormat && error.message.contains(kind), "\(error.message)")
        }
    }

    @Test(arguments: ["yaml", "yml", "toml", "ini", "py", "html", "docx"])
    func namesThatPromiseSomethingElseAreHeeded(fileExtension: String) throws {
        let error = try #require(refusal("anna: hello\nbob: hi\n", "meeting.\(fileExtension)"))
        #expect(error.code == .unknownFormat && error.message.contains("rename it to .txt"))
    }

    @Test(arguments: [
        "{\"level\":\"info\",\"msg\":\"started\"}\n{\"level\":\"warn\",\"msg\":\"slow\"}",
        "{\"name\":\"minuted\",\"version\":1}", "[1, 2, 3]", "[{\"a\":1},{\"a\":2}]", "{\n  \"a\": [1, 2]\n}",
        "\"a text\"", "{\"events\":[{\"name\":\"click\"}]}", "{\"segments\":7}", "{\"results\":{}}",
    ])
    func jsonOfAnotherShapeIsRefused(text: String) throws {
        let error = try #require(refusal(text, "meeting.json"))
        #expect(error.code == .unknownFormat && error.message.contains("WebVTT"), "\(error.message)")
    }

    @Test func damagedJSONIsRefusedWithItsLine() throws {
        let cut = try #require(refusal("{\n  \"segments\": [\n    {\"text\": \"a\"},\n", "meeting.json"))
        #expect(cut.code == .malformed && cut.message.contains("line "), "\(cut.message)")
        let events = "{\"type\":\"Begin\",\"expires_at\":1}\nnonsense\n{\"type\":\"Begin\",\"expires_at\":1}"
        let line = try #require(refusal(events, "meeting.jsonl"))
        #expect(line.code == .malformed && line.message.contains("line 2"))
    }

    @Test func aReportOfFailureIsNoTranscript() throws {
        let error = try #require(
            refusal("{\"status\":\"error\",\"error\":\"the audio is silent\",\"id\":\"x\"}", "a.json"))
        #expect(error.message.contains("the audio is silent"))
    }

    /// Few refusals of what people say: speech that looks a little like each of these.
    @Test(arguments: [
        "anna: hello\nbob: hi\nanna: 42\nbob: true\nanna: yes\nbob: no\n", "anna: hello\n", "Jane: 5\n",
        "anna: [laughs]\nbob: \"nothing\"\nanna: what did you say?\nbob: I said nothing at all\n",
        "# Minutes\n\nJane: We begin.\nBob: - first the roof\n",
        "- we met\n- we talked about the roof\n- we left\n", "Jane: INFO is a word\nBob: so is ERROR\n",
        "10:00:01 Jane: hello\n10:00:05 Bob: hi\n",
        "2024-05-01 10:00:00 Jane: hello\n2024-05-01 10:00:05 Bob: hi\n",
        "well, so, I said; and then;\nshe left\nI stayed\n", "Jane: one, two, three\nBob: four, five, six\n",
        "Jane:\n  we begin\nBob:\n  very well\nJane:\n  the roof first\n",
        "Jane: a{b}\nBob: no\nJane: so\nBob: yes\n", "さようなら\n李雷： 你好\n",
        "{laughs} Yes.\nI see {laughs}\nand so {coughs}\n", "Jane: well {laughs}\nBob: and {coughs}\n",
        "[Jane]: hello\n[Bob]: hi\n", "Speaker 1: a = b\nSpeaker 2: c = d\n",
    ])
    func speechIsNotMistaken(text: String) {
        #expect(refusal(text) == nil)
    }

    @Test(
        arguments: [
            ("ZIP", Array("PK".utf8) + [3, 4, 20, 0, 6]), ("gzip", [0x1F, 0x8B, 8, 0]),
            ("PDF", Array("%PDF-1.7\n%".utf8) + [0xE2, 0xE3, 0xCF, 0xD3, 1, 2]), ("NUL", [0x41, 0, 0x42]),
            ("control", [0x41, 1, 2, 3, 0x42]), ("sound", Array("OggS".utf8) + [0, 2]),
            ("picture", [0x89] + Array("PNG\r\n".utf8)),
        ] as [(String, [UInt8])])
    func binaryFilesAreRefusedByKind(kind: String, bytes: [UInt8]) throws {
        let error = #expect(throws: TranscriptError.self) { try TranscriptReader.read(bytes, name: "a.txt") }
        #expect(error?.code == .notText && error?.message.contains(kind) == true, "\(error?.message ?? "")")
    }

    @Test func guessedEncodingsAreTold() throws {
        let latin = try TranscriptReader.read(
            Array("Jos".utf8) + [0xE9] + Array(": hello \u{2D} bye".utf8), name: "a.txt")
        #expect(spelled(latin.utterances) == ["José: hello - bye"])
        #expect(latin.notes.first?.description.contains("Windows-1252") == true)
        let quotes = try TranscriptReader.read(
            Array("Bob: ".utf8) + [0x93, 0x59, 0x65, 0x73, 0x94], name: "a.txt")
        #expect(quotes.utterances.map(\.text) == ["\u{201C}Yes\u{201D}"])
        let wide = try TranscriptReader.read("Bob: hello".utf16.flatMap { [UInt8($0), 0] }, name: "a.txt")
        #expect(
            wide.utterances.map(\.text) == ["hello"]
                && wide.notes.first?.description.contains("UTF-16") == true)
    }
}
