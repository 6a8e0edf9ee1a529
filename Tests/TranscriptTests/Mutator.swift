import Foundation

@testable import Transcript

/// Damages bytes at random, repeatably: flips, cuts, insertions, splices with other examples.
struct Mutator {
    private var generator: SeededGenerator
    private let others: [[UInt8]]

    /// What parsers look for, where it is not expected.
    private static let pieces: [[UInt8]] =
        [
            "-->", "<v ", "\n\n", "00:00:", "&#", "{", "[", "}", "]", ": ", "\r", "(9999:99)",
            "99999999999999999999",
            "e\u{301}：", ">>", "\"", "\\u", "\\ud800", "null", "-1e999", ",", "\"text\":", "\"id\":",
            "\"final\":false",
            "[[[[[[[[", "{\"a\":", "\u{FEFF}", "\u{2028}", "- ", "~",
        ].map { Array($0.utf8) } + [[0], [0xFF], [0xC3], [0xFF, 0xFE]]

    init(seed: UInt64, others: [[UInt8]]) {
        generator = SeededGenerator(seed: seed)
        self.others = others.filter { !$0.isEmpty }
    }

    mutating func mutated(_ original: [UInt8], limit: Int = 4000) -> [UInt8] {
        var bytes = original
        for _ in 0..<Int.random(in: 1...4, using: &generator) where !bytes.isEmpty {
            let place = Int.random(in: 0..<bytes.count, using: &generator)
            switch Int.random(in: 0..<7, using: &generator) {
            case 0: bytes[place] = UInt8.random(in: 0...255, using: &generator)
            case 1: bytes[place] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 2:
                let end = min(bytes.count, place + Int.random(in: 1...40, using: &generator))
                bytes.removeSubrange(place..<end)
            case 3: bytes.insert(contentsOf: Self.pieces.randomElement(using: &generator) ?? [], at: place)
            case 4: bytes = Array(bytes[..<place])
            case 5:
                let other = Int.random(in: 0..<bytes.count, using: &generator)
                bytes.insert(contentsOf: bytes[min(place, other)..<max(place, other)], at: place)
            default:
                let other = others.randomElement(using: &generator) ?? []
                guard !other.isEmpty else { continue }
                let from = Int.random(in: 0..<other.count, using: &generator)
                bytes = Array(bytes[..<place] + other[from...])
            }
        }
        return Array(bytes.prefix(max(limit, original.count)))
    }
}

/// How long and from where on parsers are fed damaged input: a little in each run of the tests, for as long as
/// `MINUTED_FUZZ_SECONDS` says in a soak.
enum Fuzzing {
    static let seconds = ProcessInfo.processInfo.environment["MINUTED_FUZZ_SECONDS"].flatMap(Double.init)

    /// Calls `body` with ever new seeds; returns how often.
    static func run(rounds: Int, _ body: (UInt64) throws -> Void) rethrows -> Int {
        let limit = seconds.map { ContinuousClock.now + .seconds($0) }
        // A soak goes on where the tests end.
        var seed: UInt64 = limit == nil ? 1 : 1_000_000
        var count = 0
        while limit.map({ ContinuousClock.now < $0 }) ?? (count < rounds) {
            try body(seed)
            seed += 1
            count += 1
        }
        return count
    }

    /// Says in a soak how often a target was run.
    static func report(_ target: String, _ count: Int) {
        guard seconds != nil else { return }
        FileHandle.standardError.write(Data("fuzzed \(target): \(count) inputs\n".utf8))
    }
}

/// What an utterance promises.
func isSound(_ utterance: Utterance) -> Bool {
    let times = [utterance.start, utterance.end].compactMap { $0 }
    return !utterance.text.isEmpty && utterance.text == utterance.text.collapsed
        && utterance.speaker?.isEmpty != true && utterance.source.line > 0
        && times.allSatisfy { $0.isFinite && $0 >= 0 } && times == times.sorted()
        && utterance.repeatCount >= 0
}
