import Control
import Foundation
import Glibc

/// Sends a numbered meeting over the ingest socket, over as many connections as it takes; its calls block.
final class NumberedSender: @unchecked Sendable {
    /// How it makes up for a connection that broke.
    enum Manner: Sendable {
        /// Names itself, and goes on from where the daemon says.
        case named
        /// Names itself, and sends again all of which it has no acknowledgement, without waiting to be told.
        case namedOverlapping
        /// Has no name, and takes for delivered what it has sent: what a careless client does.
        case forgetful
        /// Has no name, and sends again what was not acknowledged.
        case insistent
    }

    private let meeting: NumberedMeeting
    let lines: NumberedLines
    private let socketPath: String
    private let manner: Manner
    /// Lines of which it is sure, or believes to be.
    private(set) var settledCount = 0
    /// Lines that were acknowledged and were not there later.
    private(set) var brokenPromises = 0
    private var hasEnded = false
    /// Connections that broke off, and how many of those within a line.
    private(set) var breaks = 0
    private(set) var breaksInLines = 0

    /// - Parameter sendsCaptions: whether results are among its lines that are held back, revised, cut in pieces.
    init(_ meeting: NumberedMeeting, socketPath: String, manner: Manner, sendsCaptions: Bool = false) {
        self.meeting = meeting
        lines = NumberedLines(meeting, asRecognised: sendsCaptions)
        self.socketPath = socketPath
        self.manner = manner
    }

    /// Sends utterances up to `allowance`, and with `ends` the end; true when all of it is settled.
    func send(upTo utterances: Int, ends: Bool) -> Bool {
        let allowance = lines.count(saying: utterances)
        if settledCount >= allowance, !ends || hasEnded { return true }
        guard let connection = LineConnection(socketPath) else { return false }
        guard var next = greet(connection) else { return false }
        while next < allowance {
            let end = min(next + 7, allowance)
            guard connection.send(lines.all[next..<end].map(\.text).joined()) else { return false }
            next = end
            if manner == .forgetful { settledCount = next }
        }
        if ends, !connection.send("{\"end\": true}\n") { return false }
        if manner == .forgetful { return true }
        while settledCount < allowance || ends && !hasEnded {
            guard let answer = connection.line() else { return false }
            if answer.hasPrefix("{\"ack\":") {
                // One too many is the daemon's fault.
                let rest = lines.all.indices.dropFirst(settledCount)
                guard let line = rest.first(where: { lines.all[$0].isAcknowledged }) else { return false }
                settledCount = line + 1
            }
            if let count = Self.received(answer) { settle(count) }
            if answer.hasPrefix("{\"ended\":") { hasEnded = true }
        }
        return true
    }

    /// Says who it is; returns the utterance to go on with, nil if the connection broke.
    private func greet(_ connection: LineConnection) -> Int? {
        let common = "\"meeting\": \"\(meeting.name)\", \"format\": \"jsonl\", \"ack\": true"
        switch manner {
        case .forgetful, .insistent:
            return connection.send("{\(common)}\n") ? settledCount : nil
        case .named:
            guard connection.send("{\(common), \"sender\": \"recorder\"}\n"), let answer = connection.line(),
                let count = Self.received(answer)
            else { return nil }
            settle(count)
            return count
        case .namedOverlapping:
            // Some of which it is sure as well: the daemon has to know all the same.
            let first = max(0, settledCount - 5)
            return connection.send(greeting(from: first)) ? first : nil
        }
    }

    /// Names itself, says from which line it sends, and breaks off at some byte; false if nobody listens.
    ///
    /// It does not wait, and mostly has not read a word, so that the daemon writes to nobody.
    ///
    /// - `isLong`: as much as the daemon does not read at once; else so little that it is cut at each byte in turn.
    func breakOff(upTo utterances: Int, isLong: Bool, random: inout some RandomNumberGenerator) -> Bool {
        let first = max(0, settledCount - Int.random(in: 0...3, using: &random))
        let end = min(
            lines.count(saying: utterances), first + (isLong ? Int.random(in: 20...120, using: &random) : 4))
        let padding = String(repeating: " ", count: isLong ? Int.random(in: 200...2000, using: &random) : 0)
        let said = lines.all[first..<max(first, end)].map { "{" + padding + $0.text.dropFirst() }
        let whole = Array((greeting(from: first) + said.joined()).utf8)
        let cut = isLong ? Int.random(in: 0...whole.count, using: &random) : breaks % (whole.count + 1)
        guard let connection = LineConnection(socketPath) else { return false }
        breaks += 1
        if cut > 0, whole[cut - 1] != UInt8(ascii: "\n") { breaksInLines += 1 }
        guard connection.send(whole[..<cut]) else { return true }
        // Now and then it hears how far it has come, or else it would stay where it is.
        if Int.random(in: 0..<4, using: &random) == 0, cut > greeting(from: first).utf8.count,
            let answer = connection.line()
        {
            if let count = Self.received(answer) { settle(count) }
            if answer.contains("are recorded") { brokenPromises += 1 }
        } else {
            // About when the daemon writes its answer: it must be neither there nor long gone.
            usleep(UInt32.random(in: 0...600, using: &random))
        }
        // Else it is closed with what it has not read, which the daemon sees as a reset.
        if Bool.random(using: &random) {
            connection.shutDown(Bool.random(using: &random) ? SHUT_WR : SHUT_RDWR)
        }
        return true
    }

    private func greeting(from first: Int) -> String {
        "{\"meeting\": \"\(meeting.name)\", \"format\": \"jsonl\", \"ack\": true, \"sender\": \"recorder\", "
            + "\"from\": \(first)}\n"
    }

    /// Takes over what the daemon says that it has: all that it acknowledged, at least.
    private func settle(_ count: Int) {
        brokenPromises += max(0, settledCount - count)
        settledCount = count
    }

    private static func received(_ answer: String) -> Int? {
        answer.hasPrefix("{\"received\":") ? Int(answer.dropFirst(12).dropLast()) : nil
    }
}

/// A blocking connection that reads and writes lines.
final class LineConnection {
    private let descriptor: Int32
    private var rest: [UInt8] = []

    /// Nil if nobody listens.
    init?(_ path: String) {
        guard let descriptor = unixConnection(to: path) else { return nil }
        self.descriptor = descriptor
        // Ends what hangs.
        var limit = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        setsockopt(descriptor, SOL_SOCKET, SO_SNDTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    func shutDown(_ how: Int) { shutdown(descriptor, Int32(how)) }

    func send(_ text: String) -> Bool { send(Array(text.utf8)[...]) }

    func send(_ whole: ArraySlice<UInt8>) -> Bool {
        var bytes = whole
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }

    /// The next line; nil if the connection is over.
    func line() -> String? {
        while true {
            if let feed = rest.firstIndex(of: UInt8(ascii: "\n")) {
                defer { rest.removeSubrange(...feed) }
                return String(decoding: rest[..<feed], as: UTF8.self)
            }
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { return nil }
            rest += buffer[..<count]
        }
    }
}
