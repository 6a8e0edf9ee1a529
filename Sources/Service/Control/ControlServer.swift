import Errors
import Files
import Foundation
import Glibc
import Intake
import Logging
import NIOCore
import NIOPosix
import Pipeline
import ServiceLifecycle
import Synchronization

/// Answers `minutectl` on a Unix socket: a request line, then its answer, any number of times.
///
/// A client that is silent for a while is disconnected, and no user can occupy all connections.
package final class ControlServer: Service, Sendable {
    /// A connection and the credentials of its client; nil if the kernel does not know them.
    private struct Connection: Sendable {
        let lines: LineChannel
        let peer: PeerCredentials?
    }

    private let listener: NIOAsyncChannel<Connection, Never>
    private let service: ControlService
    private let logger: Logger
    /// The socket's file, to be removed at the end; nil if systemd owns it.
    private let ownPath: String?
    private let limits: Limits
    // Guards: the number of connections of each user.
    private let counts = Mutex<[uid_t: Int]>([:])
    // Guards: the number of requests whose answers are not sent yet.
    private let requests = Mutex(0)

    /// The most clients, and the longest silence.
    struct Limits: Sendable {
        var connections = DescriptorLimit.controlConnections
        var connectionsPerUser = DescriptorLimit.controlConnections / 2
        /// From the connection to the first request, and from each answer to the next request.
        var silence = Duration.seconds(300)
    }

    /// Listens at `path`, or on `descriptor` if systemd opened the socket.
    ///
    /// Clients can connect on return and are answered by ``run()``. Throws ``ApplicationError`` or
    /// `FileError` if another process listens there, or the socket cannot be made.
    package convenience init(
        path: String, descriptor: Int32? = nil, service: ControlService, logger: Logger
    ) async throws {
        try await self.init(
            path: path, descriptor: descriptor, service: service, limits: Limits(), logger: logger)
    }

    init(
        path: String, descriptor: Int32? = nil, service: ControlService, limits: Limits, logger: Logger
    ) async throws {
        self.limits = limits
        self.service = service
        self.logger = logger
        ownPath = descriptor == nil ? path : nil
        // `echo … | socat` closes its sending side before it has the answer.
        let bootstrap = ServerBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .childChannelOption(.allowRemoteHalfClosure, value: true)
        do {
            if let descriptor {
                listener = try await bootstrap.bind(descriptor, childChannelInitializer: Self.prepare)
            } else {
                try Folder.make(Folder.split(path).folder)
                guard !isAnswered(socket: path) else {
                    throw ApplicationError(
                        .alreadyRunning,
                        "another process listens on \(path): stop it, or set sockets.control to another path")
                }
                listener = try await bootstrap.bind(
                    unixDomainSocketPath: path, cleanupExistingSocketFile: true,
                    childChannelInitializer: Self.prepare)
                // The daemon's group may operate it.
                guard chmod(path, 0o660) == 0 else { throw FileError(path, "opened to its group") }
            }
        } catch let error where error is ApplicationError || error is FileError {
            throw error
        } catch {
            throw ApplicationError(.file, "\(path): cannot listen there: \(error)")
        }
    }

    /// Answers until graceful shutdown or cancellation.
    package func run() async throws {
        defer {
            // Ignored: a stale file is replaced at the next start.
            if let ownPath { _ = unlink(ownPath) }
        }
        let accepting = Task {
            do {
                try await self.accept()
            } catch is CancellationError {
                return
            } catch {
                self.logger.error("the control socket stopped", error: error)
            }
        }
        await withTaskCancellationHandler {
            await withGracefulShutdownHandler {
                await accepting.value
            } onGracefulShutdown: {
                Task {
                    // Whoever waits for an answer is told before the connection closes.
                    await self.service.endQuestions()
                    await self.awaitAnswers()
                    accepting.cancel()
                }
            }
        } onCancel: {
            accepting.cancel()
        }
    }

    /// Waits until what is being answered is sent, but not for those who watch.
    private func awaitAnswers() async {
        let end = ContinuousClock.now + Self.farewell
        while requests.withLock({ $0 > 0 }), .now < end {
            // Ignored: without a pause it ends as well.
            try? await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Answers that are under way when the daemon stops have so long to reach their clients.
    private static let farewell = Duration.milliseconds(500)

    private static func prepare(_ channel: any Channel) -> EventLoopFuture<Connection> {
        channel.eventLoop.makeCompletedFuture {
            let peer = try channel.pipeline.syncOperations.withUnsafeTransportIfAvailable(
                of: NIOBSDSocket.Handle.self
            ) { PeerCredentials(descriptor: $0) }
            let isAdministrator = (peer ?? nil)?.isAdministrator() == true
            let limit =
                isAdministrator ? ControlCoding.administratorsBytesLimit : ControlCoding.requestBytesLimit
            return Connection(lines: try channel.lineChannel(bytesLimit: limit), peer: peer ?? nil)
        }
    }

    private func accept() async throws {
        try await listener.executeThenClose { connections in
            try await withThrowingDiscardingTaskGroup { group in
                for try await connection in connections {
                    group.addTask { await self.serveUntilClosed(connection) }
                }
                group.cancelAll()
            }
        }
    }

    /// Ends a watch as soon as its client is gone, not only at the next event.
    private func serveUntilClosed(_ connection: Connection) async {
        await withTaskGroup { group in
            group.addTask { await self.serve(connection) }
            // Ignored: however it closes.
            group.addTask { try? await connection.lines.channel.closeFuture.get() }
            await group.next()
            group.cancelAll()
        }
    }

    private func serve(_ connection: Connection) async {
        do {
            try await connection.lines.executeThenClose { lines, replies in
                guard let peer = connection.peer, peer.mayOperate() else {
                    return try await refuse(connection.peer, replies)
                }
                guard begin(peer.user) else {
                    let error = ApplicationError(
                        .busy,
                        "too many clients are connected to the control socket: close some, or try again later"
                    )
                    return try await replies.send(line: ControlCoding.line(ControlReply(refusing: error)))
                }
                defer { end(peer.user) }
                var patience = self.patience(connection.lines.channel)
                defer { patience.cancel() }
                for try await line in lines {
                    patience.cancel()
                    defer { patience = self.patience(connection.lines.channel) }
                    requests.withLock { $0 += 1 }
                    defer { requests.withLock { $0 -= 1 } }
                    try await service.answer(line, of: peer) { reply in
                        do {
                            try await replies.send(line: reply)
                        } catch {
                            throw ControlService.SendingFailed()
                        }
                    }
                }
            }
        } catch {
            // Not an error: the client has gone away.
            logger.debug("a control connection ended", metadata: ["reason": "\(error)"])
        }
    }
}

extension ControlServer {
    /// Counts a new connection of a user; false if there are too many.
    private func begin(_ user: uid_t) -> Bool {
        counts.withLock { counts in
            let own = counts[user, default: 0]
            let all = counts.values.reduce(0, +)
            guard all < limits.connections, own < limits.connectionsPerUser else { return false }
            counts[user] = own + 1
            return true
        }
    }

    private func end(_ user: uid_t) {
        counts.withLock { counts in
            let own = counts[user, default: 1] - 1
            counts[user] = own > 0 ? own : nil
        }
    }

    /// Closes the channel after the longest silence, unless that is cancelled before.
    private func patience(_ channel: any Channel) -> Scheduled<Void> {
        channel.eventLoop.scheduleTask(in: TimeAmount(limits.silence)) { channel.close(promise: nil) }
    }

    private func refuse(
        _ peer: PeerCredentials?, _ replies: NIOAsyncChannelOutboundWriter<ByteBuffer>
    ) async throws {
        let user = peer.map { "\($0.user)" } ?? "unknown"
        let process = peer.map { "\($0.process)" } ?? "unknown"
        logger.warning("refused a control connection", metadata: ["userID": "\(user)", "peer": "\(process)"])
        let error = ApplicationError(
            .forbidden, "you may not operate this daemon: ask its administrator to put you into its group")
        try await replies.send(line: ControlCoding.line(ControlReply(refusing: error)))
    }
}

/// Whether a process accepts connections on the Unix socket at `path`.
func isAnswered(socket path: String) -> Bool {
    guard let descriptor = unixConnection(to: path) else { return false }
    close(descriptor)
    return true
}
