import Foundation
import Glibc
import Testing
import TestSupport

/// The real `minuted` on real files, with a tiny model of random weights; it is made to crash as often as one likes.
final class CrashRig {
    let scratch: Scratch
    /// Where the daemon's files are; may be mounted on.
    let state: String
    private let spoolPath: String
    private(set) var starts = 0
    private var process: Process?
    private var spooledChunks = 0
    private var random: SeededGenerator

    var configuration: String { scratch.path + "/minuted.yaml" }
    var ledger: String { state + "/ledger.sqlite" }
    var ingestSocket: String { scratch.path + "/ingest.sock" }
    var log: String { scratch.read("minuted\(starts).err") }
    var isRunning: Bool { process?.isRunning ?? false }
    /// What it may end by, besides being asked to.
    var deadlySignals: Set<Int32> = [SIGKILL]

    static let chunkSize = 10

    /// - Parameters:
    ///   - spoolsElsewhere: whether the spool is to lie outside of ``state``.
    ///   - settings: further sections of the configuration.
    init(seed: UInt64, spoolsElsewhere: Bool = false, settings: String = "") throws {
        scratch = try Scratch()
        spoolPath = scratch.path + (spoolsElsewhere ? "/spool" : "/state/spool")
        state = scratch.path + "/state"
        random = SeededGenerator(seed: seed)
        try FileManager.default.createDirectory(atPath: state, withIntermediateDirectories: false)
        let model = try Self.tinyModel(in: scratch)
        _ = try scratch.write(
            """
            folders:
              state: \(state)
              spool: \(spoolPath)
            sockets:
              ingest: \(ingestSocket)
              control: \(scratch.path)/control.sock
            model:
              path: \(model)
              contextLength: 2048
              threads: 1
              cacheFolder: none
            segmentation:
              maximumTokens: 400
              minimumTokens: 0
              topics: false
            output:
              refreshSeconds: 0.1

            """ + settings, to: "minuted.yaml")
    }

    deinit { if let process, process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    /// The random model of the forward pass's tests, allowed to read further than it was made for.
    private static func tinyModel(in scratch: Scratch) throws -> String {
        let source = Repository.tinyModels.appending(path: "gemma").path
        let folder = scratch.path + "/model"
        try FileManager.default.copyItem(atPath: source, toPath: folder)
        let path = folder + "/config.json"
        let text = try String(contentsOfFile: path, encoding: .utf8)
        let length = "\"max_position_embeddings\": "
        _ = try scratch.write(
            text.replacing(length + "256", with: length + "4096"), to: "model/config.json")
        return folder
    }

    // MARK: - Lives

    /// Starts the daemon, with variables and a limit of open files of its own, and waits until it listens; false if it
    /// ended before.
    func start(_ variables: [String: String] = [:], descriptors: Int? = nil) async throws -> Bool {
        starts += 1
        let process = try Program.minuted.start(
            ["--config", scratch.path + "/minuted.yaml"], in: scratch, log: "minuted\(starts)",
            variables: variables, descriptors: descriptors)
        self.process = process
        try await eventually("minuted listens", within: .seconds(60), every: .milliseconds(5)) {
            !process.isRunning || SocketClient.canConnect(ingestSocket)
        }
        return try isAlive(process)
    }

    /// False if the process ended by the signal that it was made to send itself; anything else is a failure.
    private func isAlive(_ process: Process) throws -> Bool {
        if process.isRunning { return true }
        try #require(
            process.terminationReason == .uncaughtSignal && deadlySignals.contains(process.terminationStatus),
            "it ended by itself, with \(process.terminationStatus):\n\(log)")
        return false
    }

    /// Waits until the daemon has ended, or kills it; true if it ended by itself.
    func untilDead(within limit: Duration) async throws -> Bool {
        guard let process else { return false }
        let end = ContinuousClock.now + limit
        while process.isRunning, ContinuousClock.now < end { try await Task.sleep(for: .milliseconds(5)) }
        guard try isAlive(process) else { return true }
        _ = try await stop(SIGKILL)
        return false
    }

    /// Sends a signal and waits for the end; returns the exit status, negative for a signal.
    func stop(_ signal: Int32) async throws -> Int32 {
        guard let process else { return 0 }
        kill(process.processIdentifier, signal)
        return try await process.exitStatus(within: .seconds(120))
    }

    // MARK: - Spool

