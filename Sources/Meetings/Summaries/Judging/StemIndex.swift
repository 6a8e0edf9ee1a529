import Foundation

/// Where in a stretch of a meeting each word is said, by its stem, and where words like it are.
///
/// Stems are alike if one is a part of the other (`Rücklage` and `Instandhaltungsrücklage`, an Arabic word with and
/// without its article), if they begin alike (what a stemmer leaves of two forms can differ), or if they share most of
/// their letters in order.
struct StemIndex: Sendable {
    /// Where a word is said, and what it counts for.
    struct Entry: Sendable {
        /// Places of the utterances, in order, each with how alike their words are to it: 1 for the same stem.
        var places: [(place: Int, likeness: Double)]
        /// The rarer a word is, the more it counts.
        var weight: Double
    }

    private let stems: [[Unicode.Scalar]]
    /// For each of ``stems``, the places of the utterances that have it, in order.
    private let places: [[Int]]
    private let numbers: [String: Int]
    /// Numbers of the stems that have a run of letters.
    private let grams: [UInt64: [Int]]
    private let utteranceCount: Int

    /// Indexes utterances by their sets of stems; their places count from 0.
    init(_ utterances: some Sequence<Set<String>>) {
        var numbers: [String: Int] = [:]
        var stems: [[Unicode.Scalar]] = []
        var places: [[Int]] = []
        var count = 0
        for utterance in utterances {
            for stem in utterance {
                let number = numbers[stem] ?? stems.count
                if number == stems.count {
                    numbers[stem] = number
                    stems.append(Array(stem.unicodeScalars))
                    places.append([])
                }
                places[number].append(count)
            }
            count += 1
        }
        var grams: [UInt64: [Int]] = [:]
        for (number, stem) in stems.enumerated() {
            for gram in Set(Self.grams(stem)) { grams[gram, default: []].append(number) }
        }
        (self.numbers, self.stems, self.places, self.grams, utteranceCount) = (
            numbers, stems, places, grams, count
        )
    }

    /// What counts for a word, or for anything else, that is in so many utterances.
    func weight(ofCount count: Double) -> Double { log(1 + Double(utteranceCount) / max(1, count)) }

    /// Where a stem is said.
    func entry(_ stem: String) -> Entry {
        let letters = Array(stem.unicodeScalars)
        var likeness: [Int: Double] = [:]
        for (number, shared) in candidates(letters) where shared >= Self.leastShared(letters) {
            let value = Self.likeness(letters, stems[number])
            guard value > 0 else { continue }
            for place in places[number] { likeness[place] = max(likeness[place] ?? 0, value) }
        }
        if let number = numbers[stem] { for place in places[number] { likeness[place] = 1 } }
        let found = likeness.sorted { $0.key < $1.key }.map { (place: $0.key, likeness: $0.value) }
        return Entry(places: found, weight: weight(ofCount: found.reduce(0) { $0 + $1.likeness }))
    }

    /// The stems that share runs of letters with another one, each with how many.
    private func candidates(_ letters: [Unicode.Scalar]) -> [Int: Int] {
        var shared: [Int: Int] = [:]
        for gram in Set(Self.grams(letters)) {
            for number in grams[gram] ?? [] { shared[number, default: 0] += 1 }
        }
        return shared
    }

    // MARK: - Likeness

    /// The most that a word which is only alike counts for.
    private static let most = 0.7

    /// 0 to ``most``; 0 if they are not alike.
    static func likeness(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Double {
        switch (script(one), script(other)) {
        case (.ideographs, .ideographs): return most * ofIdeographs(one, other)
        case (.syllables, .syllables): return most * ofSyllables(one, other)
        case (.letters, .letters): return most * ofLetters(one, other)
        default: return 0
        }
    }

    /// An ideograph carries meaning by itself.
    private static func ofIdeographs(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Double {
        let (one, other) = (Set(one.filter(isIdeograph)), Set(other.filter(isIdeograph)))
        guard !one.isEmpty, !other.isEmpty else { return 0 }
        return share(one.intersection(other).count, of: one.count, other.count)
    }

    /// Korean endings change only what follows the first syllables.
    private static func ofSyllables(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Double {
        let common = commonBeginning(one, other)
        if common >= 2 { return 0.5 + Double(common) / Double(max(one.count, other.count)) / 2 }
        return min(one.count, other.count) >= 2 && isPart(one, other) ? 0.8 : 0
    }

    private static func ofLetters(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Double {
        let (least, longest) = (min(one.count, other.count), max(one.count, other.count))
        guard least >= 4 else { return 0 }
        // A number is another one if it has a digit more.
        guard !one.allSatisfy(\.isDigit), !other.allSatisfy(\.isDigit) else { return 0 }
        let common = commonBeginning(one, other)
        if common == least { return 1 }
        if common >= 4, common * 2 >= longest { return (Double(common) / Double(longest)).squareRoot() }
        let (short, long) = one.count < other.count ? (one, other) : (other, one)
        if long.suffix(short.count).elementsEqual(short) { return 1 }
        if least >= 5, isPart(one, other) { return 0.9 }
        let (grams, others) = (Set(grams(one)), Set(grams(other)))
        let shared = share(grams.intersection(others).count, of: grams.count, others.count)
        return shared >= 0.5 ? shared : 0
    }

    /// Twice what two sets have in common, of the sizes of both.
    private static func share(_ common: Int, of one: Int, _ other: Int) -> Double {
        2 * Double(common) / Double(max(1, one + other))
    }

    private static func commonBeginning(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Int {
        zip(one, other).prefix { $0 == $1 }.count
    }

    private static func isPart(_ one: [Unicode.Scalar], _ other: [Unicode.Scalar]) -> Bool {
        let (short, long) = one.count < other.count ? (one, other) : (other, one)
        return (0...long.count - short.count).contains { long[$0..<$0 + short.count].elementsEqual(short) }
    }

    // MARK: - Scripts

    private enum Script { case letters, syllables, ideographs }

    private static func script(_ stem: [Unicode.Scalar]) -> Script {
        if stem.contains(where: { $0.value >= 0x2E80 && !isSyllable($0) }) { return .ideographs }
        return stem.contains(where: isSyllable) ? .syllables : .letters
    }

    private static func isSyllable(_ scalar: Unicode.Scalar) -> Bool {
        (0xAC00...0xD7A3).contains(scalar.value)
    }

    private static func isIdeograph(_ scalar: Unicode.Scalar) -> Bool { scalar.value >= 0x3400 }

    /// The runs of letters by which like stems are found: three letters, two syllables, or each ideograph.
    ///
    /// A scalar has 21 bits.
    private static func grams(_ stem: [Unicode.Scalar]) -> [UInt64] {
        let script = script(stem)
        let length = script == .letters ? 3 : script == .syllables ? 2 : 1
        guard stem.count >= length else { return [] }
        return (0...stem.count - length).map { start in
            stem[start..<start + length].reduce(0) { $0 << 21 | UInt64($1.value) }
        }
    }

    /// Like stems share so many runs at least.
    private static func leastShared(_ stem: [Unicode.Scalar]) -> Int { script(stem) == .letters ? 2 : 1 }
}

extension Unicode.Scalar {
    fileprivate var isDigit: Bool { properties.numericType == .decimal }
}
