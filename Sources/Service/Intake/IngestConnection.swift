import Foundation
import Ledger
import Logging
import Metrics
import NIOCore
import Synchronization
import Transcript

/// One connection to the ingest socket, on its event loop.
///
/// Every line goes one way: bytes, splitter, queue, and from there into a batch, in the order in which it came. Only
/// ``proceed(_:)`` takes lines from the queue, and never while it is at it already: a write that fails makes NIO read
/// what the peer has left and call ``channelRead(context:data:)`` before the write returns, and what comes so only
/// joins the queue. Where the connection has to wait, for its sender's count or for a peer that does not read its
/// answers, the queue is not taken from for a while; that is all.
///
/// Lines gather while a batch is being recorded and make up the next one, so a busy connection gets large batches and a
/// quiet one is answered at once. With more than `pendingBytesLimit` gathered it stops reading.
final class IngestConnection: ChannelDuplexHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// The server wants the connection to end: what came whole is recorded, the rest is not waited for.
    struct StopRequest: Sendable {}

    /// Makes this connection the only one of a sender: succeeds when the one before has ended, and all that it brought
    /// is recorded.
    typealias Claim = (IngestSender) -> EventLoopFuture<Void>

    /// A line in the queue; `number` counts those of the connection from 0, as they came.
    private struct Arrival {
        let number: Int
        let line: LineSplitter.Line

        /// About what it takes in memory.
        var memory: Int {
            guard case .line(let bytes) = line else { return Self.bytes }
            return bytes.count + Self.bytes
        }

        private static let bytes = 64
    }

    /// What is still to come.
    private enum Input: Equatable {
        case open
        /// Nothing; what is in the queue is still to be taken, and with `takingRest` a last line without its end.
        case ending(takingRest: Bool)
        /// Nothing, and all is taken.
        case over
    }

    private let number: Int
    private let claim: Claim
    private let committer: IngestCommitter
    private let settings: IngestServer.Settings
    private var logger: Logger
    /// Fulfilled when everything is recorded and the connection closed.
    private let finished: EventLoopPromise<Void>

    private var splitter: LineSplitter
    private var queue = CircularBuffer<Arrival>()
    private var input = Input.open
    private var isProceeding = false
    /// Lines that came, and those of them that were taken.
    private var arrivedCount = 0
    private var takenCount = 0

    private var decoder: LineDecoder
    private var greeting = SocketGreeting()
    /// Nil until the first line that needs a meeting.
    private var source: IngestSource?
    private var batches = [IngestBatch()]
    /// Where in its sender's lines it stands; nil if they are not counted.
    private var place: SenderPlace?
    /// It is asked how far the sender has come.
    private var isAsking = false

    /// Memory that lines take in the queue and in batches, and in the batch that is being recorded.
    private var pendingBytes = 0 {
        didSet { committer.pendingBytes.add(pendingBytes - oldValue, ordering: .relaxed) }
    }
    private var committingBytes = 0 {
        didSet { committer.pendingBytes.add(committingBytes - oldValue, ordering: .relaxed) }
    }

    private var utteranceCount = 0
    private var isCommitting = false
    private var isReadHeld = false
    private var isFinished = false
    /// Answers that are to be sent, and whether they acknowledge anything.
    private var answers = ""
    private var acknowledges = false
    private var impatience: Scheduled<Void>?

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

    private static func name(_ number: Int) -> String { "socket:\(number)" }

    // MARK: - What comes

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        // After a request to stop the rest is not taken: it was not acknowledged either.
        guard input == .open else { return }
        for line in splitter.add(unwrapInboundIn(data).readableBytesView) {
            let arrival = Arrival(number: arrivedCount, line: line)
            arrivedCount += 1
            pendingBytes += arrival.memory
            queue.append(arrival)
        }
    }

    func channelReadComplete(context: ChannelHandlerContext) { proceed(context) }

    func userInboundEventTriggered(context: ChannelHandlerContext, event: Any) {
        switch event {
        case ChannelEvent.inputClosed: end(.ending(takingRest: true), context)
        case is StopRequest: end(.ending(takingRest: false), context)
        default: context.fireUserInboundEventTriggered(event)
        }
    }

    func channelInactive(context: ChannelHandlerContext) {
        end(.ending(takingRest: true), context)
        // What waited for the peer to read its answers need not wait any longer.
        proceed(context)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        logger.info("the connection broke", error: error)
        end(.ending(takingRest: true), context)
        context.close(promise: nil)
    }

    private func end(_ ending: Input, _ context: ChannelHandlerContext) {
        guard input == .open else { return }
        input = ending
        proceed(context)
    }

    /// Nothing that was not taken yet is taken; the sender is told why.
    private func refuseRest(_ message: String) {
        sendError(message, line: nil)
        queue.removeAll()
        pendingBytes = batches.reduce(0) { $0 + $1.memory }
        if input != .over { input = .ending(takingRest: false) }
    }

    // MARK: - One thing after the other

    /// Takes what came, records it and sends answers, as far as that is possible now.
    ///
    /// Called within itself it does nothing: the outer call goes on as long as there is something to do.
    private func proceed(_ context: ChannelHandlerContext) {
        guard !isProceeding else { return }
        isProceeding = true
        defer { isProceeding = false }
        repeat {
            takeLines(context)
            commitNext(context)
            sendAnswers(context)
            resumeReading(context)
        } while !answers.isEmpty || mayTake(context) && hasSomethingToTake
    }

    private var hasSomethingToTake: Bool {
        if case .ending = input { return true }
        return !queue.isEmpty
    }

    private func mayTake(_ context: ChannelHandlerContext) -> Bool {
        guard !isAsking, answers.utf8.count < Self.answersLimit else { return false }
        // Of a peer that does not read its answers no more are kept than one turn gives.
        return context.channel.isWritable || !context.channel.isActive
    }

    private func takeLines(_ context: ChannelHandlerContext) {
        while mayTake(context), let arrival = queue.popFirst() {
            pendingBytes -= arrival.memory
            take(arrival, context)
        }
        guard case .ending(let takingRest) = input, queue.isEmpty, mayTake(context) else { return }
        // A last line without a line feed counts; cut off by the server it might be half a sentence. A sender that
        // counts its lines sends the whole of it again.
        if takingRest, greeting.sender == nil {
            if let line = splitter.finish() { take(Arrival(number: arrivedCount, line: line), context) }
            guard !isAsking else { return input = .ending(takingRest: false) }
            // Captions that nothing settled were said all the same.
            for event in decoder.finish() { take(event, context) }
        }
        input = .over
        batches[batches.count - 1].closes = true
    }

    // MARK: - Lines

    private func take(_ arrival: Arrival, _ context: ChannelHandlerContext) {
        takenCount = arrival.number + 1
        guard let line = place?.line(arrival: arrival.number) else { return interpret(arrival.line, context) }
        guard line == place?.next else {
            refuseRest("line \(line) came out of order: connect again, and send again what is not recorded")
            return
        }
        place?.next = line + 1
        // What follows may depend on it: the decoder was told by the ledger.
        guard place?.isRecorded(line) == false else { return decoder.skip() }
        // An end opens another batch: the line belongs to the one before.
        let batch = batches.count - 1
        interpret(arrival.line, context)
        // What the line does not settle is recorded with the decoder's state.
        batches[batch].lines = (batches[batch].lines?.lowerBound ?? line)..<(line + 1)
    }

    private func interpret(_ line: LineSplitter.Line, _ context: ChannelHandlerContext) {
        switch line {
        case .line(let bytes):
            do {
                let events = try committer.lines.decode(bytes, with: &decoder)
                if events.contains(where: \.isSpeech) { change { $0.addLine(byteCount: bytes.count) } }
                for event in events { take(event, context) }
            } catch {
                refuse(error.message, line: decoder.lineCount)
            }
        case .tooLong(let byteCount):
            // An empty line keeps the decoder's count of lines right.
            _ = try? decoder.decode([])  // Ignored: an empty line is never refused.
            refuse(
                "line \(decoder.lineCount) has \(byteCount) bytes, at most \(settings.lineBytesLimit) are taken: "
                    + "send it in parts", line: decoder.lineCount)
        }
    }

    private func take(_ event: LineDecoder.Event, _ context: ChannelHandlerContext) {
        switch event {
        case .greeting(let greeting):
            self.greeting = greeting
            change { $0.describe(greeting) }
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
                        line: decoder.lineCount)
                }
            }
            change { $0.describe(more) }
        case .utterance(let utterance):
            nameSource()
            change { $0.add(utterance) }
        case .revision(let utterance):
            nameSource()
            change { $0.amend(.revision(utterance)) }
        case .repetition(let utterance):
            nameSource()
            change { $0.amend(.repetition(utterance)) }
        case .note(let note): change { $0.note(note) }
        case .endOfMeeting:
            guard source != nil || greeting.meeting != nil else {
                refuse("there is no meeting to end: name one in the first line", line: decoder.lineCount)
                return
            }
            nameSource()
            // Once more with nothing in between it is the same end, which waits already.
            if batches.count > 1, batches[batches.count - 1].isEmpty { return }
            change {
                $0.end()
                $0.decoder = place == nil ? nil : decoder
            }
            batches.append(IngestBatch())
        }
    }

    /// Changes the batch that lines go into, and counts what it takes.
    private func change(_ body: (inout IngestBatch) -> Void) {
        let before = batches[batches.count - 1].memory
        body(&batches[batches.count - 1])
        pendingBytes += batches[batches.count - 1].memory - before
    }

    // MARK: - Senders

    /// Asks how far a sender has come; what follows waits for the answer.
    private func begin(_ sender: IngestSender, _ context: ChannelHandlerContext) {
        isAsking = true
        let firstArrival = takenCount
        let committer = committer
        let eventLoop = context.eventLoop
        claim(sender).flatMap {
            committer.progress(ofSender: sender.name, meeting: sender.meeting, on: eventLoop)
        }.assumeIsolated().whenComplete { result in
            self.isAsking = false
            switch result {
            case .success(let known): self.goOn(from: known, firstArrival: firstArrival)
            case .failure(let error): self.refuseRest("\(error)")
            }
            self.proceed(context)
        }
    }

    private func goOn(from known: IngestCommitter.SenderProgress, firstArrival: Int) {
        let first = greeting.firstLine ?? known.lineCount
        if let reason = known.refusal(ofLine: greeting.firstLine) { return refuseRest(reason) }
        do {
            if let state = known.state { try decoder.resume(from: state) }
        } catch {
            logger.error("what was held back for a sender is lost", error: error)
        }
        place = SenderPlace(
            firstArrival: firstArrival, firstLine: first, recordedCount: known.lineCount)
        answers += "{\"received\":\(known.lineCount)}\n"
    }

    private func nameSource() {
        guard source == nil else { return }
        let isGenerated = greeting.meeting == nil
        let meeting = greeting.meeting ?? IngestSource.generatedName(number)
        source = IngestSource(
            name: Self.name(number), meeting: meeting, isGenerated: isGenerated,
            format: decoder.format?.rawValue ?? "text", sender: greeting.sender)
        logger[metadataKey: "meeting"] = "\(meeting)"
        logger.info("a connection brings a meeting")
    }

    // MARK: - Recording

    /// Whether there is something to record, and a meeting to record it in.
    private var isBatchDue: Bool {
        guard let source, !batches[0].isEmpty else { return false }
        // Words about a meeting that has no row yet wait for its first utterance.
        return source.delivery != nil || batches[0].bringsMeeting || batches[0].closes
    }

    private func commitNext(_ context: ChannelHandlerContext) {
        guard !isCommitting, !isFinished else { return }
        guard isBatchDue, let source else {
            // Nothing that needs a meeting came.
            if input == .over, !isAsking { finish(context) }
            return
        }
        var batch = batches.removeFirst()
        if batches.isEmpty {
            batches.append(IngestBatch())
            batch.decoder = place == nil ? nil : decoder
        }
        isCommitting = true
        (committingBytes, pendingBytes) = (batch.memory, pendingBytes - batch.memory)
        committer.commit(batch, from: source, on: context.eventLoop).assumeIsolated().whenComplete { result in
            self.isCommitting = false
            self.committingBytes = 0
            switch result {
            case .success(let receipt): self.committed(receipt)
            case .failure(let error): self.failed(batch, error)
            }
            if batch.closes { self.finish(context) } else { self.proceed(context) }
        }
    }

    private func committed(_ receipt: IngestReceipt) {
        source = receipt.source
        logger[metadataKey: "meeting"] = "\(receipt.source.meeting)"
        utteranceCount += receipt.sequences.count
        guard greeting.wantsAcknowledgements else { return }
        for number in receipt.sequences { answers += "{\"ack\":\(number)}\n" }
        for number in receipt.amended { answers += "{\"ack\":\(number)}\n" }
        if receipt.endedMeeting { answers += "{\"ended\":\"\(receipt.source.meeting)\"}\n" }
        acknowledges = true
    }

    private func failed(_ batch: IngestBatch, _ error: any Error) {
        let lost = batch.part.utterances.count
        let isForgotten = (error as? LedgerError)?.code == .unknownDelivery
        // That the connection is over need not be recorded any more.
        if isForgotten, batch.closes, lost == 0 { return }
        logger.error("what came was not recorded", error: error, metadata: ["utterances": "\(lost)"])
        let message = (lost > 0 ? "\(lost) utterances were not recorded: " : "") + "\(error)"
        guard place != nil || isForgotten else { return sendError(message, line: nil) }
        // What follows would count the lines that are missing now, or has no meeting: the sender has to connect again.
        batches = [.closing]
        input = .over
        refuseRest(message)
    }

    private func finish(_ context: ChannelHandlerContext) {
        guard !isFinished else { return }
        isFinished = true
        sendAnswers(context)
        queue.removeAll()
        pendingBytes = 0
        impatience?.cancel()
        logger.info("a connection ended", metadata: ["utterances": "\(utteranceCount)"])
        // Behind the answers that are still to be written; a peer that is gone makes it fail, which is as good.
        context.writeAndFlush(wrapOutboundOut(context.channel.allocator.buffer(capacity: 0))).assumeIsolated()
            .whenComplete { _ in
                context.close(promise: nil)
                self.finished.succeed()
            }
    }

    func handlerAdded(context: ChannelHandlerContext) {
        guard settings.silencePatience > .zero else { return }
        let patience = TimeAmount(settings.silencePatience)
        impatience = context.eventLoop.assumeIsolated().scheduleTask(in: patience) {
            // One that feeds a meeting, or has named it, may be silent for as long as it likes.
            guard self.source == nil, self.greeting.meeting == nil, self.input == .open else { return }
            self.logger.notice("closed a connection that was for no meeting")
            let seconds = self.settings.silencePatience.components.seconds
            self.refuseRest(
                "no meeting was named or fed within \(seconds) s: connect when there is something to say, or name the "
                    + "meeting in the first line ({\"meeting\": \"NAME\"}) and be silent as long as you like")
            self.proceed(context)
        }
    }

    func handlerRemoved(context: ChannelHandlerContext) {
        // While a batch is being recorded, or a sender asked for, its completion finishes the connection.
        if !isCommitting, !isAsking { finish(context) }
    }

    // MARK: - Answers

    private struct Refusal: Encodable {
        var error: String
        var line: Int?
    }

    private func refuse(_ message: String, line: Int) {
        Counters.process.add(to: .linesRefused)
        logger.notice("refused a line", metadata: ["line": "\(line)"])
        sendError(message, line: line)
    }

    private func sendError(_ message: String, line: Int?) {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        guard let bytes = try? encoder.encode(Refusal(error: message, line: line)) else { return }
        answers += String(decoding: bytes, as: UTF8.self) + "\n"
    }

    private func sendAnswers(_ context: ChannelHandlerContext) {
        guard !answers.isEmpty else { return }
        let buffer = context.channel.allocator.buffer(string: answers)
        let acknowledged = acknowledges
        (answers, acknowledges) = ("", false)
        guard context.channel.isActive else { return }
        FaultPoint.ingestAnswering.reach()
        context.writeAndFlush(wrapOutboundOut(buffer), promise: nil)
        if acknowledged { FaultPoint.ingestAcknowledged.reach() }
    }

    /// Answers that are made in one turn, in bytes.
    private static let answersLimit = 64 * 1024

    // MARK: - Back-pressure

    func read(context: ChannelHandlerContext) {
        if mayRead(context) {
            context.read()
        } else {
            isReadHeld = true
        }
    }

    func channelWritabilityChanged(context: ChannelHandlerContext) { proceed(context) }

    private func resumeReading(_ context: ChannelHandlerContext) {
        guard isReadHeld, mayRead(context) else { return }
        isReadHeld = false
        context.read()
    }

    private func mayRead(_ context: ChannelHandlerContext) -> Bool {
        guard !isAsking, context.channel.isWritable else { return false }
        // A connection with nothing waiting may always bring more, so that the others cannot starve it, and so may one
        // whose lines cannot be recorded without more.
        if !isCommitting, queue.isEmpty, !isBatchDue { return true }
        return pendingBytes <= settings.pendingBytesLimit
            && committer.pendingBytes.load(ordering: .relaxed) <= settings.allPendingBytesLimit
    }
}
