import Language
import Testing

@testable import Transcript

@Suite("Captions that change their mind")
struct CaptionRevisionTests {
    private func said(_ text: String, _ times: ClosedRange<Double>? = nil, by speaker: String? = nil)
        -> Utterance
    {
        Utterance(
            speaker: speaker, start: times?.lowerBound, end: times?.upperBound, text: text,
            source: SourcePosition(name: "test", line: 1))
    }

    private func partial(_ id: String?, _ text: String, _ times: ClosedRange<Double>? = nil) -> CaptionResult
    {
        CaptionResult(id: id, isFinal: false, spoken: text.isEmpty ? [] : [said(text, times)])
    }

    private func final(_ id: String?, _ text: String, _ times: ClosedRange<Double>? = nil) -> CaptionResult {
        CaptionResult(id: id, isFinal: true, spoken: text.isEmpty ? [] : [said(text, times)])
    }

    private func changes(_ results: [CaptionResult]) -> (taken: [String], left: [String]) {
        var assembler = CaptionAssembler()
        func spell(_ change: CaptionAssembler.Change) -> String {
            switch change {
            case .settled(let utterance): "+ \(utterance.text)"
            case .revised(let utterance): "~ \(utterance.text)"
            }
        }
        let taken = results.flatMap { assembler.take($0) }.map(spell)
        return (taken, assembler.finish().map(spell))
    }

    @Test func onlySettledTextComesOut() {
        let (taken, left) = changes([
            partial("1", "the"), partial("1", "the server"), final("1", "The server is down."),
            partial("2", "since"),
        ])
        #expect(taken == ["+ The server is down."])
        #expect(left == ["+ since"])
    }

    @Test func anotherIDForTheSameStretchSupersedesByTime() {
        let (taken, left) = changes([
            partial("a", "good mourning", 0...0.8), final("b", "Good morning.", 0...0.9),
            partial("c", "the server", 2...2.8), final("c", "The server is down.", 2...3.5),
        ])
        #expect(taken == ["+ Good morning.", "+ The server is down."] && left.isEmpty)
    }

    @Test func withoutTimesTheWordsDecide() {
        let (taken, left) = changes([
            partial("a", "the server is done"), final("b", "The server is down."),
            partial("c", "an altogether different matter"), final("d", "Yes."),
        ])
        #expect(taken == ["+ The server is down.", "+ Yes."])
        #expect(left == ["+ an altogether different matter"])
    }

    @Test func withoutIDsTheLastPartialResultCounts() {
        let (taken, left) = changes([
            partial(nil, "so"), partial(nil, "so we"), final(nil, "So we met."), partial(nil, "and then"),
        ])
        #expect(taken == ["+ So we met."] && left == ["+ and then"])
    }

    @Test func whatIsSettledAgainIsARevision() {
        let (taken, left) = changes([
            final("1", "the server is down"), final("1", "The server is down."),
            final("1", "The server is down."),
            partial("1", "late"),
        ])
        #expect(taken == ["+ the server is down", "~ The server is down."] && left.isEmpty)
    }

    @Test func growingSettledResultsOfOneStretchAreOne() {
        let (taken, _) = changes([
            final(nil, "we should ship it", 0...2), final(nil, "we should ship it today", 0...3),
            final(nil, "we should ship it today", 0...3), final(nil, "we should ship it today", 60...63),
        ])
        #expect(taken == ["+ we should ship it", "~ we should ship it today", "+ we should ship it today"])
    }

    @Test func tracksAreApart() {
        var assembler = CaptionAssembler()
        var one = partial("1", "hello there you", 0...2)
        one.track = "left"
        var other = final("1", "Something else.", 0...2)
        other.track = "right"
        #expect(assembler.take(one).isEmpty)
        #expect(assembler.take(other).count == 1)
        #expect(assembler.finish().count == 1)
    }

    @Test func emptyResultsTakeBack() {
        let (taken, left) = changes([partial("1", "um"), final("1", "")])
        #expect(taken.isEmpty && left.isEmpty)
    }

