import Foundation
import Glibc
import Ledger
import NIOCore
import NIOPosix
import Synchronization
import Testing
import Transcript

@testable import Intake

/// The lines of a connection are taken in the order in which they came, though each write may bring more of them.
@Suite("The order of a connection's lines")
struct LineOrderTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    /// Does what NIO does when the peer is gone: before the write returns, it hands on what the peer had left.
    private final class ReadsWhileWriting: ChannelDuplexHandler {
        typealias InboundIn = ByteBuffer
        typealias InboundOut = ByteBuffer
        typealias OutboundIn = ByteBuffer
        typealias OutboundOut = ByteBuffer

        private let trigger: String
        private var rest: String?

        init(at trigger: String, brings rest: String) {
            (self.trigger, self.rest) = (trigger, rest)
        }

        func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
            if let rest, String(buffer: unwrapOutboundIn(data)).contains(trigger) {
                self.rest = nil
                context.fireChannelRead(wrapInboundOut(ByteBuffer(string: rest)))
                context.fireChannelReadComplete()
                context.fireUserInboundEventTriggered(ChannelEvent.inputClosed)
            }
            context.write(data, promise: promise)
        }
    }

    /// Sends `first` in one piece; `rest` comes while an answer that contains `trigger` is written.
    private func send(_ first: String, at trigger: String, _ rest: String) async throws {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0, &ends) == 0)
        let peer = ends[1]
        defer { close(peer) }
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        let committer = IngestCommitter(
            ledger: home.ledger, lines: try LineGuard(atHand: nil, ledger: home.ledger), logger: quiet)
        let finished = group.next().makePromise(of: Void.self)
        _ = try await ClientBootstrap(group: group)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let connection = IngestConnection(
                        number: 1, committer: committer, settings: .init(), logger: quiet, finished: finished
                    ) { _ in channel.eventLoop.makeSucceededVoidFuture() }
                    try channel.pipeline.syncOperations.addHandlers([
                        ReadsWhileWriting(at: trigger, brings: rest), connection,
                    ])
                }
            }.withConnectedSocket(ends[0]).get()
        #expect(Glibc.send(peer, first, first.utf8.count, CInt(MSG_NOSIGNAL)) == first.utf8.count)
        try await finished.futureResult.get()
        #expect(committer.pendingBytes.load(ordering: .relaxed) == 0)
        try await group.shutdownGracefully()
    }

    private func lines(_ range: Range<Int>) -> String {
        range.map { "{\"text\": \"line \($0)\"}\n" }.joined()
    }

    private func greeting(_ more: String = "") -> String {
        #"{"meeting": "m", "ack": true, "format": "jsonl"\#(more)}"# + "\n"
    }

    private let counted = #", "sender": "recorder", "from": 0"#

    /// The sender does not wait for `received`, and is gone when it is written.
    @Test func linesThatWaitForTheSendersCountComeFirst() async throws {
        try await send(greeting(counted) + lines(0..<20), at: "received", lines(20..<40))
        #expect(try home.texts("m") == (0..<40).map { "line \($0)" })
        #expect(try home.ledger.progress(ofSender: "recorder", meeting: MeetingID("m")).lineCount == 40)
    }

    /// An answer to a line in the middle of what was read.
    @Test(arguments: [true, false])
    func linesBehindARefusedOneComeFirst(isCounted: Bool) async throws {
        let first = greeting(isCounted ? counted : "") + lines(0..<5) + "no json\n" + lines(5..<10)
        try await send(first, at: "error", lines(10..<20))
        #expect(try home.texts("m") == (0..<20).map { "line \($0)" })
    }

    @Test(arguments: [true, false])
    func whatComesWithAnAcknowledgementIsTakenOnce(isCounted: Bool) async throws {
        let end = "{\"end\": true}\n"
        let first = greeting(isCounted ? counted : "") + lines(0..<5) + end + lines(5..<9) + end
        try await send(first, at: "ack", lines(9..<15) + end)
        #expect(try home.texts("m") == (0..<15).map { "line \($0)" })
        #expect(try home.meeting("m")?.state == .ended)
    }

    /// What another connection has recorded in the meantime is not shifted, and the sender is told.
    @Test func aCountThatMovedIsAnError() async throws {
        try await home.withServer {
            let client = try Client(home.socketPath)
            try await client.send(greeting(counted) + lines(0..<3))
            #expect(try await client.line() == #"{"received":0}"#)
            for _ in 0..<3 { _ = try await client.line() }
            var other = Delivery(
                meeting: try MeetingID("m"), name: "socket:9", kind: .socket, byteCount: 1, format: "jsonl",
                receivedAt: Date(), utterances: [], endsMeeting: false)
            other.sender = SenderPosition(name: "recorder", lines: 3..<4)
            _ = try home.ledger.accept(other)
            try await client.send(lines(3..<6))
            let answer = try await client.line()
            #expect(answer?.contains("4 are recorded, and these begin at line 3") == true, "\(answer ?? "")")
            #expect(try await client.line() == nil)
        }
        #expect(try home.texts("m") == (0..<3).map { "line \($0)" })
    }
}
