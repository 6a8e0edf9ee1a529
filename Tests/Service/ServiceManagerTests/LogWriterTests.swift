import Glibc
import Logging
import Testing

@testable import ServiceManager

/// Logging never waits for those who read the log.
@Suite struct LogWriterTests {
    /// Two ends of a socket or a pipe; the second one is read by nobody until the test says so.
    private struct Ends {
        let writing: CInt
        let reading: CInt

        /// What journald's socket is like.
        static func datagrams() throws -> Ends {
            var ends: [CInt] = [0, 0]
            try #require(socketpair(AF_UNIX, CInt(SOCK_DGRAM.rawValue), 0, &ends) == 0)
            return Ends(writing: ends[0], reading: ends[1])
        }

        static func pipe() throws -> Ends {
            var ends: [CInt] = [0, 0]
            try #require(Glibc.pipe(&ends) == 0)
            return Ends(writing: ends[1], reading: ends[0])
        }

        /// Waits as long as the other end has no room, as sd_journal_sendv(3) does.
        func write(_ text: String) { _ = Glibc.write(writing, text, text.utf8.count) }

        /// Leaves no room, as one that hangs has none.
        func fill() {
            let flags = fcntl(writing, F_GETFL)
            _ = fcntl(writing, F_SETFL, flags | O_NONBLOCK)
            while Glibc.write(writing, "filler\n", 7) > 0 {}
            _ = fcntl(writing, F_SETFL, flags)
        }

        /// All that was written, until nothing comes for a while.
        func lines() -> [String] {
            var bytes: [UInt8] = []
            var buffer = [UInt8](repeating: 0, count: 1 << 16)
            var waiting = pollfd(fd: reading, events: Int16(POLLIN), revents: 0)
            while poll(&waiting, 1, 1000) > 0, case let count = read(reading, &buffer, buffer.count),
                count > 0
            {
                bytes += buffer[..<count]
            }
            return String(decoding: bytes, as: UTF8.self).split(separator: "\n").map(String.init)
                .filter { $0 != "filler" }
        }

        func close() {
            _ = Glibc.close(writing)
            _ = Glibc.close(reading)
        }
    }

    private func writer(to ends: Ends, limit: Int) -> LogWriter {
        LogWriter(limit: limit) { ends.write("lost \($0)\n") }
    }

    private func journal(_ ends: Ends, _ writer: LogWriter) -> Logger {
        Logger(label: "x") { label in
            JournalLogHandler(
                label: label, identifier: "minuted", writer: writer,
                send: { fields in
                    ends.write((fields.first ?? "") + "\n")
                    return true
                }, fallback: { _ in Issue.record("nothing to fall back from") })
        }
    }

    private func standardError(_ ends: Ends, _ writer: LogWriter) -> Logger {
        Logger(label: "x") { _ in StandardErrorLogHandler(writer: writer, write: { ends.write($0) }) }
    }

    @Test(arguments: [true, false])
    func whatIsNotTakenIsCountedAndSaidLater(isJournal: Bool) throws {
        let ends = try isJournal ? Ends.datagrams() : Ends.pipe()
        defer { ends.close() }
        let writer = writer(to: ends, limit: 100)
        let logger = isJournal ? journal(ends, writer) : standardError(ends, writer)
        let count = 20_000
        ends.fill()
        let began = ContinuousClock.now
        for number in 0..<count { logger.info("message \(number)") }
        // Nobody reads: it is over all the same, and quickly.
        #expect(ContinuousClock.now - began < .seconds(20))
        for number in 0..<10 { logger.error("error \(number)") }
        #expect(!writer.flush(within: .milliseconds(50)))

        let lines = ends.lines()
        let messages = lines.filter { $0.contains("message ") }
        let lost = lines.compactMap { $0.hasPrefix("lost ") ? Int($0.dropFirst(5)) : nil }
        #expect(lost.count == 1 && messages.count + (lost.first ?? 0) == count, "\(lost)")
        #expect(messages.count == 100)
        // Errors still find room, behind what is said of those that were lost.
        #expect(lines.filter { $0.contains("error ") }.count == 10)
        let firstError = try #require(lines.firstIndex { $0.contains("error 0") })
        #expect(lines[firstError - 1].hasPrefix("lost "))
        #expect(writer.flush(within: .seconds(10)))

        logger.info("once more")
        #expect(writer.flush(within: .seconds(10)))
        #expect(ends.lines().map { $0.hasSuffix("once more") } == [true])
    }

    @Test func lossesAtTheEndAreSaidToo() throws {
        let ends = try Ends.pipe()
        defer { ends.close() }
        let writer = writer(to: ends, limit: 10)
        let logger = standardError(ends, writer)
        ends.fill()
        for number in 0..<5_000 { logger.info("message \(number)") }
        let lines = ends.lines()
        let lost = lines.last.flatMap { $0.hasPrefix("lost ") ? Int($0.dropFirst(5)) : nil }
        #expect(lines.count == 11 && lost == 4_990)
    }

    @Test func aReaderThatReadsGetsEverythingInOrder() throws {
        let ends = try Ends.pipe()
        defer { ends.close() }
        let writer = writer(to: ends, limit: 1000)
        let logger = standardError(ends, writer)
        for number in 0..<500 { logger.info("message", metadata: ["number": "\(number)"]) }
        #expect(writer.flush(within: .seconds(10)))
        #expect(
            ends.lines().map { String($0.split(separator: "=").last ?? "") } == (0..<500).map(String.init))
    }
}
