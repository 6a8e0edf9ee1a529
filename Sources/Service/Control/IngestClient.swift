import Foundation
import NIOCore
import NIOPosix
import Synchronization
import Transcript

/// Sends lines to the daemon's ingest socket and counts what has become durable.
package struct IngestClient: Sendable {
    /// How the lines are written.
    package enum Format: String, Sendable, Codable {
        /// `Name: text`, or whatever the daemon finds in the first line.
        case text
        /// One JSON object a line.
        case jsonLines = "jsonl"
    }

    /// The result of sending.
    package struct Report: Sendable, Hashable {
        /// Lines sent.
        package var lineCount = 0
        /// Utterances that the daemon acknowledged: they are in its ledger.
        package var durableCount = 0
        /// The meeting that was ended, if it was.
        package var ended: String?
        /// The reasons for refusals, in the daemon's words.
        package var refusals: [String] = []
    }

    private let socketPath: String

    /// Sends to the daemon that listens at `socketPath`.
    package init(socketPath: String) {
        self.socketPath = socketPath
    }

    /// Sends all `lines`, and with `endsMeeting` the end of the meeting, and waits until everything is answered.
    ///
    /// - `meeting` is where they go; nil lets the daemon make up a meeting, which ends with the connection.
    /// - `onReport` sees the report grow.
    ///
    /// Throws ``ApplicationError``: `unreachable` if no daemon listens, `badConversation` if it went away before
    /// it had answered.
    package func send<Lines: AsyncSequence & Sendable>(
        _ lines: Lines, meeting: MeetingID?, title: String? = nil, format: Format?, endsMeeting: Bool,
        onReport: @escaping @Sendable (Report) -> Void = { _ in }
    ) async throws -> Report where Lines.Element == String {
        let channel = try await connectLines(
            to: socketPath, bytesLimit: ControlCoding.requestBytesLimit, option: "sockets.ingest")
        let greeting = try Self.greeting(meeting: meeting, title: title, format: format)
        return try await channel.executeThenClose { answers, output in
            try await withThrowingTaskGroup(of: Report?.self) { group in
                group.addTask {
                    try await output.send(line: greeting)
                    for try await line in lines { try await output.send(line: line) }
                    if endsMeeting { try await output.send(line: #"{"end": true}"#) }
                    // Closes the sending side: the daemon records the rest and answers.
                    output.finish()
                    return nil
                }
                group.addTask { try await Self.read(answers, onReport: onReport) }
                // The reader ends with the connection; an error of the writer adds nothing to its report.
                while let result = try await group.next() {
                    if let report = result { return report }
                }
                preconditionFailure("the reader always reports")
            }
        }
    }

    /// The JSON Lines of utterances, as the daemon reads them.
    package static func jsonLines(_ utterances: [Utterance]) -> [String] {
        utterances.map(JSONLinesWriter.line)
    }

    private static func greeting(meeting: MeetingID?, title: String?, format: Format?) throws -> String {
        struct Greeting: Encodable {
            let meeting: String?
            let title: String?
            let format: Format?
            let ack = true
        }
        return try ControlCoding.line(Greeting(meeting: meeting?.name, title: title, format: format))
    }

    private static func read(
        _ answers: NIOAsyncChannelInboundStream<String>, onReport: @Sendable (Report) -> Void
    ) async throws -> Report {
        struct Answer: Decodable {
            let ack: Int?
            let ended: String?
            let error: String?
            let line: Int?
        }
        var report = Report()
        for try await text in answers {
            // Ignored: an answer of a kind that this version does not know.
            guard let answer = try? ControlCoding.value(Answer.self, text) else { continue }
            if answer.ack != nil { report.durableCount += 1 }
            if let ended = answer.ended { report.ended = ended }
            if let error = answer.error {
                report.refusals.append(answer.line.map { "line \($0): \(error)" } ?? error)
            }
            onReport(report)
        }
        return report
    }
}

/// Lines of this process's standard input, as they come.
package struct StandardInputLines: AsyncSequence, Sendable {
    private let lines: AsyncStream<String>
    private let room: DispatchSemaphore
    /// Lines that wait to be sent; then reading pauses.
    private static let limit = 1024

    /// Begins to read.
    package init() {
        let (lines, continuation) = AsyncStream.makeStream(of: String.self)
        let room = DispatchSemaphore(value: Self.limit)
        // A thread of its own, because it blocks; it ends with the input or the process.
        let thread = Thread {
            while let line = readLine() {
                continuation.yield(line)
                room.wait()
            }
            continuation.finish()
        }
        thread.name = "stdin"
        thread.start()
        self.lines = lines
        self.room = room
    }

    /// Returns lines, and makes room for more.
    package struct AsyncIterator: AsyncIteratorProtocol {
        fileprivate var lines: AsyncStream<String>.AsyncIterator
        fileprivate let room: DispatchSemaphore

        /// The next line without its line feed; nil at the end.
        package mutating func next() async -> String? {
            let line = await lines.next()
            room.signal()
            return line
        }
    }

    /// To be called once.
    package func makeAsyncIterator() -> AsyncIterator {
        AsyncIterator(lines: lines.makeAsyncIterator(), room: room)
    }
}
