import Control
import Foundation
import Glibc
import TestSupport
import Testing

/// The real `minuted` on folders of its own; it can be killed and started again on them.
final class RunningDaemon {
    let scratch: Scratch
    private var process: Process
    private var starts = 1

    var configuration: String { scratch.path + "/minuted.yaml" }
    var incoming: String { scratch.path + "/state/spool/incoming" }
    var ledger: String { scratch.path + "/state/ledger.sqlite" }
    var ingestSocket: String { scratch.path + "/ingest.sock" }

    /// Starts the daemon with windows of `windowTokens` and waits until it takes connections.
    init(windowTokens: Int) async throws {
        scratch = try Scratch()
        _ = try scratch.write(
            Self.configuration(in: scratch, model: try #require(TestModel.path), windowTokens: windowTokens),
            to: "minuted.yaml")
        process = try Program.minuted.start(
            ["--config", scratch.path + "/minuted.yaml"], in: scratch, log: "minuted1",
            variables: ["TZ": Self.timeZone])
        try await untilReady()
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// Where the daemon is, 5:45 ahead of UTC: nothing that it writes may depend on that.
    private static let timeZone = "Asia/Kathmandu"

    static func configuration(in scratch: Scratch, model: String, windowTokens: Int = 1000) -> String {
        """
        folders:
          state: \(scratch.path)/state
        sockets:
          ingest: \(scratch.path)/ingest.sock
          control: \(scratch.path)/control.sock
        model:
          path: \(model)
        segmentation:
          maximumTokens: \(windowTokens)
          minimumTokens: 0
          topics: false
        output:
          refreshSeconds: 0.2
        metrics:
          file: \(scratch.path)/minuted.prom
          seconds: 1
        """
    }

    /// All that it logged since it was last started.
    var log: String { scratch.read("minuted\(starts).err") + scratch.read("minuted\(starts).out") }

    /// Puts a file into the spool, by rename.
    func spool(_ name: String, _ text: String) throws {
        let path = try scratch.write(text, to: "." + name)
        guard rename(path, incoming + "/" + name) == 0 else {
            throw POSIXError(.init(rawValue: errno) ?? .EIO)
        }
    }

    /// Sends a signal and waits for the end; SIGKILL ends it at once.
    func stop(_ signal: Int32) async throws -> Int32 {
        kill(process.processIdentifier, signal)
        // 5 s are promised; a loaded machine gets more, and a daemon that never ends is found all the same.
        return try await process.exitStatus(within: .seconds(20))
    }

    /// Starts it again on the same folders.
    func restart() async throws {
        starts += 1
        process = try Program.minuted.start(
            ["--config", configuration], in: scratch, log: "minuted\(starts)",
            variables: ["TZ": Self.timeZone])
        try await untilReady()
    }

    /// What `minutes.json` of a meeting says; nil if it is not there yet.
    func minutes(_ meeting: String) -> MinutesFile? {
        let url = URL(filePath: scratch.path + "/state/minutes/\(meeting)/minutes.json")
        // Ignored: not written yet.
        guard let data = try? Data(contentsOf: url) else { return nil }
        return try? JSONDecoder().decode(MinutesFile.self, from: data)
    }

    func markdown(_ meeting: String) -> String { scratch.read("state/minutes/\(meeting)/minutes.md") }

    /// Waits until the minutes of `meeting` are finished.
    func untilFinished(_ meeting: String) async throws {
        try await eventually("\(meeting) is finished; log:\n\(log)", within: .seconds(300)) {
            try #require(process.isRunning, "the daemon ended:\n\(log)")
            return minutes(meeting)?.state == "finished"
        }
    }

    private func untilReady() async throws {
        try await eventually("minuted is ready", within: .seconds(120)) {
            try #require(process.isRunning, "the daemon ended:\n\(log)")
            return SocketClient.canConnect(scratch.path + "/control.sock")
                && SocketClient.canConnect(ingestSocket)
        }
    }
}

/// What the tests look at in `minutes.json`, read independently of the code that wrote it.
struct MinutesFile: Decodable {
    struct Coverage: Decodable {
        let utterances, summarisedUtterances, words, summarisedWords: Int
    }
    struct Window: Decodable {
        struct Summary: Decodable { let text: String }
        let firstUtterance, utteranceCount: Int
        let state: String
        let summary: Summary?
    }
    struct Participant: Decodable { let name: String }

    let state: String
    let coverage: Coverage
    let windows: [Window]
    let participants: [Participant]

    /// Whether the windows cover utterances 0..<count without gap or overlap, each with a summary.
    func coversAll(_ count: Int) -> Bool {
        var next = 0
        for window in windows {
            guard window.firstUtterance == next, window.state == "summarised",
                window.summary?.text.isEmpty == false
            else { return false }
            next += window.utteranceCount
        }
        return next == count && coverage.utterances == count && coverage.summarisedUtterances == count
            && coverage.words == coverage.summarisedWords
    }
}

/// A plain client of a Unix socket; its calls block, for the few lines of a test.
final class SocketClient {
    private let descriptor: Int32

    init(_ path: String) throws {
        descriptor = try #require(unixConnection(to: path), "no connection to \(path)")
        // A daemon that never answers shall not hang the test.
        var timeout = timeval(tv_sec: 60, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &timeout, socklen_t(MemoryLayout<timeval>.size))
    }

    deinit { close(descriptor) }

    static func canConnect(_ path: String) -> Bool {
        guard let descriptor = unixConnection(to: path) else { return false }
        close(descriptor)
        return true
    }

    func send(_ lines: [String]) throws {
        var bytes = Array(lines.map { $0 + "\n" }.joined().utf8)[...]
        while !bytes.isEmpty {
            let count = bytes.withUnsafeBytes {
                Glibc.send(descriptor, $0.baseAddress, $0.count, Int32(MSG_NOSIGNAL))
            }
            guard count > 0 else { throw POSIXError(.init(rawValue: errno) ?? .EIO) }
            bytes = bytes.dropFirst(count)
        }
    }

    /// Reads until the answers contain `text`, the daemon closes, or nothing comes for a minute.
    func answers(until text: String) -> String {
        var answer = ""
        var buffer = [UInt8](repeating: 0, count: 4096)
        while !answer.contains(text) {
            let count = recv(descriptor, &buffer, buffer.count, 0)
            guard count > 0 else { break }
            answer += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return answer
    }
}
