import Foundation
import Language
import Ledger
import Pipeline
import Synchronization
import Transcript

/// Shows progress to a person: what is being summarised, its text as it is written, what it cost.
///
/// The text comes in pieces, and in pieces of several meetings in turn: a sentence is shown when it is whole, on a line
/// of its own.
final class ProgressPrinter: Sendable {
    private let file: FileHandle
    private let namesMeetings: Bool
    // Guards: the summaries that are being written, and that one event's lines stay together.
    private let drafts = Mutex<[MeetingID: SummaryDraft]>([:])

    /// Writes to `file`; with `namesMeetings`, sentences begin with their meeting's name, for a reader of several.
    init(_ file: FileHandle, namesMeetings: Bool = false) {
        self.file = file
        self.namesMeetings = namesMeetings
    }

    /// Writes a line.
    func say(_ text: String) { drafts.withLock { _ in write([text]) } }

    /// Shows the state of a meeting.
    func show(_ meeting: MeetingRecord) {
        say(
            "\(meeting.id): \(meeting.state.rawValue), \(meeting.utteranceCount) utterances, "
                + "\(meeting.summarisedWindowCount) of \(meeting.windowCount) parts summarised")
    }

    /// Shows what happened.
    func show(_ event: ProgressEvent) {
        drafts.withLock { drafts in
            switch event.kind {
            case .text:
                let sentences = drafts[event.meeting, default: SummaryDraft()].add(event.text ?? "")
                write(sentences.map { line($0, of: event.meeting) })
            case .utterances, .windowClosed, .ended:
                write(["\(event.meeting): \(headline(event))"])
            case .started, .summarised, .retrying, .failed, .finished:
                var draft = drafts.removeValue(forKey: event.meeting) ?? SummaryDraft()
                let rest = draft.finish()
                // The summary that is kept may differ from what was shown while it was written; then it is shown again.
                let kept = draft.keptLines(event)
                let end = kept.isEmpty ? "" : ":"
                write(
                    rest.map { line($0, of: event.meeting) } + ["\(event.meeting): \(headline(event))\(end)"]
                        + kept.map { line($0, of: event.meeting) })
            }
        }
    }

    private func headline(_ event: ProgressEvent) -> String {
        let part = event.window.map { "part \($0 + 1)" } ?? "the whole"
        switch event.kind {
        case .text: return ""
        case .utterances: return "\(event.utteranceCount) utterances"
        case .windowClosed: return "\(part) is complete"
        case .started: return "summarising \(part)" + (event.window == nil ? "" : " of \(event.windowCount)")
        case .summarised: return "\(part) \(cost(event))"
        case .retrying: return "\(part) is tried again: \(event.text ?? "")"
        case .failed: return "\(part) could not be summarised: \(event.text ?? "")"
        case .ended: return "ended"
        case .finished: return "the minutes are finished"
        }
    }

    private func cost(_ event: ProgressEvent) -> String {
        guard let prompt = event.promptTokens, let reused = event.reusedTokens,
            let generated = event.generatedTokens, let seconds = event.seconds, generated > 0
        else { return "is kept as it was said" }
        let tenths = Int((seconds * 10).rounded())
        return "is summarised (\(prompt) tokens read, \(reused) of them known before; \(generated) written; "
            + "\(tenths / 10).\(tenths % 10) s)"
    }

    private func line(_ sentence: String, of meeting: MeetingID) -> String {
        namesMeetings ? "\(meeting) | \(sentence)" : "    \(sentence)"
    }

    /// All in one write, so that no line of another process comes between them.
    private func write(_ lines: [String]) {
        if lines.isEmpty { return }
        // Ignored: the work goes on even if nobody reads the progress any more.
        try? file.write(contentsOf: Data(lines.map { VisibleText.line($0) + "\n" }.joined().utf8))
    }
}

private func sentences(of text: String) -> [String] {
    TextReader.read(text, language: LanguageIdentifier.language(of: text)).sentenceTexts
}

/// A summary that is being written, in sentences.
struct SummaryDraft {
    private var text = ""
    private var shownCount = 0

    /// Takes the next piece; returns the sentences that are whole now.
    mutating func add(_ piece: String) -> [String] {
        text += piece
        // The last one may go on.
        return take(sentences(of: text).dropLast())
    }

    /// Returns what is not shown yet: nothing follows.
    mutating func finish() -> [String] { take(sentences(of: text)[...]) }

    private mutating func take(_ sentences: ArraySlice<String>) -> [String] {
        let new = sentences.dropFirst(shownCount)
        shownCount = sentences.count
        return Array(new)
    }

    /// The lines of the summary that is kept, if it is not what was shown; empty otherwise.
    func keptLines(_ event: ProgressEvent) -> [String] {
        // The whole of a meeting of one part is that part's summary.
        let isNew = event.kind == .summarised || event.kind == .finished && !text.isEmpty
        guard isNew, let kept = event.text, sentences(of: kept) != sentences(of: text) else { return [] }
        return kept.split(whereSeparator: \.isNewline).map(String.init)
    }
}

/// `2025-11-24 08:30`, local time.
func localTime(_ date: Date) -> String { date.formatted(localStyle) }

private let localStyle = Date.VerbatimFormatStyle(
    format:
        "\(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits)",
    timeZone: .autoupdatingCurrent, calendar: Calendar(identifier: .gregorian))

func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

/// Prints rows with aligned columns, without characters that could control the terminal.
func printTable(_ rows: [[String]]) {
    let rows = rows.map { $0.map(VisibleText.line) }
    let columns = rows.map(\.count).max() ?? 0
    let widths = (0..<columns).map { column in rows.map { $0[column].count }.max() ?? 0 }
    for row in rows {
        let cells = zip(row, widths).map { padded($0, to: $1) }
        var line = cells.joined(separator: "  ")
        while line.last == " " { line.removeLast() }
        print(line)
    }
}
