import Foundation
import Ledger
import Logging
import NIOCore
import Transcript

/// One connection to the ingest socket, on its event loop.
///
/// Complete lines gather while a batch is being recorded and make up the next one, so a busy connection gets
/// large batches and a quiet one is answered at once. With more than `pendingBytesLimit` gathered, or a peer
/// that does not read its answers, it stops reading.
final class IngestConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The server wants the connection to end: what came whole is recorded, the rest is not waited for.
    struct StopRequest: Sendable {}

    private let number: Int
    private let committer: IngestCommitter
    private let settings: IngestServer.Settings
    private var logger: Logger
    /// Fulfilled when everything is recorded and the connection closed.
    private let finished: EventLoopPromise<Void>

    private var splitter: LineSplitter
    private var decoder: LineDecoder
    private var greeting = SocketGreeting()
    /// Nil until the first line that needs a meeting.
    private var source: IngestSource?
    private var batches = [IngestBatch()]
    private var pendingBytes = 0
    private var utteranceCount = 0
    private var isCommitting = false
    private var isReadHeld = false
    private var isInputOver = false
    private var isFinished = false

    init(
        number: Int, committer: IngestCommitter, settings: IngestServer.Settings, logger: Logger,
        finished: EventLoopPromise<Void>
    ) {
        self.number = number
        self.committer = committer
        self.settings = settings
        self.logger = logger
        self.finished = finished
        self.logger[metadataKey: "connection"] = "\(number)"
        splitter = LineSplitter(bytesLimit: settings.lineBytesLimit)
        decoder = LineDecoder(name: Self.name(number))
    }

    /// Notes taken between two commits; whoever has more says the same again and again.
    private static let notesLimit = 20

    private static func name(_ number: Int) -> String { "socket:\(number)" }

    // MARK: - What comes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After a request to stop the rest is not taken: it was not acknowledged either.
        guard !isInputOver else { return }
        for line in splitter.add(unwrapInboundIn(data).readableBytesView) { take(line, context) }
    }

    func channelReadComplete(context: ChannelHandlerContext) { commitNext(context) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: endInput(context, takingRest: true)
        case is StopRequest: endInput(context, takingRest: false)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) { endInput(context, takingRest: true) }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.info("the connection broke: \(error)")
        endInput(context, takingRest: true)
        context.close(promise: nil)
    }

    private func endInput(_ context: ChannelHandlerContext, takingRest: Bool) {
        guard !isInputOver else { return }
        // A last line without a line feed counts; cut off by the server it might be half a sentence.
        if takingRest {
            if let line = splitter.finish() { take(line, context) }
            // Captions that nothing settled were said all the same.
            for event in decoder.finish() { take(event, context) }
        }
        isInputOver = true
        batches[batches.count - 1].closes = true
        commitNext(context)
    }

    // MARK: - Lines

    private func take(_ line: LineSplitter.Line, _ context: ChannelHandlerContext) {
        switch line {
        case .line(let bytes):
            do {
                var isCounted = false
                for event in try decoder.decode(bytes) {
                    if event.isSpeech, !isCounted {
                        pendingBytes += bytes.count + 1
                        batches[batches.count - 1].byteCount += bytes.count + 1
                        isCounted = true
                    }
                    take(event, context)
                }
            } catch {
                refuse(error.message, line: decoder.lineCount, context)
            }
        case .tooLong(let byteCount):
            // An empty line keeps the decoder's count of lines right.
            _ = try? decoder.decode([])  // Ignored: an empty line is never refused.
            refuse(
                "line \(decoder.lineCount) has \(byteCount) bytes, at most \(settings.lineBytesLimit) are taken: "
                    + "send it in parts", line: decoder.lineCount, context)
        }
    }

    private func take(_ event: LineDecoder.Event, _ context: ChannelHandlerContext) {
        let last = batches.count - 1
        switch event {
        case .greeting(let greeting):
            self.greeting = greeting
            batches[last].title = greeting.title
            batches[last].startedAt = greeting.startedAt
        case .meeting(let more):
            if let meeting = more.meeting, meeting != (source?.meeting ?? greeting.meeting) {
                if source == nil {
                    greeting.meeting = meeting
                } else {
                    refuse(
                        "the connection feeds a meeting already: open another one for '\(meeting)'",
                        line: decoder.lineCount, context)
                }
            }
            batches[last].title = more.title ?? batches[last].title
            batches[last].startedAt = more.startedAt ?? batches[last].startedAt
        case .utterance(let utterance):
            nameSource()
            batches[last].utterances.append(utterance)
        case .revision(let utterance): batches[last].amend(.revision(utterance))
        case .repetition(let utterance): batches[last].amend(.repetition(utterance))
        case .note(let note):
            if batches[last].notes.count < Self.notesLimit { batches[last].notes.append(note) }
        case .endOfMeeting:
            guard source != nil || greeting.meeting != nil else {
                refuse(
                    "there is no meeting to end: name one in the first line", line: decoder.lineCount, context
                )
                return
            }
            nameSource()
            batches[last].endsMeeting = true
            batches.append(IngestBatch())
        }
    }

    private func nameSource() {
        guard source == nil else { return }
        let isGenerated = greeting.meeting == nil
        let meeting = greeting.meeting ?? Self.generatedName(number)
        source = IngestSource(
            name: Self.name(number), meeting: meeting, isGenerated: isGenerated,
            format: decoder.format?.rawValue ?? "text")
        logger[metadataKey: "meeting"] = "\(meeting)"
        logger.info("a connection brings a meeting")
    }

    /// `socket-YYYYMMDD-HHMMSS-n`, in local time.
    private static func generatedName(_ number: Int) -> MeetingID {
        let now = Calendar(identifier: .gregorian)
            .dateComponents([.year, .month, .day, .hour, .minute, .second], from: Date())
        func digits(_ value: Int?, _ count: Int) -> String {
            let text = String(value ?? 0)
            return String(repeating: "0", count: max(0, count - text.utf8.count)) + text
        }
        let day = digits(now.year, 4) + digits(now.month, 2) + digits(now.day, 2)
        let time = digits(now.hour, 2) + digits(now.minute, 2) + digits(now.second, 2)
        guard let name = MeetingID.sanitized("socket-\(day)-\(time)-\(number)") else {
            preconditionFailure("digits and dashes make a meeting's name")
        }
        return name
    }

    // MARK: - Recording

    private func commitNext(_ context: ChannelHandlerContext) {
        guard !isCommitting, !isFinished else { return }
        let batch = batches[0]
        guard !batch.isEmpty, let source else {
            // Nothing that needs a meeting came so far; a greeting's words stay for the first batch.
            if isInputOver { finish(context) }
            return
        }
        // Words about a meeting that has no row yet wait for its first utterance.
        if source.delivery == nil, batch.utterances.isEmpty, !batch.endsMeeting, !isInputOver { return }
        batches.removeFirst()
        if batches.isEmpty { batches.append(IngestBatch()) }
        isCommitting = true
        pendingBytes -= batch.byteCount
        committer.commit(batch, from: source, on: context.eventLoop).assumeIsolated().whenComplete { result in
            self.isCommitting = false
            switch result {
            case .success(let receipt): self.committed(batch, receipt, context)
            case .failure(let error): self.failed(batch, error, context)
            }
        }
    }

    private func committed(_ batch: IngestBatch, _ receipt: IngestReceipt, _ context: ChannelHandlerContext) {
        source = receipt.source
        logger[metadataKey: "meeting"] = "\(receipt.source.meeting)"
        utteranceCount += receipt.sequences.count
        if greeting.wantsAcknowledgements {
            var answers = (receipt.sequences + receipt.amended).map { "{\"ack\":\($0)}\n" }.joined()
            if receipt.endedMeeting { answers += "{\"ended\":\"\(receipt.source.meeting)\"}\n" }
            send(answers, context)
        }
        proceed(after: batch, context)
    }

    private func failed(_ batch: IngestBatch, _ error: any Error, _ context: ChannelHandlerContext) {
        let lost = batch.utterances.count
        logger.error("what came was not recorded: \(error)", metadata: ["utterances": "\(lost)"])
        let what = lost > 0 ? "\(lost) utterances were not recorded: " : ""
        sendError(what + "\(error)", line: nil, context)
        proceed(after: batch, context)
    }

    private func proceed(after batch: IngestBatch, _ context: ChannelHandlerContext) {
        if batch.closes {
            finish(context)
        } else {
            commitNext(context)
            resumeReading(context)
        }
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard !isFinished else { return }
        isFinished = true
        logger.info("a connection ended", metadata: ["utterances": "\(utteranceCount)"])
        // Behind the answers that are still to be written; a peer that is gone makes it fail, which is as good.
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(capacity: 0))).assumeIsolated()
            .whenComplete { _ in
                context.close(promise: nil)
                self.finished.succeed()
            }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // While a batch is being recorded, its completion finishes the connection.
        if !isCommitting { finish(context) }
    }

    // MARK: - Answers

    private struct Refusal: Encodable {
        var error: String
        var line: Int?
    }

    private func refuse(_ message: String, line: Int, _ context: ChannelHandlerContext) {
        logger.notice("refused a line", metadata: ["line": "\(line)"])
        sendError(message, line: line, context)
    }

    private func sendError(_ message: String, line: Int?, _ context: ChannelHandlerContext) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(Refusal(error: message, line: line)) else { return }
        send(String(decoding: bytes, as: UTF8.self) + "\n", context)
    }

    private func send(_ text: String, _ context: ChannelHandlerContext) {
        guard !text.isEmpty, context.channel.isActive else { return }
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(string: text)), promise: nil)
    }

    // MARK: - Back-pressure

    func read(context: ChannelHandlerContext) {
        if mayRead(context) {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { resumeReading(context) }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard isReadHeld, mayRead(context) else { return }
        isReadHeld = false
        context.read()
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        pendingBytes <= settings.pendingBytesLimit && context.channel.isWritable
    }
}