    /// However results come, the memory of them stays small, and no settled word is lost.
    @Test func manyOpenResultsAreTakenAsTheyAre() {
        var assembler = CaptionAssembler()
        var count = 0
        for number in 0..<1000 {
            count +=
                assembler.take(partial("\(number)", "word\(number)", Double(number)...Double(number))).count
        }
        #expect(count + assembler.finish().count == 1000)
    }

    // MARK: - Rolling and repeated captions

    private func joined(_ captions: [Utterance]) -> [String] {
        var joiner = CaptionJoiner()
        for caption in captions { _ = joiner.add(caption) }
        return spelledWithTimes(joiner.utterances)
    }

    @Test func rollingCaptionsAreTakenOnce() {
        #expect(
            joined([
                said("we looked at the budget", 0...2), said("looked at the budget and it", 2...4),
                said("the budget and it has grown", 4...6),
            ]) == ["0-6 -: we looked at the budget and it has grown"])
    }

    @Test func twoWordsThatAreTheSameAreSaidTwice() {
        #expect(
            joined([said("it was very", 0...1), said("was very good", 1...2)])
                == ["0-2 -: it was very was very good"])
    }

    @Test func whatIsSaidAgainLaterOrBySomebodyElseStays() {
        let again = joined([
            said("we have to go", 0...1, by: "Ann"), said("we have to go", 1...2, by: "Bob"),
            said("we have to go", 20...21, by: "Bob"),
        ])
        #expect(again.count == 3)
    }

    @Test func aRollAfterASentenceBeginsTheNext() {
        #expect(
            joined([said("that is the budget.", 0...2), said("that is the budget. Next the roof", 2...4)])
                == ["0-2 -: that is the budget.", "2-4 -: Next the roof"])
    }

    @Test func linesThatGrowAreMergedOnlyWhereTheyAlwaysDo() throws {
        let twice = "Jane: I think that we\nJane: I think that we should\nBob: yes\n"
        #expect(try read(twice, "a.txt").utterances.count == 3)
        let file = try TranscriptReader.read(
            Array("a: b\n".utf8) + (try Fixture.all.first { $0.file == "scraper.txt" }?.bytes() ?? []),
            name: "a.txt")
        #expect(file.utterances.count == 3 && file.notes.contains { "\($0)".contains("only grew") })
    }

    // MARK: - Repetition

    @Test func linesOverSilenceCountOnce() throws {
        let lines =
            ["Jane: we begin"] + Array(repeating: "Jane: Thank you for watching.", count: 9) + ["Bob: so"]
        let file = try read(lines.joined(separator: "\n"), "a.txt")
        #expect(spelled(file.utterances) == ["Jane: we begin", "Jane: Thank you for watching.", "Bob: so"])
        #expect(file.utterances.map(\.repeatCount) == [0, 8, 0])
    }

    @Test func peopleMayRepeatThemselves() throws {
        let three = Array(repeating: "Jane: we have to go", count: 3).joined(separator: "\n")
        #expect(try read(three, "a.txt").utterances.count == 3)
        let votes = Array(repeating: "Aye.", count: 7).joined(separator: "\n")
        #expect(try read(votes, "a.txt").utterances.count == 7)
        let many = Array(repeating: "Aye.", count: 8).joined(separator: "\n")
        #expect(try read(many, "a.txt").utterances.map(\.repeatCount) == [7])
    }

    @Test func repeatedCuesAreExtended() throws {
        let cues = (0..<6).map { "00:0\($0).000 --> 00:0\($0).900\nThank you.\n" }.joined(separator: "\n")
        #expect(try read("WEBVTT\n\n" + cues, "a.vtt").utterances.count == 6)
        let long = cues.replacing("Thank you.", with: "Thanks for watching.")
        let file = try read("WEBVTT\n\n" + long, "a.vtt")
        #expect(spelledWithTimes(file.utterances) == ["0-5.9 -: Thanks for watching."])
    }
}
