import Language
import TestSupport
import Testing

@testable import Corpora

struct SentenceLabelsTests {
    /// Of a turn that people cite, the sentence that the note is about gets its worth.
    @Test func notesAndItemsLabelSentences() throws {
        let scratch = try Scratch()
        try scratch.write(
            """
            ## P0
            [0] Ann: Good morning everybody. The crane at the quay has been broken since Monday.
            [1] Bo: Oh dear.
            ## P1
            [2] Bo: Lunch was nice. I will ring the workshop about the crane tomorrow.
            """, to: "crane.txt")
        try scratch.write(
            """
            {"language": "en", "passages": [
                {"p": 0, "x": 2, "s": [{"t": "The crane at the quay is broken.", "e": [0], "g": 2}]},
                {"p": 1, "x": 1, "s": []}],
             "items": [{"kind": "action", "at": [2], "text": "Bo will ring the workshop about the crane."}]}
            """, to: "crane.json")
        let meeting = try #require(try NotedMeeting.read(folder: scratch.path).first)
        let labels = meeting.sentenceLabels()
        #expect(labels.map { $0.map { $0.map(\.worth) } } == [[[0, 2], [0]], [[0, 0]]])
        #expect(labels[1][0].map(\.item) == [nil, .action])
        #expect(labels[0].joined().allSatisfy { $0.item == nil })
    }
}
