import Foundation
import Glibc
import TestSupport
import Testing
import Transcript

@testable import Minutes

/// Minutes that are made again and again while a meeting grows.
@Suite struct MinutesMemoryTests {
    private static let openings = [
        "I will send the report about", "we agreed on", "can you call Bob about", "it stays open what costs",
        "thank you for", "I'm worried about", "why did nobody ask me about", "on the twelfth of May we got",
    ]

    /// Utterances of a few sentences, every one different, with words that come again.
    private static func talk(_ range: Range<Int>, speakers: Int = 3) -> [Utterance] {
        range.map { number in
            let matter = "the engine number \(number % 7) in harbour \(number / 40) beside crane \(number)"
            let question =
                number.isMultiple(of: 5) ? " Is the engine of harbour \(number / 40) there yet?" : ""
            return Utterance(
                speaker: ["Jane", "Bob", "Carla", "Dora Low", "Emil"][number % speakers],
                start: Double(number * 10),
                text: "Okay, \(openings[number % openings.count]) \(matter) by Friday.\(question)",
                source: SourcePosition(name: "talk", line: number + 1))
        }
    }

    /// Windows of twelve utterances; every second summary is borne out, and the last window has none.
    private static func outcomes(_ utterances: [Utterance]) -> [MinutesDocument.WindowOutcome] {
        (0..<utterances.count / 12).map { index in
            let range = index * 12..<(index + 1) * 12
            let text =
                index.isMultiple(of: 2)
                ? "Bob said that " + utterances[range.lowerBound + 1].text
                : "Nobody knew anything whatsoever concerning purple elephants or their tailors."
            return MinutesDocument.WindowOutcome(
                window: window(index, range),
                summary: (index + 1) * 12 == utterances.count ? nil : summary(index, text))
        }
    }

    private static func document(
        _ utterances: [Utterance], memory: MinutesMemory = MinutesMemory()
    ) throws -> MinutesDocument {
        MinutesDocument.make(
            meeting: try MeetingID("m"), state: .open, utterances: utterances, windows: outcomes(utterances),
            generatedAt: Date(timeIntervalSince1970: 0), memory: memory)
    }

    /// Whatever changes between two refreshes, what is remembered makes no difference.
    @Test(arguments: [1, 2, 3] as [UInt64])
    func whatIsRememberedMakesNoDifference(seed: UInt64) throws {
        var random = SeededGenerator(seed: seed)
        let memory = MinutesMemory()
        var said = Self.talk(0..<30)
        for _ in 0..<25 {
            switch Int.random(in: 0..<8, using: &random) {
            case 0: said[said.count - 1].text += " No, I mean the crane."
            case 1: said[Int.random(in: said.indices, using: &random)].text = "We agreed to sell the harbour."
            case 2: said[Int.random(in: said.indices, using: &random)].speaker = "Fay"
            case 3: said.removeLast(Int.random(in: 1...5, using: &random))
            default:
                let count = Int.random(in: 1...20, using: &random)
                said += Self.talk(
                    said.count..<(said.count + count), speakers: Int.random(in: 3...5, using: &random))
            }
            #expect(try Self.document(said, memory: memory) == Self.document(said))
        }
    }

    /// A refresh reads what is new, not all that was ever said.
    @Test func everythingIsReadAndJudgedOnce() throws {
        let all = Self.talk(0..<480)
        let memory = MinutesMemory()
        for end in stride(from: 4, through: all.count, by: 4) {
            _ = try Self.document(Array(all[..<end]), memory: memory)
        }
        #expect(memory.work.readings == all.count)
        // A window is judged when it is closed, and when it has its summary.
        #expect(memory.work.judgements <= 2 * (all.count / 12))
    }

    /// Four times as long a meeting takes about four times as long, also where no summary is borne out: sixteen times if
    /// every window looked at the whole meeting.
    @Test func costGrowsWithTheLength() throws {
        func seconds(_ count: Int) throws -> Double {
            let said = Self.talk(0..<count)
            return try (0..<3).map { _ in
                let begin = Self.processorSeconds()
                let document = try Self.document(said)
                _ = MarkdownRenderer().render(document)
                _ = HTMLRenderer().render(document, utterances: said)
                return Self.processorSeconds() - begin
            }.min() ?? .infinity
        }
        let (short, long) = (try seconds(600), try seconds(2400))
        #expect(long < 9 * short, "\(short) s, then \(long) s")
    }

    private static func processorSeconds() -> Double {
        var time = timespec()
        clock_gettime(CLOCK_THREAD_CPUTIME_ID, &time)
        return Double(time.tv_sec) + Double(time.tv_nsec) * 1e-9
    }
}
