import Foundation
import TestSupport
import Testing

/// The built programs, found beside the test runner.
enum Program: String, CaseIterable {
    case minuted, minutectl, minutelab

    /// Why a test that needs the programs is skipped.
    static let absence: Comment = "the programs are not built: run 'swift build' first"

    static var areBuilt: Bool { allCases.allSatisfy { $0.path != nil } }

    var path: String? {
        Self.folders.map { $0 + "/" + rawValue }.first { FileManager.default.isExecutableFile(atPath: $0) }
    }

    /// The folder of the running test binary; a test bundle lies beside the programs.
    private static let folders: [String] = {
        // Ignored: without it only the usual places are searched.
        let runner = try? FileManager.default.destinationOfSymbolicLink(atPath: "/proc/self/exe")
        let build = Repository.root.appending(path: ".build").path
        return [runner.map { ($0 as NSString).deletingLastPathComponent }].compactMap(\.self)
            + [build + "/release", build + "/debug"]
    }()
}

/// The model the tests run, if there is one.
enum TestModel {
    static let absence: Comment = "no model: set MINUTED_MODEL, or run 'make model'"

    static let path: String? = {
        let environment = ProcessInfo.processInfo.environment
        let path =
            environment["MINUTED_MODEL"] ?? NSHomeDirectory() + "/.cache/minuted/gemma-3-270m-q4_k_m.gguf"
        return FileManager.default.fileExists(atPath: path) ? path : nil
    }()

    /// Whether it is the one that `make model` fetches, which the shipped adapter is for.
    static var isDefault: Bool { path?.hasSuffix("/gemma-3-270m-q4_k_m.gguf") ?? false }
}

/// A program that ran to its end.
struct Outcome {
    let status: Int32
    let output: String
    let errors: String
}

extension Program {
    /// Starts the program with output and errors going to files of `scratch`, and at most `descriptors` open files.
    func start(
        _ arguments: [String], in scratch: Scratch, log: String, variables: [String: String] = [:],
        descriptors: Int? = nil
    ) throws -> Process {
        let process = Process()
        let path = try #require(path)
        process.executableURL = URL(filePath: descriptors == nil ? path : "/bin/sh")
        let limit = descriptors.map { ["-c", "ulimit -n \($0) && exec \"$0\" \"$@\"", path] }
        process.arguments = (limit ?? []) + arguments
        // The test's own MINUTED_MODEL would be a stray option to the daemon.
        process.environment = ProcessInfo.processInfo.environment.filter { !$0.key.hasPrefix("MINUTED_") }
            .merging(variables) { $1 }
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = try FileHandle(
            forWritingTo: URL(filePath: scratch.write("", to: log + ".out")))
        process.standardError = try FileHandle(
            forWritingTo: URL(filePath: scratch.write("", to: log + ".err")))
        try process.run()
        return process
    }

    /// Runs the program to its end; it is killed, and the test fails, if that takes more than `limit`.
    func run(_ arguments: [String], in scratch: Scratch, limit: Duration = .seconds(60)) async throws
        -> Outcome
    {
        let log = "run-\(UInt32.random(in: 0...UInt32.max))"
        let process = try start(arguments, in: scratch, log: log)
        let status = try await process.exitStatus(within: limit)
        return Outcome(status: status, output: scratch.read(log + ".out"), errors: scratch.read(log + ".err"))
    }
}

extension Process {
    /// Waits without holding a thread; kills the process and fails if it takes longer than `limit`.
    func exitStatus(within limit: Duration) async throws -> Int32 {
        do {
            try await eventually("\(executableURL?.lastPathComponent ?? "?") ends", within: limit) {
                !isRunning
            }
        } catch {
            kill(processIdentifier, SIGKILL)
            throw error
        }
        return terminationReason == .exit ? terminationStatus : -terminationStatus
    }
}
