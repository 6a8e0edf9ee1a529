import Control
import Files
import Foundation
import Glibc
import Intake
import Ledger
import Logging
import ServiceLifecycle

/// How many utterances a second the ingest socket takes and acknowledges, each durable, and what memory that takes.
struct BenchIntake {
    let repetitions: Int
    /// How long each repetition sends, in seconds.
    let seconds: Int

    /// Connections that send at once, each to a meeting of its own.
    private static let connectionCount = 4

    func measure(_ onFigure: (BenchFigure) -> Void) async throws {
        let folder = try TemporaryFolder()
        let ledger = try Ledger(path: folder.path + "/ledger.sqlite")
        let path = folder.path + "/ingest.sock"
        let silent = Logger(label: "bench") { _ in SwiftLogNoOpLogHandler() }
        let server = IngestServer(listener: .path(path), ledger: ledger, logger: silent)
        let group = ServiceGroup(configuration: .init(services: [server], logger: silent))
        let running = Task { try await group.run() }
        await server.untilListening()
        var (rates, sizes) = ([Double](), [Double]())
        for repetition in 0..<repetitions {
            let begin = ContinuousClock.now
            let end = begin + .seconds(seconds)
            let counts = await withTaskGroup(of: Int.self) { tasks in
                for number in 0..<Self.connectionCount {
                    let meeting = "bench-\(repetition)-\(number)"
                    tasks.addTask { await IngestLoad(path: path, meeting: meeting, end: end).run() }
                }
                return await tasks.reduce(0, +)
            }
            rates.append(Double(counts) / ((ContinuousClock.now - begin) / .seconds(1)))
            // The first repetition fills buffers that are kept for the others.
            sizes.append(residentMegabytes())
        }
        await group.triggerGracefulShutdown()
        try await running.value
        let name = "socket, \(Self.connectionCount) connections"
        onFigure(
            BenchFigure(section: "intake", name: name + ", acknowledged", unit: "utt/s", samples: rates))
        onFigure(
            BenchFigure(
                section: "intake", name: name + ", memory after \(seconds) s each", unit: "MB",
                samples: sizes))
    }

    private func residentMegabytes() -> Double {
        // Ignored: where there is no such file, nothing is known.
        let text = (try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8)) ?? ""
        let pages = text.split(separator: " ").dropFirst().first.flatMap { Double($0) } ?? .nan
        return pages * Double(getpagesize()) / 1e6
    }
}

/// One connection that sends as fast as it is read, and counts what is acknowledged.
private struct IngestLoad: Sendable {
    let path: String
    let meeting: String
    let end: ContinuousClock.Instant

    /// Utterances that were acknowledged until the daemon closed the connection.
    func run() async -> Int {
        await withCheckedContinuation { continuation in
            // Threads of their own, because they block.
            Thread.detachNewThread { continuation.resume(returning: converse()) }
        }
    }

    private func converse() -> Int {
        guard let descriptor = unixConnection(to: path) else { return 0 }
        defer { close(descriptor) }
        Thread.detachNewThread {
            send("{\"meeting\": \"\(meeting)\", \"format\": \"jsonl\", \"ack\": true}\n", descriptor)
            var number = 0
            while ContinuousClock.now < end {
                let lines = (number..<number + 100).map {
                    "{\"speaker\": \"Ada\", \"start\": \($0), \"text\": \"we have to decide today when number \($0) "
                        + "of the release goes out and who writes the announcement\"}\n"
                }
                guard send(lines.joined(), descriptor) else { break }
                number += 100
            }
            shutdown(descriptor, CInt(SHUT_WR))
        }
        var count = 0
        var buffer = [UInt8](repeating: 0, count: 1 << 16)
        while true {
            let got = recv(descriptor, &buffer, buffer.count, 0)
            guard got > 0 else { return count }
            // Each answer is a line.
            count += buffer[..<got].count { $0 == UInt8(ascii: "\n") }
        }
    }

    @discardableResult
    private func send(_ text: String, _ descriptor: CInt) -> Bool {
        var bytes = Array(text.utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL))
            }
            guard count > 0 else { return false }
            bytes = bytes.dropFirst(count)
        }
        return true
    }
}
