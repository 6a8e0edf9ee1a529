import Errors
import NIOCore

/// Cuts a stream into lines of text, without their line feeds.
///
/// A line beyond the limit closes the connection, because the beginning of the next one is unknown.
struct LineFraming: ByteToMessageDecoder {
    typealias InboundOut = String

    private let bytesLimit: Int

    init(bytesLimit: Int) {
        self.bytesLimit = bytesLimit
    }

    mutating func decode(context: ChannelHandlerContext, buffer: inout ByteBuffer) throws -> DecodingState {
        guard
            let length = buffer.readableBytesView.firstIndex(of: UInt8(ascii: "\n")).map({
                $0 - buffer.readerIndex
            })
        else {
            if buffer.readableBytes > bytesLimit { throw tooLong }
            return .needMoreData
        }
        if length > bytesLimit { throw tooLong }
        let line = buffer.readString(length: length) ?? ""
        buffer.moveReaderIndex(forwardBy: 1)
        context.fireChannelRead(wrapInboundOut(line))
        return .continue
    }

    mutating func decodeLast(
        context: ChannelHandlerContext, buffer: inout ByteBuffer, seenEOF: Bool
    ) throws -> DecodingState {
        if try decode(context: context, buffer: &buffer) == .continue { return .continue }
        // The last line may lack its line feed, as with socat and echo -n.
        if let rest = buffer.readString(length: buffer.readableBytes), !rest.isEmpty {
            context.fireChannelRead(wrapInboundOut(rest))
        }
        return .needMoreData
    }

    private var tooLong: ApplicationError {
        ApplicationError(.badConversation, "a line of more than \(bytesLimit) bytes")
    }
}

/// A connection that carries lines in both directions.
typealias LineChannel = NIOAsyncChannel<String, ByteBuffer>

extension Channel {
    /// Sets the channel up for lines of at most `bytesLimit` bytes inbound; to be called on its event loop.
    ///
    /// Each direction is closed separately, so that a client that has sent everything still gets its answers.
    func lineChannel(bytesLimit: Int) throws -> LineChannel {
        try pipeline.syncOperations.addHandler(ByteToMessageHandler(LineFraming(bytesLimit: bytesLimit)))
        return try LineChannel(
            wrappingChannelSynchronously: self, configuration: .init(isOutboundHalfClosureEnabled: true))
    }
}

extension NIOAsyncChannelOutboundWriter<ByteBuffer> {
    /// Sends one line.
    func send(line: String) async throws {
        try await write(ByteBuffer(string: line + "\n"))
    }
}
