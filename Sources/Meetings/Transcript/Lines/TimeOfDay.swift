import Language

/// Turns times of day into times since the first of them.
struct TimeOfDay: Sendable, Equatable, Codable {
    private var first: Double?
    private let possible: Bool

    /// Nothing is known of the times that will come.
    init() { possible = true }

    private init(possible: Bool) { self.possible = possible }

    /// Times are never those of a day.
    static let none = TimeOfDay(possible: false)

    /// `times` as they were spelled: `12:30` is never a time of day, `17:32:36` may be, `5:32 PM` is.
    init(_ times: [ClockTime]) {
        possible = times.contains(where: \.isOfDay) || !times.contains { $0.fieldCount == 2 }
        if let time = times.first, time.isOfDay { first = time.seconds }
    }

    /// Whether `11:03` means hours and minutes: more would have been said in each second than anybody can say.
    ///
    /// Only for times that all have two fields and might be times of day.
    func countsMinutes(_ utterances: [Utterance]) -> Bool {
        guard !possible else { return false }
        let starts = utterances.compactMap(\.start)
        guard let first = starts.first, let last = starts.last,
            first * 60 >= PlainTextParser.timeOfDaySeconds, last > first,
            starts.allSatisfy({ $0 < 24 * 60 && $0 == $0.rounded() }),
            !utterances.contains(where: { $0.end != nil })
        else { return false }
        let words = utterances.prefix { $0.start != last }.reduce(0) { $0 + WordOverlap.wordCount($1.text) }
        return Double(words) > Self.wordsPerSecond * (last - first)
    }

    /// Quick speech has three and a half.
    private static let wordsPerSecond = 4.0

    /// The first time decides; later ones are counted from it, even after midnight.
    mutating func sinceFirst(_ seconds: Double, isOfDay: Bool = false) -> Double {
        guard possible else { return seconds }
        if first == nil {
            first = isOfDay || (seconds >= PlainTextParser.timeOfDaySeconds && seconds < 86_400) ? seconds : 0
        }
        guard let first, first > 0 else { return seconds }
        let day = 86_400.0
        // A step back of more than half a day is midnight; a smaller one is an error in the order, and counts as 0.
        return max(0, seconds < first - day / 2 ? seconds + day - first : seconds - first)
    }

    /// A note, if times are counted from the first.
    var note: Note? {
        guard let first, first > 0 else { return nil }
        let minutes = Int(first) / 60
        return Note(
            .timesOfDay, .text("\(minutes / 60):\(minutes % 60 < 10 ? "0" : "")\(minutes % 60)"))
    }
}
