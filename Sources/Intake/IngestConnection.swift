import Foundation
import Ledger
import Logging
import NIOCore
import Synchronization
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

    /// Makes this connection the only one of a sender: succeeds when the one before has ended, and all that it brought
    /// is recorded.
    typealias Claim = (IngestSender) -> EventLoopFuture<Void>

    private let number: Int
    private let claim: Claim
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
    /// Memory that lines take which wait to be recorded; ``committingBytes`` of those that are being recorded.
    private var pendingBytes = 0
    private var committingBytes = 0
    /// Lines that came while it is asked how far their sender has come; nil while nothing is asked.
    private var held: [LineSplitter.Line]?
    private var endsAfterHeld = false
    /// The number of the sender's next line; nil if they are not counted.
    private var nextLine: Int?
    /// Its lines before this one are recorded already.
    private var recordedLineCount = 0
    private var utteranceCount = 0
    private var isCommitting = false
    private var isReadHeld = false
    private var isInputOver = false
    private var isFinished = false

    init(
        number: Int, committer: IngestCommitter, settings: IngestServer.Settings, logger: Logger,
        finished: EventLoopPromise<Void>, claim: @escaping Claim
    ) {
        self.number = number
        self.committer = committer
        self.settings = settings
        self.logger = logger
        self.finished = finished
        self.claim = claim
        self.logger[metadataKey: "source"] = "\(Self.name(number))"
        splitter = LineSplitter(bytesLimit: settings.lineBytesLimit)
        decoder = LineDecoder(name: Self.name(number))
    }

    /// Notes taken between two commits; whoever has more says the same again and again.
    private static let notesLimit = 20

    private static func name(_ number: Int) -> String { "socket:\(number)" }

    // MARK: - What comes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After a request to stop the rest is not taken: it was not acknowledged either.
        guard !isInputOver, !endsAfterHeld else { return }
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
        logger.info("the connection broke", error: error)
        endInput(context, takingRest: true)
        context.close(promise: nil)
    }

    private func endInput(_ context: ChannelHandlerContext, takingRest: Bool) {
        guard !isInputOver else { return }
        // A last line without a line feed counts; cut off by the server it might be half a sentence. A sender that counts
        // its lines sends the whole of it again.
        if takingRest, greeting.sender == nil {
            if let line = splitter.finish() { take(line, context) }
            // Captions that nothing settled were said all the same.
            for event in decoder.finish() { take(event, context) }
        }
        if held != nil {
            if !takingRest { held = [] }
            endsAfterHeld = true
            return
        }
        isInputOver = true
        batches[batches.count - 1].closes = true
        commitNext(context)
    }

    // MARK: - Lines

    private func take(_ line: LineSplitter.Line, _ context: ChannelHandlerContext) {
        if held != nil {
            held?.append(line)
            return
        }
        if let number = nextLine {
            nextLine = number + 1
            if number < recordedLineCount {
                // The decoder sees it all the same: what follows may depend on it. It was refused the first time, or not.
                if case .line(let bytes) = line {
                    _ = try? committer.lines.decode(bytes, with: &decoder)
                }
                return
            }
        }
        // An end opens another batch: the line belongs to the one before.
        let batch = batches.count - 1
        interpret(line, context)
        // Lines of which something is still held back have to come again after a break.
        if !decoder.holdsBack { batches[batch].lineCount = nextLine }
    }

    private func interpret(_ line: LineSplitter.Line, _ context: ChannelHandlerContext) {
        switch line {
        case .line(let bytes):
            do {
                var isCounted = false
                for event in try committer.lines.decode(bytes, with: &decoder) {
                    if event.isSpeech { addPending(Self.utteranceBytes) }
                    if event.isSpeech, !isCounted {
                        addPending(bytes.count)
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
            if let name = greeting.sender, let meeting = greeting.meeting {
                begin(IngestSender(name: name, meeting: meeting), context)
            }
        case .meeting(let more):
            if let meeting = more.meeting, meeting != (source?.meeting ?? greeting.meeting) {
                if source == nil, greeting.sender == nil {
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

    // MARK: - Senders

    /// Asks how far a sender has come; what follows waits for the answer.
    private func begin(_ sender: IngestSender, _ context: ChannelHandlerContext) {
        held = []
        let committer = committer
        let eventLoop = context.eventLoop
        claim(sender).flatMap {
            committer.lineCount(ofSender: sender.name, meeting: sender.meeting, on: eventLoop)
        }.assumeIsolated().whenComplete { result in
            let lines = self.held ?? []
            self.held = nil
            switch result {
            case .success(let count): self.goOn(from: count, context)
            case .failure(let error):
                self.sendError("\(error)", line: nil, context)
                self.endsAfterHeld = true
            }
            if self.nextLine != nil { for line in lines { self.take(line, context) } }
            if self.endsAfterHeld { self.endInput(context, takingRest: false) }
            self.commitNext(context)
            self.resumeReading(context)
        }
    }

    private func goOn(from count: Int, _ context: ChannelHandlerContext) {
        let first = greeting.firstLine ?? count
        guard first <= count else {
            sendError(
                "of this sender's lines for the meeting only \(count) are recorded: send again from there, not from "
                    + "\(first)", line: nil, context)
            endsAfterHeld = true
            return
        }
        (nextLine, recordedLineCount) = (first, count)
        send("{\"received\":\(count)}\n", context)
    }

    private func nameSource() {
        guard source == nil else { return }
        let isGenerated = greeting.meeting == nil
        let meeting = greeting.meeting ?? Self.generatedName(number)
        source = IngestSource(
            name: Self.name(number), meeting: meeting, isGenerated: isGenerated,
            format: decoder.format?.rawValue ?? "text", sender: greeting.sender)
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
        (committingBytes, pendingBytes) = (pendingBytes, 0)
        committer.commit(batch, from: source, on: context.eventLoop).assumeIsolated().whenComplete { result in
            self.isCommitting = false
            self.committer.pendingBytes.subtract(self.committingBytes, ordering: .relaxed)
            self.committingBytes = 0
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
            FaultPoint.ingestAcknowledged.reach()
        }
        proceed(after: batch, context)
    }

    private func failed(_ batch: IngestBatch, _ error: any Error, _ context: ChannelHandlerContext) {
        let lost = batch.utterances.count
        logger.error("what came was not recorded", error: error, metadata: ["utterances": "\(lost)"])
        let what = lost > 0 ? "\(lost) utterances were not recorded: " : ""
        sendError(what + "\(error)", line: nil, context)
        if nextLine != nil {
            // What follows would count the lines that are missing now: the sender has to send them again first.
            batches = [IngestBatch(closes: true)]
            isInputOver = true
            releasePending()
        }
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
        releasePending()
        logger.info("a connection ended", metadata: ["utterances": "\(utteranceCount)"])
        // Behind the answers that are still to be written; a peer that is gone makes it fail, which is as good.
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(capacity: 0))).assumeIsolated()
            .whenComplete { _ in
                context.close(promise: nil)
                self.finished.succeed()
            }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // While a batch is being recorded, or a sender asked for, its completion finishes the connection.
        if !isCommitting, held == nil { finish(context) }
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
        guard held == nil, context.channel.isWritable else { return false }
        // Whoever has nothing waiting may always bring something, so that the others cannot starve it.
        if pendingBytes + committingBytes == 0 { return true }
        return pendingBytes <= settings.pendingBytesLimit
            && committer.pendingBytes.load(ordering: .relaxed) <= settings.allPendingBytesLimit
    }

    private func addPending(_ bytes: Int) {
        pendingBytes += bytes
        committer.pendingBytes.add(bytes, ordering: .relaxed)
    }

    private func releasePending() {
        committer.pendingBytes.subtract(pendingBytes, ordering: .relaxed)
        pendingBytes = 0
    }

    /// About what an utterance takes in memory besides its text.
    private static let utteranceBytes = 256
}
