import Errors
import Files
import Foundation
import Language
import Ledger
import Logging
import Minutes
import Settings
import Summaries
import Transcript

/// Writes the minutes of one transcript without a daemon.
///
/// Uses the same pipeline as the daemon, with a temporary ledger.
package struct FileSummary: Sendable {
    /// The finished minutes.
    package struct Result: Sendable {
        /// The minutes as a value.
        package var document: MinutesDocument
        /// The minutes for people.
        package var markdown: String
        /// The files that were written, if a folder was named.
        package var paths: [String]
    }

    private let settings: Settings
    private let model: any LanguageModel
    private let logger: Logger

    /// Summarises with `model`, in windows as `settings` say.
    package init(settings: Settings, model: any LanguageModel, logger: Logger) {
        self.settings = settings
        self.model = model
        self.logger = logger
    }

    /// Writes the minutes of the transcript at `path`, which is not changed.
    ///
    /// - `output` is the folder to write `<meeting>/minutes.md`, `minutes.json` and `minutes.html` into; nil writes nothing.
    /// - `onEvent` sees the progress.
    ///
    /// Throws a `TranscriptError` if the file is no transcript, and `CancellationError` when cancelled.
    package func run(
        path: String, output: String?, onEvent: @escaping @Sendable (ProgressEvent) -> Void
    ) async throws -> Result {
        let delivery = try Self.delivery(path: path)
        let folder = try TemporaryFolder()
        let ledger = try Ledger(path: folder.path + "/ledger.sqlite")
        let writer = MinutesWriter(
            ledger: ledger, folder: try OutputFolder(path: output ?? folder.path + "/minutes"),
            styles: try styles())
        let pipeline = Pipeline(
            ledger: ledger, model: model, writer: writer, policy: Pipeline.Policy(settings), logger: logger)
        let events = pipeline.progress.events()
        _ = try ledger.accept(delivery)
        try await withThrowingTaskGroup { group in
            group.addTask {
                for await event in events {
                    onEvent(event)
                    if event.kind == .finished { return }
                }
            }
            try await pipeline.drain()
            // The last event is seen before this returns; a meeting that was not finished has none.
            if try ledger.meeting(delivery.meeting)?.state != .finished { group.cancelAll() }
            try await group.waitForAll()
        }
        guard let document = try await writer.document(of: delivery.meeting) else {
            preconditionFailure("the meeting was accepted")
        }
        let files = writer.folder
        return Result(
            document: document, markdown: writer.markdown(document),
            paths: output == nil
                ? []
                : [
                    files.markdownPath(of: delivery.meeting), files.jsonPath(of: delivery.meeting),
                    files.htmlPath(of: delivery.meeting),
                ])
    }

    private func styles() throws -> MinutesStyles {
        let styles = try MinutesStyles(settings.minutes)
        try styles.check(model)
        return styles
    }

    private static func delivery(path: String) throws -> Delivery {
        let (transcript, facts, bytes, meeting) = try readTranscript(path: path)
        let (calendar, notes) = try calendar(beside: URL(filePath: path), of: meeting, transcript.startedAt)
        var delivery = Delivery(
            meeting: meeting, name: URL(filePath: path).lastPathComponent, kind: .file, sha256: "none",
            byteCount: bytes, format: transcript.format.rawValue, receivedAt: .now,
            title: transcript.title ?? calendar.title,
            meetingStart: transcript.startedAt, utterances: transcript.utterances, endsMeeting: true,
            notes: transcript.notes + notes, facts: facts)
        delivery.invitation = transcript.invitation.completed(by: calendar)
        return delivery
    }

    /// What a calendar of the same name beside a file says; nothing if there is none.
    private static func calendar(
        beside file: URL, of meeting: MeetingID, _ start: Date?
    ) throws -> (Invitation, [Note]) {
        let folder = file.deletingLastPathComponent()
        // Ignored: a file whose name makes no meeting's has no calendar of that name.
        guard let called = (try? ChunkName(file.lastPathComponent))?.meeting else {
            return (Invitation(), [])
        }
        // Ignored: a folder that cannot be listed shows no calendar.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: folder.path)) ?? []
        let found = names.sorted().first { name in
            CalendarFile.isCalendar(name) && (try? ChunkName(name))?.meeting == called
        }
        guard let found, let attributes = try? FileManager.default.attributesOfItem(atPath: file.path) else {
            return (Invitation(), [])
        }
        do {
            guard let handle = FileHandle(forReadingAtPath: folder.appending(path: found).path),
                let bytes = try handle.read(upToCount: CalendarFile.byteLimit + 1)
            else { throw ApplicationError(.file, "\(found), which is beside the transcript, cannot be read") }
            return try CalendarFile.invitation(
                in: [UInt8](bytes), name: found,
                near: MeetingMoment(
                    start: start, day: MeetingSeries(meeting)?.date,
                    about: attributes[.modificationDate] as? Date ?? .now), zone: .autoupdatingCurrent)
        } catch let error as CalendarError {
            return (Invitation(), [Note(.calendarUnreadable, .text(found), .note(error.reason))])
        }
    }
}

/// A transcript file, how it was read, its size in bytes, and the meeting that it names itself or its file name does.
///
/// Hints beside it (``TranscriptHints``) are believed.
///
/// Throws ``ApplicationError`` if the file cannot be read, a `TranscriptError` if it is no transcript.
package func readTranscript(
    path: String
) throws -> (file: TranscriptFile, facts: TranscriptFacts, byteCount: Int, meeting: MeetingID) {
    let name = URL(filePath: path).lastPathComponent
    let bytes: [UInt8]
    do {
        bytes = [UInt8](try Data(contentsOf: URL(filePath: path)))
    } catch {
        throw ApplicationError(.file, "\(path): cannot be read: \(error.localizedDescription)")
    }
    let (file, facts) = try TranscriptReader.readWithFacts(
        bytes, name: name, hints: hints(beside: URL(filePath: path)))
    // Ignored: the file name may not be usable as the name of a meeting.
    let meeting = try file.meeting ?? (try? ChunkName(name))?.meeting ?? MeetingID("meeting")
    return (file, facts, bytes.count, meeting)
}

private func hints(beside file: URL) throws(TranscriptError) -> TranscriptHints {
    for name in TranscriptHints.names(for: file.lastPathComponent) {
        let path = file.deletingLastPathComponent().appending(path: name).path
        // Ignored: why there is none, if there is none.
        guard let found = try? FileManager.default.attributesOfItem(atPath: path) else { continue }
        let byteCount = (found[.size] as? Int) ?? 0
        guard byteCount <= TranscriptHints.byteLimit, let bytes = FileManager.default.contents(atPath: path)
        else { throw TranscriptHints.unreadable(name, for: file.lastPathComponent, byteCount: byteCount) }
        return try TranscriptHints(parsing: [UInt8](bytes), name: name)
    }
    return TranscriptHints()
}
