import Evaluation
import Foundation
import Language
import Transcript

/// A false claim that can be put into a true sentence.
enum PlantedError: String, CaseIterable {
    case changedNumber = "a number changed"
    case addedNumber = "a number added"
    case foreignName = "a name changed to one that nobody has"
    case otherName = "a name changed to another participant's"
    case weekday = "a weekday changed or added"
    case month = "a month changed or added"

    /// What was said where the sentence comes from, and by whom: a false claim may not be true by chance.
    struct Ground {
        fileprivate let language: LanguageCode
        fileprivate let numbers: Set<String>
        fileprivate let dates: Set<String>
        /// The longest first, so that a name is not taken for one that it contains.
        fileprivate let participants: [String]

        /// `participants` are those of the whole meeting.
        init(said: [Utterance], participants: [String], language: LanguageCode) {
            let spoken = TextReader.read(said.map(\.text).joined(separator: "\n"), language: language)
            self.language = language
            (numbers, dates) = (spoken.saidNumbers, spoken.saidDates)
            self.participants = Set(participants).sorted { ($1.count, $0) < ($0.count, $1) }
        }
    }

    /// The sentence with the claim in it; nil if there is no place for one.
    func plant(in sentence: String, _ ground: Ground, using generator: inout MersenneTwister) -> String? {
        let reading = TextReader.read(sentence, language: ground.language)
        switch self {
        case .changedNumber:
            let numbers = reading.numbers.filter { $0.isClaim && Int($0.value) != nil }
            guard let number = numbers.randomElement(using: &generator), let value = Int(number.value) else {
                return nil
            }
            return Self.replaced(number.range, of: sentence, with: Self.unsaid(near: value, ground))
        case .addedNumber:
            let value = Int.random(in: 11...97, using: &generator)
            return Self.ended(sentence, with: Self.unsaid(near: value, ground))
        case .foreignName:
            return Self.renamed(sentence, to: Self.foreignNames(ground.language), ground, &generator)
        case .otherName:
            return Self.renamed(sentence, to: ground.participants.reversed(), ground, &generator)
        case .weekday: return Self.dated(reading, "weekday:", ground, &generator)
        case .month: return Self.dated(reading, "month:", ground, &generator)
        }
    }

    private static func unsaid(near value: Int, _ ground: Ground) -> String {
        String((value + 1...value + 1000).first { !ground.numbers.contains(String($0)) } ?? value + 1001)
    }

    /// The sentence with another weekday or month than it has, or with one at its end if it has none.
    private static func dated(
        _ sentence: Reading, _ kind: String, _ ground: Ground, _ generator: inout MersenneTwister
    ) -> String? {
        let said = ground.dates.union(sentence.saidDates)
        let names = calendarNames(ground.language).filter { $0.key.hasPrefix(kind) && !said.contains($0.key) }
        guard let name = names.randomElement(using: &generator)?.name else { return nil }
        let own = sentence.dates.filter { $0.key.hasPrefix(kind) }.randomElement(using: &generator)
        return own.map { replaced($0.range, of: sentence.text, with: name) }
            ?? ended(sentence.text, with: name)
    }

    /// The weekdays and months of a language as its calendars spell them, with their ``DateMention/key``.
    private static func calendarNames(_ language: LanguageCode) -> [(name: String, key: String)] {
        var calendar = Calendar(identifier: .gregorian)
        calendar.locale = Locale(identifier: language.rawValue)
        let names = calendar.weekdaySymbols + calendar.standaloneMonthSymbols
        return names.compactMap { name in
            // `May` alone is no month.
            TextReader.read(name, language: language).dates.first.map { (name, $0.key) }
        }
    }

    private static func replaced(_ range: Range<Int>, of text: String, with words: String) -> String {
        let bytes = Array(text.utf8)
        return String(
            decoding: bytes[..<range.lowerBound] + Array(words.utf8) + bytes[range.upperBound...],
            as: UTF8.self)
    }

    private static func ended(_ sentence: String, with words: String) -> String {
        let body = sentence.reversed().drop { ".!?。！？।؟".contains($0) }.reversed()
        return String(body) + " (\(words))" + sentence.dropFirst(body.count)
    }

    /// The sentence with the name of a participant changed to one of `names` that it does not have.
    private static func renamed(
        _ sentence: String, to names: [String], _ ground: Ground, _ generator: inout MersenneTwister
    ) -> String? {
        guard let name = ground.participants.first(where: sentence.contains) else { return nil }
        let others = names.filter { !sentence.contains($0) && !name.contains($0) && !$0.contains(name) }
        return others.randomElement(using: &generator).map { sentence.replacing(name, with: $0) }
    }

    private static func foreignNames(_ language: LanguageCode) -> [String] {
        switch language {
        case .russian, .ukrainian: ["Захар", "Клавдия", "Эдуард"]
        case .arabic: ["كمال", "عبير", "رشيد"]
        case .hindi: ["सुरेश", "मीनाक्षी", "दिनेश"]
        case .japanese: ["渡辺", "斎藤", "松本"]
        case .chinese: ["孙丽", "周强", "吴敏"]
        case .korean: ["박서준", "최민호", "정수빈"]
        default: ["Zacharias", "Ottilie", "Balthasar"]
        }
    }
}
