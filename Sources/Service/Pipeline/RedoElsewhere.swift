import Ledger
import Minutes
import Settings
import Summaries
import Transcript

/// Makes minutes once more in another process than the daemon, with a model of its own.
///
/// It reads the daemon's ledger and changes nothing: what it makes is sent, part by part, to the daemon, which records it.
package struct RedoElsewhere: Sendable {
    private let ledger: Ledger
    private let maker: MinutesMaker

    /// Makes minutes with `model`, of what `ledger` has, which may be open for reading only.
    ///
    /// Throws ``ApplicationError`` if `settings` are wrong.
    package init(ledger: Ledger, model: any LanguageModel, settings: Settings) throws {
        self.ledger = ledger
        let reader = MeetingReader(ledger: ledger, styles: try MinutesStyles(settings.minutes))
        maker = MinutesMaker(ledger: ledger, reader: reader, model: model)
    }

    /// Makes the minutes of `meeting` that were `asked` for then (``RedoRequest/isElsewhere``), and sends each part.
    ///
    /// `onWindow` is told how many windows there are and which comes next. Throws what the model, the ledger and `send`
    /// throw; `LedgerError` with `badEdit` if it was given up, or the meeting has changed.
    package func run(
        _ meeting: MeetingID, asked: Double, onWindow: (_ number: Int, _ count: Int) -> Void,
        send: (RedoPart) async throws -> Void
    ) async throws {
        var judging = WindowJudging(reader: maker.reader)
        while true {
            guard let record = try ledger.meeting(meeting), record.state == .finished,
                let redo = try ledger.redo(of: meeting), redo.isElsewhere, redo.asked == asked
            else {
                throw LedgerError(
                    .badEdit,
                    "the minutes of '\(meeting)' are not being made again any more: it was given up, or the meeting goes on"
                )
            }
            let number = redo.windows.count
            guard let window = try ledger.windows(of: meeting, in: number..<(number + 1)).first?.window else {
                let (overall, statements) = try await maker.whole(of: record, redo)
                return try await send(
                    .whole(
                        overall, statements: statements, isTold: maker.canBeTold(meeting), asked: asked))
            }
            onWindow(number, record.windowCount)
            let answer = try await maker.answer(about: window, of: meeting, redo)
            try await send(
                .window(
                    try maker.judged(answer, about: window, of: meeting, redo, by: &judging), asked: asked))
        }
    }
}
