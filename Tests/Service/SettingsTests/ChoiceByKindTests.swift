import Settings
import Testing

/// A value for each kind of meeting.
@Suite struct ChoiceByKindTests {
    @Test(arguments: [
        ("none", "none", [:]), ("/a.gguf", "/a.gguf", ["": "/a.gguf"]),
        ("default=/a.gguf", "/a.gguf", ["": "/a.gguf"]), ("standup=/a", "standup=/a", ["standup": "/a"]),
        (
            "standup = /a b.gguf ,default=/c,board.x=/d=e", "default=/c, board.x=/d=e, standup=/a b.gguf",
            ["": "/c", "standup": "/a b.gguf", "board.x": "/d=e"]
        ),
    ]) func choicesAreReadAndWritten(text: String, written: String, paths: [String: String]) throws {
        let choice = try #require(ChoiceByKind(text, isValue: ChoiceByKind.isPath))
        #expect(choice.values == paths)
        #expect(choice.text == written)
        #expect(ChoiceByKind(choice.text, isValue: ChoiceByKind.isPath) == choice)
    }

    @Test(arguments: [
        "", "relative.gguf", "standup=relative", "=/a", "a=/b, a=/c", "/a, /b", "/a, x=/b", "a/b=/c", "a=/b,",
        "default=/a, default=/b", "ä=/b",
    ]) func otherTextsAreNoChoices(text: String) {
        #expect(ChoiceByKind(text, isValue: ChoiceByKind.isPath) == nil)
    }

    @Test func theLongestBeginningOfAMeetingsNameCounts() throws {
        let choice = try #require(
            ChoiceByKind("stand=/a, standup=/b, default=/c", isValue: ChoiceByKind.isPath))
        #expect(choice.kind(ofMeeting: "standup-2026") == "standup")
        #expect(choice.kind(ofMeeting: "standing") == "stand")
        #expect(choice.kind(ofMeeting: "board") == "")
        #expect(ChoiceByKind("standup=/b", isValue: ChoiceByKind.isPath)?.kind(ofMeeting: "board") == nil)
        #expect(ChoiceByKind.none.kind(ofMeeting: "board") == nil)
    }
}
