import Testing

@testable import Transcript

/// A connection that goes on from the state of the one before says the same as one that was never broken off.
@Suite("A decoder that goes on where another one was broken off")
struct ResumedDecoderTests {
    /// What was said, by whatever connection: places in the stream left out.
    private struct Said: Equatable, CustomStringConvertible {
        var kind: String
        var id: String?
        var speaker: String?
        var start: Double?
        var text: String
        var description: String { "\(kind) \(id ?? "-") \(text)" }

        init?(_ event: LineDecoder.Event) {
            switch event {
            case .utterance(let said): self.init("said", said)
            case .revision(let said): self.init("revised", said)
            case .repetition(let said): self.init("repeated", said)
            case .greeting, .meeting, .endOfMeeting, .note: return nil
            }
        }

        private init(_ kind: String, _ utterance: Utterance) {
            (self.kind, id, speaker) = (kind, utterance.id, utterance.speaker)
            (start, text) = (utterance.start, utterance.text)
        }
    }

    private static let streams: [[String]] = [
        [
            #"{"id": "a", "final": false, "text": "we will"}"#,
            #"{"id": "b", "final": false, "text": "and the"}"#,
            #"{"text": "plain"}"#, #"{"id": "b", "text": "and the rest"}"#,
            #"{"id": "a", "text": "we will go"}"#, #"{"id": "b", "text": "and the rest of it"}"#,
            #"{"id": "c", "final": false, "text": "never settled"}"#,
        ],
        [
            deepgram("we take", isFinal: true), deepgram("number", isFinal: false),
            deepgram("number one", isFinal: true), #"{"text": "between"}"#,
            deepgram("today", isFinal: true, ends: true), deepgram("and", isFinal: true),
        ],
        [
            #"{"type":"Turn","turn_order":0,"end_of_turn":false,"transcript":"good morning","words":[]}"#,
            #"{"type":"Turn","turn_order":0,"end_of_turn":true,"transcript":"Good morning.","words":[]}"#,
            #"{"type":"Turn","turn_order":0,"end_of_turn":true,"transcript":"Good morning, all.","words":[]}"#,
            #"{"type":"Turn","turn_order":1,"end_of_turn":false,"transcript":"we begin","words":[]}"#,
        ],
        Array(repeating: #"{"speaker": "Ada", "text": "Thank you for watching."}"#, count: 6),
        [
            #"{"start": 1700000000, "text": "epoch"}"#, #"{"start": 1700000012.5, "text": "later"}"#,
        ],
        ["Ada:", "one", "two", "23:59:50 Ben: late", "0:00:10 Ben: after midnight"],
    ]

    private static func deepgram(_ text: String, isFinal: Bool, ends: Bool = false) -> String {
        """
        {"type":"Results","is_final":\(isFinal),"speech_final":\(ends),"channel_index":[0,1],\
        "channel":{"alternatives":[{"transcript":"\(text)","words":[]}]}}
        """
    }

    private func said(_ lines: [String], by decoder: inout LineDecoder) throws -> [Said] {
        try lines.flatMap { try decoder.decode($0) }.compactMap(Said.init)
    }

    @Test(arguments: streams.indices)
    func itSaysTheSameWhereverItWasBrokenOff(stream: Int) throws {
        let lines = Self.streams[stream]
        var whole = LineDecoder()
        let expected = try said(lines, by: &whole) + whole.finish().compactMap(Said.init)
        #expect(!expected.isEmpty)
        for cut in 0...lines.count {
            var first = LineDecoder(name: "socket:1")
            var heard = try said(Array(lines[..<cut]), by: &first)
            var second = LineDecoder(name: "socket:2")
            try second.resume(from: first.savedState())
            #expect(second.holdsBack == first.holdsBack)
            heard += try said(Array(lines[cut...]), by: &second)
            heard += second.finish().compactMap(Said.init)
            #expect(heard == expected, "cut before line \(cut)")
        }
    }

    /// What the greeting of the later connection says counts.
    @Test func theGreetingStays() throws {
        var first = LineDecoder()
        _ = try first.decode("Ada: plain text")
        var second = LineDecoder()
        _ = try second.decode(#"{"meeting": "m", "format": "jsonl"}"#)
        try second.resume(from: first.savedState())
        #expect(second.format == .jsonLines)
        second.skip()
        #expect(second.lineCount == 2)
    }

    private func turn(_ text: String, isFinal: Bool) -> String {
        #"{"type":"Turn","turn_order":0,"end_of_turn":\#(isFinal),"transcript":"\#(text)","words":[]}"#
    }

    /// A recogniser that was started again begins with its first id: other words are no correction, and nothing is lost.
    @Test(arguments: [true, false])
    func whatHasTheIdOfOtherWordsIsSaidAnew(isSettled: Bool) throws {
        var first = LineDecoder()
        var heard = try said([turn("Good morning to all of you.", isFinal: isSettled)], by: &first)
        var second = LineDecoder()
        try second.resume(from: first.savedState())
        heard += try said(
            [turn("The budget", isFinal: false), turn("The budget comes first.", isFinal: true)], by: &second)
        #expect(heard.map(\.kind) == ["said", "said"])
        #expect(heard.map(\.text) == ["Good morning to all of you.", "The budget comes first."])
    }

    @Test func itIsBounded() throws {
        var decoder = LineDecoder()
        let words = String(repeating: "word ", count: 20_000)
        var events: [LineDecoder.Event] = []
        for number in 0..<40 {
            events += try decoder.decode(
                #"{"id": "p\#(number)", "final": false, "text": "\#(words)\#(number)"}"#)
            events += try decoder.decode(#"{"id": "s\#(number)", "text": "\#(words)\#(number)"}"#)
        }
        #expect(decoder.savedState().utf8.count < 1 << 19)
        // Nothing is lost of it: what is too much is taken as it is.
        events += decoder.finish()
        #expect(events.compactMap(Said.init).filter { $0.kind == "said" }.count == 80)
    }

    @Test(arguments: ["", "{}", "[1]", "nonsense"])
    func somethingElseIsRefused(saved: String) throws {
        var decoder = LineDecoder()
        #expect(throws: TranscriptError.self) { try decoder.resume(from: saved) }
    }
}
