import Foundation
import Language
import TestSupport
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

/// A meeting in each of the languages that minuted knows, from its words to its minutes.
@Suite struct LanguagesTests {
    private struct Meeting: Decodable {
        struct Turn: Decodable {
            let speaker: String
            let text: String
        }

        struct Claim: Decodable {
            let text: String
        }

        let language: String
        let turns: [Turn]
        let `true`: [Claim]
        let planted: [Claim]

        static func read(_ language: LanguageCode) throws -> Meeting {
            let url = Repository.root.appending(
                path: "Tests/Meetings/LanguageTests/Fixtures/\(language).json")
            return try JSONDecoder().decode(Meeting.self, from: Data(contentsOf: url))
        }

        /// As the ledger hands them out: each in the language that it is told to be in.
        var utterances: [ReadUtterance] {
            var last: LanguageCode?
            return turns.enumerated().map { place, turn in
                last = LanguageIdentifier.language(of: turn.text, after: last)
                return ReadUtterance(
                    Utterance(
                        speaker: turn.speaker, text: turn.text,
                        source: SourcePosition(name: "t", line: place + 1),
                        language: last))
            }
        }
    }

    /// Words are counted, windows close while people talk, and minutes are in the language that was spoken.
    @Test(arguments: LanguageCode.firstClass) func aMeetingHasWordsWindowsAndMinutes(_ language: LanguageCode)
        throws
    {
        let said = try Meeting.read(language).utterances
        #expect(said.reduce(0) { $0 + $1.reading.wordCount } >= 600)
        var segmenter = Segmenter(policy: SegmentationPolicy(maximumTokens: 400, findsTopics: false))
        var windows: [Window] = []
        for read in said { windows += segmenter.add(read, tokenCount: read.reading.wordCount * 3 / 2) }
        #expect(windows.count >= 1, "none was closed while people talked")
        windows += segmenter.close()
        let document = MinutesDocument.make(
            meeting: try MeetingID("m"), state: .finished, utterances: said.map(\.utterance),
            windows: windows.map { Outcome(window: $0, failure: Note(.programError, .text("no model"))) },
            generatedAt: .distantPast)
        #expect(document.language == language)
        #expect(document.items?.isEmpty == false && document.topics?.allSatisfy { !$0.words.isEmpty } == true)
        let markdown = MarkdownRenderer().render(document)
        let labels = Labels.of(language)
        #expect(markdown.contains("## \(labels[.course])") && markdown.contains(labels[.whoLabel]))
    }

    /// Of sentences with a wrong number, day or name few are shown, of those that are true at least half: a paraphrase
    /// that has hardly a word in common with what was said cannot be told from an invention by words alone.
    ///
    /// What is said to be missing is tested with the turns that a sentence rests on, by `ClaimCheckTests`.
    @Test(arguments: LanguageCode.firstClass)
    func falseSentencesAreHeldBack(_ language: LanguageCode) throws {
        let meeting = try Meeting.read(language)
        let finder = EvidenceFinder(utterances: meeting.utterances)
        let shown = meeting.true.count { finder.statement($0.text).isGrounded }
        let caught = meeting.planted.count { !finder.statement($0.text).isGrounded }
        #expect(shown * 2 >= meeting.true.count, "\(shown) of \(meeting.true.count)")
        #expect(caught * 100 >= meeting.planted.count * 86, "\(caught) of \(meeting.planted.count)")
    }
}
