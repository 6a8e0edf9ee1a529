import Testing

@testable import Transcript

/// Recognisers' documents beyond the examples of each: what passes as something else, and what cannot be read.
@Suite("Documents of recognisers") struct DocumentTests {
    private func lines(_ text: String, _ name: String = "m.json") throws -> [String] {
        spelledWithTimes(try read(text, name).utterances)
    }

    private func refusal(_ text: String, _ name: String = "m.json") -> TranscriptError? {
        do {
            _ = try read(text, name)
            return nil
        } catch { return error }
    }

    @Test func valuesThatJSONDoesNotHaveCountAsMissing() throws {
        let text =
            #"{"segments": [{"start": 0, "end": 1.5, "text": "Hi.", "p": NaN}, {"start": 2, "end": 3, "text": "Yes.", "p": -Infinity}]}"#
        #expect(try lines(text) == ["0-1.5 -: Hi.", "2-3 -: Yes."])
        #expect(refusal("NaN") != nil && refusal(#"{"a": Nope}"#) != nil)
    }

    @Test func channelsAreSpeakers() throws {
        let aws = """
            {"results": {"transcripts": [{"transcript": "Hi. Yes."}], "channel_labels": {"channels": [
            {"channel_label": "ch_0", "items": [{"alternatives": [{"content": "Hi"}], "type": "pronunciation", "start_time": "0.5", "end_time": "0.8"}, {"alternatives": [{"content": "."}], "type": "punctuation"}]},
            {"channel_label": "ch_1", "items": [{"alternatives": [{"content": "Yes"}], "type": "pronunciation", "start_time": "0.2", "end_time": "0.4"}]}]}}}
            """
        #expect(try lines(aws) == ["0.2-0.4 ch_1: Yes", "0.5-0.8 ch_0: Hi."])
        let google =
            #"{"results":[{"channelTag":1,"alternatives":[{"transcript":"Hi there"}]},{"channelTag":2,"alternatives":[{"transcript":"Yes"}]}]}"#
        #expect(try lines(google) == ["?-? Channel 1: Hi there", "?-? Channel 2: Yes"])
    }

    @Test(arguments: [
        #"[{"speaker": "A B", "sentence": "Hi there.", "start_time": 1, "end_time": 2}]"#,
        #"[{"speakerName": "A B", "text": "Hi there.", "startTime": "00:00:01", "endTime": "00:00:02"}]"#,
        #"{"data": {"transcript": {"sentences": [{"speaker_name": "A B", "text": "Hi there.", "start_time": 1.0, "end_time": 2.0}]}}}"#,
        #"{"speaker_name": "A B", "sentence": "Hi there.", "start_time": 1, "end_time": 2}"#,
        #"[{"user": {"name": "A B"}, "content": "Hi there.", "start_ms": 1000, "end_ms": 2000}]"#,
        #"[{"speaker": "A B", "words": [{"word": "Hi", "start": 1, "end": 1.5}, {"word": "there.", "start": 1.5, "end": 2}]}]"#,
        #"[{"speaker": "A B", "text": "Hi there.", "offset": "PT1S", "duration": "PT1S"}]"#,
    ])
    func listsOfAnyProgram(text: String) throws { #expect(try lines(text) == ["1-2 A B: Hi there."]) }

    @Test func rowsWithoutNames() throws {
        #expect(
            try lines(
                #"[[1, 0, 0.0, 3.2, " Hi there.", [50364], 0.0, -0.2], [2, 0, 3.2, 4, " Yes.", [], 0.0, -0.1]]"#
            ) == ["0-3.2 -: Hi there.", "3.2-4 -: Yes."])
    }

    @Test func millisecondsAreToldBySpeech() throws {
        let text =
            #"[{"speaker": "A", "text": "we begin with the roof and go on", "start": 61000, "end": 64000}, {"speaker": "B", "text": "yes that is good", "start": 65000, "end": 130000}]"#
        #expect(
            try lines(text) == [
                "61-64 Speaker A: we begin with the roof and go on", "65-130 Speaker B: yes that is good",
            ])
    }

    @Test func oneUnitAmongTimesOfTwo() throws {
        let mixed =
            #"[{"text": "one", "speaker": "A B", "start": 1.5, "end": 2}, {"text": "two", "speaker": "A B", "start": 4200, "end": 5100}, {"text": "three", "speaker": "C D", "start": 9.5, "end": 11}]"#
        #expect(try lines(mixed).map { $0.prefix { $0 != " " } } == ["1.5-2", "4.2-5.1", "9.5-11"])
        let epoch =
            #"{"segments": [{"start": 1778566950.5, "end": 1778566952.5, "text": "one"}, {"start": 4, "end": 5, "text": "two"}, {"start": 1778566958.5, "end": 1778566959.5, "text": "three"}]}"#
        #expect(try lines(epoch).map { $0.prefix { $0 != " " } } == ["0-2", "4-5", "8-9"])
    }

    @Test func unfinishedResultsOfVosk() throws {
        let lines = [
            #"{"partial": "we be"}"#,
            #"{"result": [{"word": "we", "start": 1, "end": 1.2, "conf": 1}, {"word": "begin", "start": 1.2, "end": 2, "conf": 1}], "text": "we begin"}"#,
            #"{"text": ""}"#, #"{"partial": "and the"}"#,
        ]
        #expect(
            try self.lines(lines.joined(separator: "\n"), "m.txt") == ["1-2 -: we begin", "?-? -: and the"])
        var decoder = LineDecoder()
        var said: [String] = []
        for line in lines {
            for case .utterance(let utterance) in try decoder.decode(line) { said.append(utterance.text) }
        }
        for case .utterance(let utterance) in decoder.finish() { said.append(utterance.text) }
        #expect(said == ["we begin", "and the"])
    }

    @Test(arguments: [
        (#"{"results": {"items": [{"type": "pronunciation"}]}}"#, "awsTranscribe"),
        (#"{"segments": [{"id": 0, "start": 1}]}"#, "whisper"),
        (#"{"status": "Success", "words": [{"w": "shall", "s": 1}]}"#, "assemblyAI"),
        (#"{"monologues": [{"speaker": 0, "elements": [{"v": "x"}]}]}"#, "rev"),
        (#"{"jobs": [{"id": 1, "state": "done"}], "page": 2}"#, "\"jobs\""),
        (#"[{"a": 1, "b": 2}]"#, "\"a\""),
    ])
    func whatCannotBeReadIsRefusedWithWhatWasFound(text: String, found: String) throws {
        let error = try #require(refusal(text))
        #expect(error.code == .unknownFormat && error.message.contains(found), "\(error.message)")
    }

    @Test(arguments: [
        (#"{"speaker": 2, "text": "Hi."}"#, "?-? Speaker 2: Hi."),
        (#"{"speaker_id": "x1", "sentence": "Hi.", "start_time": "0:05"}"#, "5-? x1: Hi."),
        (#"{"speaker": {"name": "Ada"}, "text": "Hi.", "startTime": 3, "endTime": 4}"#, "3-4 Ada: Hi."),
    ])
    func linesWithOtherKeys(line: String, said: String) throws {
        #expect(try lines(line + "\n" + line.replacing("Hi.", with: "So."), "m.jsonl").first == said)
    }
}
