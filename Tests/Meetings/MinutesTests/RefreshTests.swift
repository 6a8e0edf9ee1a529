import Foundation
import Glibc
import Testing
import Transcript

@testable import Minutes
@testable import Summaries

/// Minutes that are rendered again while their meeting goes on.
@Suite struct RefreshTests {
    /// The lists are put together from encoded elements: the encoder's own output has the last word.
    @Test func putTogetherJSONIsWhatTheEncoderWrites() throws {
        let empty = MinutesDocument.make(
            meeting: try MeetingID("empty"), state: .open, utterances: [], windows: [],
            generatedAt: .distantPast)
        var older = try Samples.standup(state: .finished).0
        (older.items, older.remarks, older.exchanges, older.topics) = (nil, nil, nil, nil)
        var documents = [empty, older]
        documents += try [.open, .ended, .finished].map { try Samples.standup(state: $0).0 }
        // Looks like an empty list of the document, if a text could have line feeds.
        documents += try (Hostile.texts + ["a\n  \"items\" : [\n\n  ]", "\n  \"windows\" : [\n\n  ]"]).map {
            try Hostile.meeting($0).0
        }
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
        encoder.dateEncodingStrategy = .iso8601
        for document in documents {
            let expected = String(decoding: try encoder.encode(document), as: UTF8.self) + "\n"
            #expect(try JSONRenderer.render(document) == expected)
        }
    }

    @Test func aPieceIsMadeOnceAndForgottenWhenItIsNotUsed() {
        let kept = KeptPieces<Int, String>()
        var made: [Int] = []
        func render(_ keys: Int...) -> [String] {
            defer { kept.endRendering() }
            return keys.map { key in
                kept.piece(of: key) {
                    made.append(key)
                    return "\(key)"
                }
            }
        }
        #expect(render(1, 2, 2, 3) == ["1", "2", "2", "3"] && made == [1, 2, 3])
        #expect(render(3, 1, 4) == ["3", "1", "4"] && made == [1, 2, 3, 4])
        #expect(render() == [] && render(1) == ["1"] && made == [1, 2, 3, 4, 1])
    }

    /// Four hundred windows and one more utterance.
    @Test func aRefreshCostsAFractionOfTheFirstRendering() throws {
        var utterances = Samples.long
        let windows = stride(from: 0, to: 2950, by: 10).map { first in
            Outcome(
                window: window(first / 10, first..<(first + 10)),
                summary: summary(
                    first / 10, utterances[first..<(first + 3)].map(\.text).joined(separator: " ")))
        }
        func document() throws -> MinutesDocument {
            .make(
                meeting: try MeetingID("long"), state: .open, utterances: utterances, windows: windows,
                generatedAt: Date(timeIntervalSince1970: Double(utterances.count)))
        }
        let pieces = MinutesPieces()
        var costs: [Double] = []
        for _ in 0..<5 {
            let document = try document()
            var transcript = PageTranscript()
            for window in document.windows {
                let range = window.firstUtterance..<(window.firstUtterance + window.utteranceCount)
                transcript.append(read(Array(utterances[range])))
            }
            transcript.append(read(Array(utterances[transcript.utteranceCount...])))
            costs.append(
                try threadTime {
                    _ = try JSONRenderer.render(document, pieces: pieces)
                    _ = MarkdownRenderer().render(document, pieces: pieces)
                    _ = HTMLRenderer().render(document, transcript: transcript, pieces: pieces)
                })
            utterances += talk(1, words: 30, from: utterances.count)
        }
        let refreshes = costs.dropFirst().sorted()
        #expect(refreshes[refreshes.count / 2] < costs[0] / 4, "milliseconds: \(costs.map { $0 * 1000 })")
    }

    /// Seconds of processor time of this thread.
    private func threadTime(_ body: () throws -> Void) rethrows -> Double {
        func now() -> Double {
            var time = timespec()
            clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
            return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
        }
        let begin = now()
        try body()
        return now() - begin
    }
}
