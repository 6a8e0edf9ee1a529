import Errors
import Foundation
import NIOCore
import NIOPosix

/// Sends requests to the daemon over its control socket.
package struct ControlClient: Sendable {
    private let socketPath: String

    /// Creates a client of the daemon at `socketPath`; each request opens a connection.
    package init(socketPath: String) {
        self.socketPath = socketPath
    }

    /// Sends a request and returns its answer.
    ///
    /// Throws ``ApplicationError``: `unreachable` if no daemon listens, the daemon's own refusal, or
    /// `badConversation`.
    package func request(_ request: ControlRequest) async throws -> ControlReply {
        try await converse(request) { replies in
            var iterator = replies.makeAsyncIterator()
            guard let line = try await iterator.next() else { throw brokenOff }
            return try reply(line)
        }
    }

    /// Sends `watch` and passes each reply to `onReply`, until that returns false.
    ///
    /// Throws as ``request(_:)`` does; `badConversation` if the daemon stops.
    package func watch(meeting: String?, onReply: (ControlReply) throws -> Bool) async throws {
        try await converse(ControlRequest(.watch, meeting: meeting)) { replies in
            for try await line in replies where try !onReply(try reply(line)) { return }
            throw brokenOff
        }
    }

    private func converse<Answer>(
        _ request: ControlRequest, _ body: (NIOAsyncChannelInboundStream<String>) async throws -> Answer
    ) async throws -> Answer {
        let channel = try await connectLines(
            to: socketPath, bytesLimit: ControlCoding.replyBytesLimit,
            option: "sockets.control")
        return try await channel.executeThenClose { replies, requests in
            try await requests.send(line: ControlCoding.line(request))
            return try await body(replies)
        }
    }

    private func reply(_ line: String) throws -> ControlReply {
        let reply: ControlReply
        do {
            reply = try ControlCoding.value(ControlReply.self, line)
        } catch {
            throw ApplicationError(
                .badConversation,
                "what listens on \(socketPath) does not answer as minuted does: "
                    + ErrorText.of(error))
        }
        if let refusal = reply.refusal { throw refusal }
        return reply
    }

    private var brokenOff: ApplicationError {
        ApplicationError(
            .badConversation, "minuted closed the connection: see its log, journalctl -u minuted")
    }
}

/// Connects to a daemon's socket; the error says which socket and how to start the daemon.
func connectLines(to path: String, bytesLimit: Int, option: String) async throws(ApplicationError)
    -> LineChannel
{
    do {
        return try await ClientBootstrap(group: MultiThreadedEventLoopGroup.singleton)
            .channelOption(.allowRemoteHalfClosure, value: true)
            .connect(unixDomainSocketPath: path) { channel in
                channel.eventLoop.makeCompletedFuture { try channel.lineChannel(bytesLimit: bytesLimit) }
            }
    } catch {
        let reason = (error as? IOError).map { String(cString: strerror($0.errnoCode)) } ?? "\(error)"
        throw ApplicationError(
            .unreachable,
            "no minuted answers on \(path) (\(reason)): start it with 'systemctl start minuted' or "
                + "'minuted --config FILE', or name its socket with --socket or \(option)")
    }
}
