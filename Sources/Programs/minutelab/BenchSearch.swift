import Files
import Foundation
import Language
import Ledger
import Transcript

/// How long searching takes in a ledger of many meetings, and how large the index is beside what was said.
///
/// The words are made up, as often as words of a language are: the second half as often as the first, and so on (Zipf).
struct BenchSearch {
    let repetitions: Int
    let meetings: Int
    let wordsPerMeeting: Int

    private static let vocabularyCount = 60_000
    private static let speakers = ["Ada Okafor", "Ben Larsen", "Chidi Nwosu", "Dana Weiss"]

    func measure(_ onFigure: (BenchFigure) -> Void) throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger(path: folder.path + "/ledger.sqlite")
        let vocabulary = Vocabulary(count: Self.vocabularyCount)
        var random = SystemRandomNumberGenerator()
        func figure(_ name: String, _ unit: String, _ samples: [Double]) {
            onFigure(BenchFigure(section: "search", name: name, unit: unit, samples: samples))
        }
        let rates = try (0..<repetitions).map { part in
            let numbers = meetings * part / repetitions..<meetings * (part + 1) / repetitions
            let recorded = numbers.map { ($0, utterances(of: $0, vocabulary, &random)) }
            let begin = ContinuousClock.now
            for (number, utterances) in recorded {
                // Ignored: where it went.
                _ = try ledger.accept(
                    Delivery(
                        meeting: MeetingID("meeting-\(number)"), name: "meeting-\(number).jsonl",
                        kind: .file, sha256: "\(number)", byteCount: 1, format: "jsonl", receivedAt: .now,
                        utterances: utterances, endsMeeting: true))
            }
            let seconds = (ContinuousClock.now - begin) / .seconds(1)
            return Double(numbers.count * wordsPerMeeting) / seconds
        }
        figure("\(meetings * wordsPerMeeting) words, recorded", "word/s", rates)
        let sizes = try (0..<repetitions).map { _ in try ledger.searchSizes() }
        figure("what was said", "MB", sizes.map { Double($0.text) / 1e6 })
        figure("index", "MB", sizes.map { Double($0.index) / 1e6 })
        let (often, common, middling, rare) = (
            vocabulary.words[0], vocabulary.words[30], vocabulary.words[1000], vocabulary.words[30_000]
        )
        let cases = [
            ("the most frequent word", SearchRequest(often)),
            ("a frequent word", SearchRequest(common)),
            ("a common word", SearchRequest(middling)),
            ("a rare word", SearchRequest(rare)),
            ("two frequent words", SearchRequest("\(often) \(common)")),
            ("a frequent and a common word", SearchRequest("\(common) \(middling)")),
            ("words that stand together", SearchRequest("\"\(often) \(common)\"")),
            ("the beginning of a word", SearchRequest("\(middling.prefix(3))*")),
            ("a common word of a speaker", SearchRequest(middling, speaker: "Ada Okafor")),
            ("a frequent word in a meeting", SearchRequest(common, meeting: try MeetingID("meeting-0"))),
            ("a word that is not there", SearchRequest("\(middling) xyzzyx")),
        ]
        for (name, request) in cases {
            figure(
                name, "ms",
                try (0..<repetitions).map { _ in
                    let begin = ContinuousClock.now
                    _ = try ledger.search(request)  // Ignored: only the time is measured.
                    return (ContinuousClock.now - begin) / .milliseconds(1)
                })
        }
    }

    private func utterances(
        of meeting: Int, _ vocabulary: Vocabulary, _ random: inout some RandomNumberGenerator
    ) -> [Utterance] {
        var (utterances, left) = ([Utterance](), wordsPerMeeting)
        while left > 0 {
            let count = min(left, Int.random(in: 3...20, using: &random))
            left -= count
            let words = (0..<count).map { _ in vocabulary.word(&random) }
            let number = utterances.count
            utterances.append(
                Utterance(
                    speaker: Self.speakers[Int.random(in: 0..<4, using: &random)], start: Double(number * 5),
                    text: words.joined(separator: " ") + ".",
                    source: SourcePosition(name: "bench", line: number + 1), language: .english))
        }
        return utterances
    }
}

/// Words of syllables; the most frequent ones are the shortest.
private struct Vocabulary {
    let words: [String]
    /// The share of all words up to each.
    private let shares: [Double]

    init(count: Int) {
        let syllables = "bdfgklmnprstvwz".flatMap { consonant in "aeiou".map { "\(consonant)\($0)" } }
        words = (0..<count).map { rank in
            var (rest, word) = (rank, "")
            repeat {
                word += syllables[rest % syllables.count]
                rest /= syllables.count
            } while rest > 0
            return word
        }
        var sum = 0.0
        let sums = (0..<count).map { rank in
            sum += 1 / (Double(rank) + 2.7)
            return sum
        }
        shares = sums.map { $0 / sum }
    }

    func word(_ random: inout some RandomNumberGenerator) -> String {
        let share = Double.random(in: 0..<1, using: &random)
        var range = 0..<shares.count - 1
        while !range.isEmpty {
            let middle = (range.lowerBound + range.upperBound) / 2
            range = shares[middle] < share ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return words[range.lowerBound]
    }
}