    private var incoming: String { spoolPath + "/incoming" }

    /// Puts chunks of `meeting` into the spool until it has had `allowance` utterances, here and there in wrong order or
    /// twice; with `ends` the end as well.
    func spool(_ meeting: NumberedMeeting, upTo allowance: Int, ends: Bool) throws {
        var next = spooledChunks..<(allowance / Self.chunkSize)
        guard !next.isEmpty || ends else { return }
        if next.count > 1, Bool.random(using: &random) {
            // The second one first: it has to wait.
            try drop(meeting, chunk: next.lowerBound + 1)
            try drop(meeting, chunk: next.lowerBound)
            next = (next.lowerBound + 2)..<next.upperBound
        }
        for chunk in next { try drop(meeting, chunk: chunk) }
        spooledChunks = max(spooledChunks, allowance / Self.chunkSize)
        if spooledChunks > 0, Int.random(in: 0..<4, using: &random) == 0 {
            try drop(meeting, chunk: Int.random(in: 0..<spooledChunks, using: &random))
        }
        if ends { try put("", as: meeting.name + ".end") }
    }

    private func drop(_ meeting: NumberedMeeting, chunk: Int) throws {
        let numbers = (chunk * Self.chunkSize)..<((chunk + 1) * Self.chunkSize)
        try put(
            numbers.map { "Ada: \(meeting.text($0))\n" }.joined(), as: "\(meeting.name).\(chunk + 1).txt")
    }

    /// Puts a file into the spool, by rename.
    func put(_ text: String, as name: String) throws {
        try FileManager.default.createDirectory(atPath: incoming, withIntermediateDirectories: true)
        let hidden = incoming + "/." + name
        // A full disk is a matter of the producer as well: it tries again.
        try Data(text.utf8).write(to: URL(filePath: hidden))
        guard rename(hidden, incoming + "/" + name) == 0 else {
            throw POSIXError(.init(rawValue: errno) ?? .EIO)
        }
    }

    func names(in folder: String) -> [String] {
        // Ignored: a folder that is not there holds nothing.
        (try? FileManager.default.contentsOfDirectory(atPath: state + "/" + folder))?.sorted() ?? []
    }

    // MARK: - Results

    func minutes(_ meeting: String) -> MinutesFile? {
        let url = URL(filePath: state + "/minutes/\(meeting)/minutes.json")
        // Ignored: not written yet.
        guard let data = try? Data(contentsOf: url) else { return nil }
        return try? JSONDecoder().decode(MinutesFile.self, from: data)
    }

    func untilFinished(_ meetings: [NumberedMeeting]) async throws {
        try await eventually("the meetings are finished; log:\n\(log)", within: .seconds(300)) {
            try #require(isRunning, "the daemon ended:\n\(log)")
            return meetings.allSatisfy { minutes($0.name)?.state == "finished" }
        }
    }

    /// What is lost, there twice, or out of order, in the ledger and in the minutes.
    func account(of meetings: [NumberedMeeting]) throws -> Account {
        try meetings.reduce(Account()) { sum, meeting in
            let minutes = try #require(self.minutes(meeting.name), "no minutes of \(meeting.name)")
            let markdown = scratch.read("state/minutes/\(meeting.name)/minutes.md")
            return try sum + Account.ofLedger(ledger, meeting)
                + Account.ofMinutes(minutes, markdown: markdown, meeting)
        }
    }

    // MARK: - Damage

    /// Damages one of the files that can be made again, if there is one: saved caches and minutes; true if it did.
    func damageSomething() throws -> Bool {
        let caches = names(in: "cache/kv").map { "cache/kv/" + $0 }
        let minutes = names(in: "minutes").flatMap { folder in
            names(in: "minutes/" + folder).map { "minutes/\(folder)/" + $0 }
        }
        guard let name = (caches + minutes).randomElement(using: &random) else { return false }
        let url = URL(filePath: state + "/" + name)
        var data = try Data(contentsOf: url)
        switch Int.random(in: 0..<3, using: &random) {
        case 0: data = data.prefix(Int.random(in: 0...data.count, using: &random))
        case 1 where !data.isEmpty:
            data[Int.random(in: 0..<data.count, using: &random)] ^=
                1 << UInt8.random(in: 0..<8, using: &random)
        default:
            try FileManager.default.removeItem(at: url)
            return true
        }
        try data.write(to: url)
        return true
    }
}
