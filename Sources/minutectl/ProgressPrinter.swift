import Application
import Foundation
import Language
import Ledger
import Synchronization

/// Shows progress to a person: what is being summarised, its text as it is written, what it cost.
final class ProgressPrinter: Sendable {
    private let file: FileHandle
    // Guards: whether the cursor stands behind text, so that a line has to be ended first.
    private let isInText = Mutex(false)

    init(_ file: FileHandle) {
        self.file = file
    }

    /// Writes a line.
    func say(_ text: String) {
        isInText.withLock { isInText in
            write((isInText ? "\n" : "") + VisibleText.line(text) + "\n")
            isInText = false
        }
    }

    /// Shows how a meeting stands.
    func show(_ meeting: MeetingRecord) {
        say(
            "\(meeting.id): \(meeting.state.rawValue), \(meeting.utteranceCount) utterances, "
                + "\(meeting.summarisedWindowCount) of \(meeting.windowCount) parts summarised")
    }

    /// Shows what happened.
    func show(_ event: ProgressEvent) {
        let part = event.window.map { "part \($0 + 1)" } ?? "the whole"
        switch event.kind {
        case .text: return add(event.text ?? "")
        case .utterances: say("\(event.meeting): \(event.utteranceCount) utterances")
        case .windowClosed: say("\(event.meeting): \(part) is complete")
        case .started:
            let all = event.window == nil ? "" : " of \(event.windowCount)"
            say("\(event.meeting): summarising \(part)\(all)")
        case .summarised: say(cost(event))
        case .retrying: say("\(event.meeting): \(part) is tried again: \(event.text ?? "")")
        case .failed: say("\(event.meeting): \(part) could not be summarised: \(event.text ?? "")")
        case .ended: say("\(event.meeting): ended")
        case .finished: say("\(event.meeting): the minutes are finished")
        }
    }

    private func cost(_ event: ProgressEvent) -> String {
        guard let prompt = event.promptTokens, let reused = event.reusedTokens,
            let generated = event.generatedTokens, let seconds = event.seconds, generated > 0
        else { return "    (as it was said)" }
        let tenths = Int((seconds * 10).rounded())
        return "    (\(prompt) tokens read, \(reused) of them known before; \(generated) written; "
            + "\(tenths / 10).\(tenths % 10) s)"
    }

    private func add(_ piece: String) {
        isInText.withLock { isInText in
            write((isInText ? "" : "    ") + VisibleText.lines(piece))
            isInText = true
        }
    }

    private func write(_ text: String) {
        // Ignored: when nobody reads the progress any more, the work goes on.
        try? file.write(contentsOf: Data(text.utf8))
    }
}

/// `2025-11-24 08:30`, local time.
func localTime(_ date: Date) -> String {
    let style = Date.VerbatimFormatStyle(
        format:
            "\(year: .defaultDigits)-\(month: .twoDigits)-\(day: .twoDigits) \(hour: .twoDigits(clock: .twentyFourHour, hourCycle: .zeroBased)):\(minute: .twoDigits)",
        timeZone: .current, calendar: Calendar(identifier: .gregorian))
    return date.formatted(style)
}

func padded(_ text: String, to width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
}

/// Prints rows with their columns aligned; what others wrote in them cannot drive the terminal.
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
