import Language
import TestSupport
import Testing

@testable import Corpora

struct NotedMeetingTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private static let notes = """
        {"language": "de", "passages": [
            {"p": 0, "x": 0, "s": []},
            {"p": 1, "x": 2, "s": [{"t": "Der Kran ist kaputt.", "e": [3, 4], "g": 2}]}],
            "items": [{"kind": "question", "at": [4], "who": null, "text": "Wer repariert den Kran?"}]}
        """

    @Test func windowsHaveTurnsAndNotes() throws {
        try scratch.write(
            "## P0\n[0] Ann: Guten Tag.\n## P1\n[3] Dr. Bo: Der Kran: kaputt.\n[4] Ann: Oh.\n",
            to: "crane.txt")
        try scratch.write(Self.notes, to: "crane.json")
        let meeting = try #require(try NotedMeeting.read(folder: scratch.path).first)
        #expect(meeting.name == "crane" && meeting.language == .german)
        #expect(meeting.windows.map { $0.utterances.map(\.index) } == [[0], [3, 4]])
        #expect(meeting.windows[1].utterances[0].speaker == "Dr. Bo")
        #expect(meeting.windows[1].utterances[0].text == "Der Kran: kaputt.")
        #expect(meeting.windows[0].notes.isEmpty)
        #expect(
            meeting.windows[1].notes == [
                NotedMeeting.Note(text: "Der Kran ist kaputt.", turns: [3, 4], worth: 2)
            ])
        #expect(
            meeting.items == [NotedMeeting.Item(kind: .question, text: "Wer repariert den Kran?", turns: [4])]
        )
    }

    @Test func whatIsWrongIsSaid() throws {
        func complaint(_ transcript: String) throws -> String {
            try scratch.write(transcript, to: "crane.txt")
            try scratch.write(Self.notes, to: "crane.json")
            do {
                _ = try NotedMeeting.read(folder: scratch.path)
                return ""
            } catch {
                return error.message
            }
        }
        #expect(try complaint("## P0\n[0] Ann: Tag.\n").contains("there is no window P1 in crane.txt"))
        #expect(try complaint("## P0\nAnn: Tag.\n## P1\n").contains("line 2"))
        #expect(try complaint("[0] Ann: Tag.\n").contains("line 1"))
    }

    @Test func emptyFolderIsAnError() {
        #expect(throws: CorporaError.self) { try NotedMeeting.read(folder: scratch.path) }
        #expect(throws: CorporaError.self) { try NotedMeeting.read(folder: scratch.path + "/none") }
    }
}
