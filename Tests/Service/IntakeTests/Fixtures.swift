import Foundation
import Language
import Glibc
import Ledger
import Logging
import ServiceLifecycle
import Synchronization
import Testing
import Transcript

@testable import Intake

/// A ledger, a spool and a place for a socket in a folder of their own, which goes away with them.
final class TemporaryHome: Sendable {
    let path: String
    let ledger: Ledger
    let spool: SpoolFolder

    /// Below /tmp and short: a socket's path has to fit into 107 bytes.
    init() throws {
        path = "/tmp/intake-\(UUID().uuidString.prefix(13))"
        try FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
        ledger = try Ledger(path: path + "/ledger.sqlite")
        spool = try SpoolFolder(path: path + "/spool")
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    var socketPath: String { path + "/socket" }

    /// Writes a file elsewhere and renames it into `incoming/`, as a careful producer does.
    func drop(_ name: String, _ text: String) throws {
        let temporary = path + "/\(UUID().uuidString)"
        try Data(text.utf8).write(to: URL(fileURLWithPath: temporary))
        try #require(rename(temporary, spool.incoming + "/" + name) == 0)
    }

    /// Names in a folder, sorted.
    func names(in folder: String) -> [String] {
        ((try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? []).sorted()
    }

    func text(of path: String) -> String? { try? String(contentsOfFile: path, encoding: .utf8) }

    func meeting(_ name: String) throws -> MeetingRecord? { try ledger.meeting(MeetingID(name)) }

    /// The texts of a meeting's utterances.
    func texts(_ name: String) throws -> [String] {
        let id = try MeetingID(name)
        guard let meeting = try ledger.meeting(id) else { return [] }
        return try ledger.utterances(of: id, in: 0..<meeting.utteranceCount).map(\.text)
    }

    func notes(_ name: String) throws -> [String] {
        try ledger.notes(of: MeetingID(name)).map(\.note.description)
    }
}

let never = Duration.seconds(3600)

/// Runs a service while `body` runs, then stops it gracefully and waits for its end.
func withService(_ service: some Service, _ body: () async throws -> Void) async throws {
    let group = ServiceGroup(
        configuration: .init(
            services: [.init(service: service, successTerminationBehavior: .ignore)], logger: quiet))
    let running = Task { try await group.run() }
    do {
        try await body()
    } catch {
        await group.triggerGracefulShutdown()
        try await running.value
        throw error
    }
    await group.triggerGracefulShutdown()
    try await running.value
}

extension TemporaryHome {
    /// Runs `body` while a server listens, on its own socket unless `listener` says otherwise.
    func withServer(
        _ settings: IngestServer.Settings = .init(), listener: IngestServer.Listener? = nil,
        log: LogCount = LogCount(), _ body: () async throws -> Void
    ) async throws {
        let server = IngestServer(
            listener: listener ?? .path(socketPath), ledger: ledger, settings: settings, logger: log.logger)
        try await withService(server) {
            await server.untilListening()
            try await body()
        }
    }
}

/// A logger that says nothing.
let quiet = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

/// Counts what is logged, by level.
final class LogCount: Sendable {
    private let messages = Mutex<[(Logger.Level, String)]>([])

    var logger: Logger { Logger(label: "test") { _ in Handler(count: self) } }

    func all(_ level: Logger.Level) -> [String] {
        messages.withLock { $0.filter { $0.0 == level }.map(\.1) }
    }

    /// Everything that was said, metadata included.
    var text: String { messages.withLock { $0.map(\.1).joined(separator: "\n") } }

    private struct Handler: LogHandler {
        let count: LogCount
        var metadata: Logger.Metadata = [:]
        var logLevel = Logger.Level.info

        subscript(metadataKey key: String) -> Logger.Metadata.Value? {
            get { metadata[key] }
            set { metadata[key] = newValue }
        }

        func log(event: LogEvent) {
            let all = metadata.merging(event.metadata ?? [:]) { $1 }
            count.messages.withLock { $0.append((event.level, "\(event.message) \(all)")) }
        }
    }
}

/// A client of the ingest socket that never blocks a thread.
final class Client {
    private let descriptor: CInt
    private var received: [UInt8] = []
    /// Whether it reads and forgets its answers while it cannot send.
    var discardsAnswers = false

    init(_ path: String) throws {
        descriptor = socket(AF_UNIX, CInt(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_un()
        address.sun_family = sa_family_t(AF_UNIX)
        withUnsafeMutableBytes(of: &address.sun_path) { $0.copyBytes(from: path.utf8) }
        let result = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_un>.size))
            }
        }
        guard result == 0 else { throw IntakeError.system("connect") }
    }

    deinit { close() }

    func send(_ text: String) async throws { try await send(Array(text.utf8)) }

    func send(_ bytes: [UInt8]) async throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let count = rest.withUnsafeBytes {
                Glibc.send(
                    descriptor, $0.baseAddress, $0.count, CInt(MSG_NOSIGNAL) | CInt(MSG_DONTWAIT))
            }
            if count > 0 {
                rest = rest.dropFirst(count)
            } else if errno == EAGAIN {
                if discardsAnswers { _ = discardAnswers() }
                try await Task.sleep(for: .milliseconds(2))
            } else {
                throw IntakeError.system("send")
            }
        }
    }

    /// Reads what has come, and forgets it; how many bytes that was.
    func discardAnswers() -> Int {
        var buffer = [UInt8](repeating: 0, count: 1 << 20)
        var total = 0
        while case let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT)), count > 0 {
            total += count
        }
        return total
    }

    /// Says that nothing more will come.
    func finishSending() { shutdown(descriptor, CInt(SHUT_WR)) }

    private var isClosed = false

    /// Goes away without a word.
    func close() {
        if !isClosed { Glibc.close(descriptor) }
        isClosed = true
    }

    /// The next line from the server; nil once it has closed the connection, or said nothing for a minute.
    func line() async throws -> String? {
        let limit = ContinuousClock.now + .seconds(60)
        while ContinuousClock.now < limit {
            if let feed = received.firstIndex(of: UInt8(ascii: "\n")) {
                defer { received.removeSubrange(...feed) }
                return String(decoding: received[..<feed], as: UTF8.self)
            }
            var buffer = [UInt8](repeating: 0, count: 65536)
            let count = recv(descriptor, &buffer, buffer.count, CInt(MSG_DONTWAIT))
            if count > 0 {
                received += buffer[..<count]
            } else if count == 0 || errno == ECONNRESET {
                return nil
            } else {
                try await Task.sleep(for: .milliseconds(2))
            }
        }
        Issue.record("the server said nothing for a minute")
        return nil
    }

    /// All lines until the server closes the connection.
    func lines() async throws -> [String] {
        var lines: [String] = []
        while let line = try await line() { lines.append(line) }
        return lines
    }
}

func ack(_ line: String?) -> Int? {
    guard let line, line.hasPrefix("{\"ack\":") else { return nil }
    return Int(line.dropFirst(7).dropLast())
}
