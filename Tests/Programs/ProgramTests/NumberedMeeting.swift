import Foundation
import Ledger
import Transcript

/// A meeting whose utterances are numbered, so that each is its own witness: `n0017`.
struct NumberedMeeting: Sendable {
    /// Its name in the ledger.
    let name: String
    /// How many utterances it has.
    let count: Int
    /// Words before each number; none make windows so short that the minutes hold them as they were said.
    let words: String

    func text(_ number: Int) -> String {
        let digits = String(number)
        return words + "n" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
    }

    /// The numbers that a text names, in its order.
    static func numbers(in text: String) -> [Int] {
        text.matches(of: /\bn(\d{4})\b/).compactMap { Int($0.1) }
    }
}

/// What came out of a meeting, against what went in.
struct Account: Equatable, CustomStringConvertible {
    /// Numbers that are missing.
    var lost = 0
    /// Numbers that are there more often than once, each surplus one counted.
    var duplicated = 0
    /// Numbers that stand behind a higher one.
    var disordered = 0

    var isClean: Bool { self == Account() }
    var description: String { "lost \(lost), duplicated \(duplicated), out of order \(disordered)" }

    init() {}

    /// Counts `numbers` against 0..<count.
    init(_ numbers: [Int], of count: Int) {
        var seen = Set<Int>()
        var highest = -1
        for number in numbers {
            if !seen.insert(number).inserted {
                duplicated += 1
            } else if number < highest {
                disordered += 1
            }
            highest = max(highest, number)
        }
        lost = Set(0..<count).subtracting(seen).count
    }

    static func + (one: Account, other: Account) -> Account {
        var sum = one
        sum.lost += other.lost
        sum.duplicated += other.duplicated
        sum.disordered += other.disordered
        return sum
    }
}

extension Account {
    /// What the ledger has of a meeting; with `lines` also whether each utterance has all its words, and those corrected.
    static func ofLedger(
        _ path: String, _ meeting: NumberedMeeting, sentAs lines: NumberedLines? = nil
    ) throws -> Account {
        let ledger = try Ledger(path: path, access: .readOnly)
        let id = try MeetingID(meeting.name)
        let texts = try ledger.utterances(of: id, in: 0..<Int.max / 2).map(\.text)
        // A text with no number, or several, is none of the meeting's.
        let numbers = texts.map { NumberedMeeting.numbers(in: $0) }
        var account = Account(numbers.flatMap { $0 }, of: meeting.count)
        account.duplicated += numbers.filter { $0.isEmpty }.count
        guard let lines else { return account }
        // A correction that came too late for its window is kept beside the utterance.
        let all = Set(try texts + ledger.corrections(of: id).map(\.text))
        account.lost += lines.texts.filter { !all.contains($0) }.count
        return account
    }

    /// What the minutes cover: utterances by their windows, and numbers by their words where those are quoted.
    static func ofMinutes(_ minutes: MinutesFile, markdown: String, _ meeting: NumberedMeeting) -> Account {
        let covered = minutes.windows.filter { $0.state == "summarised" && $0.summary?.text.isEmpty == false }
            .flatMap { Array($0.firstUtterance..<$0.firstUtterance + $0.utteranceCount) }
        var account = Account(covered, of: meeting.count)
        guard meeting.words.isEmpty else { return account }
        let quoted = minutes.windows.flatMap { NumberedMeeting.numbers(in: $0.summary?.text ?? "") }
        account = account + Account(quoted, of: meeting.count)
        let course = markdown.split(separator: "## Course of the meeting").last.map(String.init) ?? ""
        let end = course.firstRange(of: "\n## ")?.lowerBound ?? course.endIndex
        return account + Account(NumberedMeeting.numbers(in: String(course[..<end])), of: meeting.count)
    }
}
