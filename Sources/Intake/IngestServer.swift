import Foundation
import Ledger
import Logging
import NIOCore
import NIOPosix
import ServiceLifecycle
import Synchronization

/// Takes transcripts line by line over a Unix stream socket.
///
/// `socat - UNIX-CONNECT:path` with lines such as `Ada: good morning` just works: the daemon makes up a meeting,
/// which ends when the connection does. A first line in JSON (`SocketGreeting`) names the meeting, which then
/// stays open until `{"end": true}` comes or it is ended elsewhere, and may ask for acknowledgements:
///
///     {"ack":17}                        utterance 17 of the meeting is durable
///     {"ended":"standup"}               the meeting's end is durable
///     {"error":"…","line":3}            line 3 was refused; the connection goes on
///
/// Errors are sent in any case. A sender that wants to be certain keeps what is not acknowledged and sends it
/// again after a break.
public final class IngestServer: Service, Sendable {
    /// Where connections come from.
    public enum Listener: Sendable, Hashable, CustomStringConvertible {
        /// A socket is made at this path, and removed at the end.
        case path(String)
        /// A descriptor that listens already, handed over by the service manager.
        case descriptor(CInt)

        /// The path, or the descriptor's number, for logs.
        public var description: String {
            switch self {
            case .path(let path): path
            case .descriptor(let descriptor): "descriptor \(descriptor)"
            }
        }
    }

    /// How lines are taken.
    public struct Settings: Sendable, Hashable {
        /// Longer lines are refused.
        public var lineBytesLimit: Int
        /// With more bytes waiting to be recorded, a connection is not read.
        public var pendingBytesLimit: Int
        /// More connections at once are turned away with an error line.
        public var connectionLimit: Int

        /// Makes settings.
        public init(
            lineBytesLimit: Int = 64 * 1024, pendingBytesLimit: Int = 1024 * 1024, connectionLimit: Int = 256
        ) {
            self.lineBytesLimit = lineBytesLimit
            self.pendingBytesLimit = pendingBytesLimit
            self.connectionLimit = connectionLimit
        }
    }

    private let listener: Listener
    private let ledger: Ledger
    private let settings: Settings
    private let logger: Logger
    private let connections = ConnectionTable()
    private let listening = AsyncStream.makeStream(of: Void.self)

    /// Makes a server; nothing happens before ``run()``.
    public init(listener: Listener, ledger: Ledger, settings: Settings = Settings(), logger: Logger) {
        self.listener = listener
        self.ledger = ledger
        self.settings = settings
        self.logger = logger
    }

    /// Returns once connections are accepted, for one caller; also when the server ended before that.
    public func untilListening() async {
        for await _ in listening.stream { return }
    }

    /// Takes connections until graceful shutdown or cancellation; then records what came whole and closes them.
    ///
    /// Throws ``IntakeError`` if the socket cannot be used, and ``LedgerError`` if the ledger cannot.
    public func run() async throws {
        defer { listening.continuation.finish() }
        for meeting in try ledger.closeInterruptedConnections() {
            logger.notice("a connection had been cut off", metadata: ["meeting": "\(meeting)"])
        }
        let socket =
            switch listener {
            case .path(let path): try ListeningSocket(path: path)
            case .descriptor(let descriptor): try ListeningSocket(adopting: descriptor)
            }
        defer { socket.remove() }
        let committer = IngestCommitter(ledger: ledger, logger: logger)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        do {
            let server = try await bootstrap(group, committer).withBoundSocket(socket.descriptor).get()
            logger.info("listening", metadata: ["socket": "\(listener)"])
            listening.continuation.yield()
            // Cancellation ends it as well, only that nobody asked for it gracefully.
            try? await gracefulShutdown()
            try? await server.close()  // Ignored: fails only if it is closed.
            await stopConnections(committer, on: group.next())
        } catch {
            try? await group.shutdownGracefully()  // Ignored: the first error counts.
            throw error
        }
        try await group.shutdownGracefully()
        logger.info("stopped listening")
    }

    private func bootstrap(_ group: MultiThreadedEventLoopGroup, _ committer: IngestCommitter)
        -> ServerBootstrap
    {
        ServerBootstrap(group: group)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { [connections, settings, logger] channel in
                channel.eventLoop.makeCompletedFuture {
                    guard let number = connections.add(channel, limit: settings.connectionLimit) else {
                        logger.warning("turned a connection away")
                        try channel.pipeline.syncOperations.addHandler(TurnedAway())
                        return
                    }
                    let finished = channel.eventLoop.makePromise(of: Void.self)
                    finished.futureResult.whenComplete { _ in connections.remove(number) }
                    try channel.pipeline.syncOperations.addHandler(
                        IngestConnection(
                            number: number, committer: committer, settings: settings, logger: logger,
                            finished: finished))
                }
            }
    }

    /// Lets every connection record what came whole; those whose peers do not read their answers are cut off.
    private func stopConnections(_ committer: IngestCommitter, on eventLoop: any EventLoop) async {
        committer.stop()
        let open = connections.stop()
        for channel in open {
            channel.pipeline.fireUserInboundEventTriggered(IngestConnection.StopRequest())
        }
        let patience = eventLoop.scheduleTask(in: Self.answerPatience) {
            for channel in open { channel.close(promise: nil) }
        }
        await connections.untilEmpty()
        patience.cancel()
    }

    private static let answerPatience = TimeAmount.seconds(1)
}

/// What a connection gets that is one too many, or comes while the server stops.
private final class TurnedAway: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    func channelActive(context: ChannelHandlerContext) {
        let text = "{\"error\":\"no more connections are taken now: try again later\"}\n"
        let buffer = context.channel.allocator.buffer(string: text)
        context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }
}

/// The connections that are open.
private final class ConnectionTable: Sendable {
    private struct State {
        var lastNumber = 0
        var open: [Int: any Channel] = [:]
        var isStopping = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// Guards: which connections are open, and who waits for the last one.
    private let state = Mutex(State())

    /// Counts from 1; nil if there are too many, or the server stops.
    func add(_ channel: any Channel, limit: Int) -> Int? {
        state.withLock { state in
            guard !state.isStopping, state.open.count < limit else { return nil }
            state.lastNumber += 1
            state.open[state.lastNumber] = channel
            return state.lastNumber
        }
    }

    func remove(_ number: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            state.open[number] = nil
            guard state.open.isEmpty else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Takes no more; returns those that are open.
    func stop() -> [any Channel] {
        state.withLock { state in
            state.isStopping = true
            return Array(state.open.values)
        }
    }

    func untilEmpty() async {
        await withCheckedContinuation { continuation in
            let isEmpty = state.withLock { state in
                if !state.open.isEmpty { state.waiter = continuation }
                return state.open.isEmpty
            }
            if isEmpty { continuation.resume() }
        }
    }
}
