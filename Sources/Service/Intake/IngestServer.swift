import Foundation
import Ledger
import Logging
import Metrics
import NIOCore
import NIOPosix
import Synchronization
import ServiceLifecycle

/// Takes transcripts line by line over a Unix stream socket.
///
/// `socat - UNIX-CONNECT:path` with lines such as `Ada: good morning` just works: the daemon makes up a meeting,
/// which ends when the connection does. A first line in JSON (`SocketGreeting`) names the meeting, which then
/// stays open until `{"end": true}` comes or it is ended elsewhere, and may ask for acknowledgements:
///
///     {"ack":17}                        utterance 17 of the meeting is durable
///     {"ended":"standup"}               the meeting's end is durable; ends in a row may be answered once
///     {"error":"…","line":3}            line 3 was refused; the connection goes on
///     {"received":120}                  the sender's first 120 lines are durable, with what of them is held back
///
/// Errors are sent in any case. A sender that wants to be certain names itself (`"sender": "recorder-1"`), counts the
/// lines it has for the meeting, and after a break sends again from the line that `received` tells; or it says itself
/// how many it leaves out (`"from": 100`), and need not wait: lines that are recorded already are passed over. A sender
/// has one connection at a time; a second one takes the place of the first.
package final class IngestServer: Service, Sendable {
    /// The socket that connections come in on.
    package enum Listener: Sendable, Hashable, CustomStringConvertible {
        /// A socket is made at this path, and removed at the end.
        case path(String)
        /// A descriptor that listens already, handed over by the service manager.
        case descriptor(CInt)

        /// The path or the descriptor's number, for the log.
        package var description: String {
            switch self {
            case .path(let path): path
            case .descriptor(let descriptor): "descriptor \(descriptor)"
            }
        }
    }

    /// Limits on lines and connections.
    package struct Settings: Sendable, Hashable {
        /// Longer lines are refused.
        package var lineBytesLimit: Int
        /// A connection with more bytes waiting to be recorded is not read.
        package var pendingBytesLimit: Int
        /// While all connections together have more bytes waiting, only those with none waiting are read.
        package var allPendingBytesLimit: Int
        /// Further connections are refused with an error line.
        package var connectionLimit: Int
        /// Further connections of one user are refused.
        package var connectionLimitPerUser: Int
        /// A connection that neither names a meeting nor brings words for one within this time is closed; zero: never.
        package var silencePatience: Duration
        /// Who may connect, besides what the socket's mode says.
        package var peers: PeerRule

        /// Makes settings.
        package init(
            lineBytesLimit: Int = 64 * 1024, pendingBytesLimit: Int = 1024 * 1024,
            allPendingBytesLimit: Int = 64 * 1024 * 1024, connectionLimit: Int = 1024,
            connectionLimitPerUser: Int = 256, silencePatience: Duration = .seconds(300),
            peers: PeerRule = .anybody
        ) {
            self.lineBytesLimit = lineBytesLimit
            self.pendingBytesLimit = pendingBytesLimit
            self.allPendingBytesLimit = allPendingBytesLimit
            self.connectionLimit = connectionLimit
            self.connectionLimitPerUser = connectionLimitPerUser
            self.silencePatience = silencePatience
            self.peers = peers
        }
    }

    private let listener: Listener
    private let ledger: Ledger
    private let settings: Settings
    private let atHand: AtHand?
    private let logger: Logger
    private let connections = ConnectionTable()
    // Guards: where connections are served, while they are.
    private let eventLoop = Mutex<(any EventLoop)?>(nil)
    private let listening = AsyncStream.makeStream(of: Void.self)

    /// Creates a server, which does nothing until ``run()`` is called.
    ///
    /// With `atHand`, lines that crashed the daemon twice are refused.
    package init(
        listener: Listener, ledger: Ledger, settings: Settings = Settings(), atHand: AtHand? = nil,
        logger: Logger
    ) {
        self.listener = listener
        self.ledger = ledger
        self.settings = settings
        self.atHand = atHand
        self.logger = logger
    }

    /// Returns once connections are accepted, or the server has ended; for one caller.
    package func untilListening() async {
        for await _ in listening.stream { return }
    }

    /// Returns when the event loop has taken a turn; at once if the server does not run.
    package func respond() async {
        // Ignored: an event loop that is shut down has nothing to do.
        try? await eventLoop.withLock { $0 }?.submit {}.get()
    }

    /// Accepts connections until graceful shutdown or cancellation; then records complete lines and closes them.
    ///
    /// Throws ``IntakeError`` if the socket cannot be used, and ``LedgerError`` if the ledger cannot.
    package func run() async throws {
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
        let committer = IngestCommitter(
            ledger: ledger, lines: try LineGuard(atHand: atHand, ledger: ledger), logger: logger)
        let group = MultiThreadedEventLoopGroup(numberOfThreads: 1)
        eventLoop.withLock { $0 = group.next() }
        defer { eventLoop.withLock { $0 = nil } }
        do {
            let server = try await bootstrap(group, committer).withBoundSocket(socket.descriptor).get()
            logger.info("listening", metadata: ["socket": "\(listener)"])
            listening.continuation.yield()
            // Cancellation ends the server too, without a graceful shutdown.
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
        let prepare = prepare
        let limit = connectionLimit()
        return ServerBootstrap(group: group)
            .serverChannelOption(.backlog, value: ListeningSocket.backlog)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
            .childChannelInitializer { channel in
                PeerRule.peer(of: channel).flatMap { peer in
                    channel.eventLoop.makeCompletedFuture { try prepare(channel, peer, limit, committer) }
                }
            }
    }

    /// The number of connections that the settings allow, reduced if too few descriptors would remain for the rest.
    private func connectionLimit() -> Int {
        let free = max(1, DescriptorLimit.current() - DescriptorLimit.reserve)
        guard free < settings.connectionLimit else { return settings.connectionLimit }
        logger.warning(
            "fewer connections are taken than ingest.connectionLimit allows: the limit of open files is too low",
            metadata: ["connections": "\(free)", "allowed": "\(settings.connectionLimit)"])
        return free
    }

    private func prepare(
        _ channel: any Channel, _ peer: PeerRule.Credentials?, _ limit: Int, _ committer: IngestCommitter
    ) throws {
        func turnAway(_ reason: String) throws {
            Counters.process.add(to: .connectionsRefused)
            logger.warning("turned a connection away", metadata: ["reason": "\(reason)"])
            try channel.pipeline.syncOperations.addHandler(TurnedAway(reason))
        }
        guard let peer else { return try turnAway("it cannot be told who connects") }
        if let refusal = settings.peers.refusal(of: peer) { return try turnAway(refusal) }
        let finished = channel.eventLoop.makePromise(of: Void.self)
        let connection = ConnectionTable.Connection(
            channel: channel, finished: finished.futureResult, user: peer.user)
        let number: Int
        switch connections.add(connection, limit: limit, limitPerUser: settings.connectionLimitPerUser) {
        case .added(let added): number = added
        case .refused(let reason):
            finished.succeed()
            return try turnAway(reason)
        }
        let connections = connections
        finished.futureResult.whenComplete { _ in connections.remove(number) }
        try channel.pipeline.syncOperations.addHandler(
            IngestConnection(
                number: number, committer: committer, settings: settings, logger: logger, finished: finished
            ) { connections.claim($0, for: number, on: channel.eventLoop) })
    }

    /// Asks every connection to record its complete lines and end; closes those whose peers do not read the answers.
    private func stopConnections(_ committer: IngestCommitter, on eventLoop: any EventLoop) async {
        committer.stop()
        for connection in connections.stop() { connection.stop() }
        await connections.untilEmpty()
    }
}
