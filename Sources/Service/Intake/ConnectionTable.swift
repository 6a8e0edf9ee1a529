import NIOCore
import Synchronization
import Transcript

/// Refuses a connection, because there are too many or the server is stopping: sends the reason and closes it.
final class TurnedAway: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias OutboundOut = ByteBuffer

    /// Put between quotation marks without escaping.
    private let reason: String

    init(_ reason: String) { self.reason = reason }

    func channelActive(context: ChannelHandlerContext) {
        let text = "{\"error\":\"\(reason)\"}\n"
        let buffer = context.channel.allocator.buffer(string: text)
        context.writeAndFlush(wrapOutboundOut(buffer)).assumeIsolated().whenComplete { _ in
            context.close(promise: nil)
        }
    }
}

/// A named sender and the meeting that it sends lines for.
struct IngestSender: Sendable, Hashable {
    var name: String
    var meeting: MeetingID
}

/// The open connections.
final class ConnectionTable: Sendable {
    struct Connection: Sendable {
        let channel: any Channel
        let finished: EventLoopFuture<Void>
        /// The user of the process at the other end.
        let user: UInt32

        /// Asks the connection to record its complete lines and end; closes it if its peer does not read the answers.
        func stop() {
            channel.pipeline.fireUserInboundEventTriggered(IngestConnection.StopRequest())
            let (channel, finished) = (channel, finished)
            let patience = channel.eventLoop.scheduleTask(in: Self.answerPatience) {
                channel.close(promise: nil)
            }
            finished.whenComplete { _ in patience.cancel() }
        }

        private static let answerPatience = TimeAmount.seconds(1)
    }

    private struct State {
        var lastNumber = 0
        var open: [Int: Connection] = [:]
        /// The number of open connections of each user.
        var counts: [UInt32: Int] = [:]
        /// The latest connection of each sender, and the sender of each connection.
        var latest: [IngestSender: Int] = [:]
        var senders: [Int: IngestSender] = [:]
        var isStopping = false
        var waiter: CheckedContinuation<Void, Never>?
    }

    /// Guards: which connections are open, and who waits for the last one.
    private let state = Mutex(State())

    /// The outcome of adding a connection.
    enum Addition: Sendable {
        /// The connection was added under this number, counted from 1.
        case added(Int)
        /// The connection was refused; the text tells its peer why.
        case refused(String)
    }

    func add(_ connection: Connection, limit: Int, limitPerUser: Int) -> Addition {
        state.withLock { state in
            guard !state.isStopping, state.open.count < limit else {
                return .refused("no more connections are taken now: try again later")
            }
            let count = state.counts[connection.user, default: 0]
            guard count < limitPerUser else {
                return .refused(
                    "user \(connection.user) has \(count) connections, and may have no more: close some, or have "
                        + "ingest.connectionLimitPerUser raised")
            }
            state.lastNumber += 1
            state.open[state.lastNumber] = connection
            state.counts[connection.user] = count + 1
            return .added(state.lastNumber)
        }
    }

    /// Makes `number` the latest connection of a sender; succeeds when the one before it is finished.
    func claim(_ sender: IngestSender, for number: Int, on eventLoop: any EventLoop) -> EventLoopFuture<Void>
    {
        let previous = state.withLock { state -> Connection? in
            let previous = state.latest.updateValue(number, forKey: sender).flatMap { state.open[$0] }
            state.senders[number] = sender
            return previous
        }
        guard let previous else { return eventLoop.makeSucceededVoidFuture() }
        previous.stop()
        return previous.finished.hop(to: eventLoop)
    }

    func remove(_ number: Int) {
        let waiter = state.withLock { state -> CheckedContinuation<Void, Never>? in
            if let user = state.open.removeValue(forKey: number)?.user {
                let count = state.counts[user, default: 1] - 1
                state.counts[user] = count > 0 ? count : nil
            }
            if let sender = state.senders.removeValue(forKey: number), state.latest[sender] == number {
                state.latest[sender] = nil
            }
            guard state.open.isEmpty else { return nil }
            defer { state.waiter = nil }
            return state.waiter
        }
        waiter?.resume()
    }

    /// Refuses connections from now on; returns the open ones.
    func stop() -> [Connection] {
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
