import ArgumentParser
import Crypto
import Errors
import Foundation
import Glibc
import Settings

/// Fetches a model that is known.
struct GetModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "get", abstract: "Fetch a known model, for whoever has a network.",
        discussion: """
            Known are \(KnownModel.all.map(\.name).joined(separator: " and ")); minutectl model list says what they are. \
            The size is said before, the checksum compared after. What an interrupted run has fetched is kept, and the next \
            one goes on from there. The daemon itself never uses the network.
            """)

    @Argument(help: "The model's name.")
    var name: String

    @Option(help: "The folder to put it in. Default: the models folder.")
    var into: String?

    @Option(help: "Another address of the same file, such as a mirror's.")
    var from: String?

    @OptionGroup var configured: ConfigurationOption

    func run() async throws {
        try await reporting {
            guard let model = KnownModel.all.first(where: { $0.name == name }) else {
                let known = KnownModel.all.map { "'\($0.name)'" }.joined(separator: " and ")
                throw ApplicationError(.badRequest, "'\(name)' is not known: \(known) are")
            }
            let settings = try await configured.settings()
            let folder = into ?? ModelFolder(settings).path
            let path = try await cancellingOnSignals { [from] in
                try await ModelDownload(model, folder: folder, address: from).run()
            }
            print(path)
            complain("minutectl: to use it: minutectl model use \(into == nil ? model.file : path)")
        }
    }
}

/// The fetching of one model into a folder.
struct ModelDownload {
    private let model: KnownModel
    private let folder: String
    private let address: String?
    private var target: String { folder + "/" + model.file }
    private var partial: String { folder + "/." + model.file + ".partial" }

    init(_ model: KnownModel, folder: String, address: String?) {
        self.model = model
        self.folder = folder
        self.address = address
    }

    /// Fetches what is not there yet; returns the file's path.
    ///
    /// Throws `ApplicationError` that says what to do.
    func run() async throws -> String {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: folder, isDirectory: &isFolder), isFolder.boolValue,
            FileManager.default.isWritableFile(atPath: folder)
        else {
            throw ApplicationError(
                .file, "\(folder) is no folder that you may write to: run it as root, or say --into FOLDER")
        }
        if FileManager.default.fileExists(atPath: target) {
            guard try checksum(of: target) == model.sha256 else {
                throw ApplicationError(
                    .file, "\(target) is there, but is not \(model.title): remove it, or say --into FOLDER")
            }
            complain("minutectl: \(target) is there and intact")
            return target
        }
        let size = Double(model.bytes) / 1e9
        complain(
            "minutectl: \(model.title): \(size.formatted(.number.precision(.fractionLength(2)))) GB, \(model.licence)"
        )
        if let url = address ?? model.url { try await fetch(url) } else { try await runScript() }
        return target
    }

    /// `share/minuted/get-model.sh` beside the folder that this program lies in.
    private func runScript() async throws {
        let program = realPath("/proc/self/exe") ?? "/usr/bin/minutectl"
        let prefix = URL(filePath: program).deletingLastPathComponent().deletingLastPathComponent()
        let script = prefix.appending(path: "share/minuted/get-model.sh").path(percentEncoded: false)
        guard FileManager.default.isExecutableFile(atPath: script) else {
            throw ApplicationError(.file, "\(script), which fetches it, is not installed: use `make model`")
        }
        let status = try await Self.run(script, [folder])
        guard status == 0 else {
            throw ApplicationError(.file, "\(script) ended with \(status): run it again, it goes on")
        }
    }

    private func fetch(_ url: String) async throws {
        let lock = open(partial, O_RDWR | O_CREAT | O_CLOEXEC | O_NOFOLLOW, 0o644)
        guard lock >= 0 else {
            throw ApplicationError(.file, "\(partial): \(String(cString: strerror(errno)))")
        }
        defer { close(lock) }
        guard flock(lock, LOCK_EX | LOCK_NB) == 0 else {
            throw ApplicationError(.busy, "\(partial) is being fetched by another run")
        }
        if try size(lock) > model.bytes { ftruncate(lock, 0) }
        let have = try size(lock)
        try checkRoom(model.bytes - have)
        complain("minutectl: from \(url)\(have > 0 ? ", going on after \(mebibytes(have))" : "")")
        if have < model.bytes {
            let arguments = [
                "--disable", "--fail", "--location", "--show-error", "--globoff", "--proto",
                "=https,http,file",
                "--proto-redir", "=https", "--max-filesize", String(model.bytes), "--retry", "3",
                "--continue-at", "-", "--output", partial,
                isatty(2) == 1 ? "--progress-bar" : "--silent", "--url", url,
            ]
            let status = try await Self.run("/usr/bin/env", ["curl"] + arguments)
            guard status == 0 else { throw ApplicationError(.file, Self.explain(status, url)) }
        }
        let came = try size(lock)
        guard came == model.bytes else {
            // Another file: nothing can go on behind it.
            unlink(partial)
            throw ApplicationError(
                .file, "\(url) has \(came) bytes, \(model.bytes) are expected: it is another file")
        }
        guard try checksum(of: partial) == model.sha256 else {
            unlink(partial)
            throw ApplicationError(
                .file, "\(url): the checksum is wrong; what came was removed: run it again")
        }
        guard fchmod(lock, 0o644) == 0, fsync(lock) == 0, rename(partial, target) == 0 else {
            throw ApplicationError(.file, "\(target): \(String(cString: strerror(errno)))")
        }
        complain("minutectl: the checksum is right")
    }

    private static func explain(_ status: Int32, _ url: String) -> String {
        switch status {
        case 127: "curl is needed, and not installed (Debian: curl)"
        case 6, 7: "\(url) cannot be reached: is there a network?"
        case 22: "\(url) does not have the file: say --from ADDRESS"
        case 23: "what came cannot be written: is the disk full?"
        case 33: "\(url) cannot go on where the last run stopped: remove the file that ends in .partial"
        case 63: "\(url) is larger than expected: it is another file"
        default: "curl ended with \(status): run it again, it goes on where it stopped"
        }
    }

    private func size(_ descriptor: Int32) throws -> Int {
        var status = stat()
        guard fstat(descriptor, &status) == 0 else {
            throw ApplicationError(.file, "\(partial): \(String(cString: strerror(errno)))")
        }
        return Int(status.st_size)
    }

    private func checkRoom(_ bytes: Int) throws {
        var status = statvfs()
        guard statvfs(folder, &status) == 0 else { return }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        guard free >= bytes else {
            throw ApplicationError(
                .file,
                "\(folder) has \(mebibytes(free)) free, \(mebibytes(bytes)) are needed: say --into FOLDER")
        }
    }

    private func checksum(of path: String) throws -> String {
        guard let sum = try FileSum.sha256(of: path) else {
            throw ApplicationError(.file, "\(path) is not a file")
        }
        return sum
    }

    /// Runs a program to its end and returns its exit status; stops it when the task is cancelled.
    private static func run(_ program: String, _ arguments: [String]) async throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = arguments
        process.standardInput = FileHandle.nullDevice
        process.standardOutput = FileHandle.nullDevice
        // Safety: Process may be terminated from any thread.
        nonisolated(unsafe) let started = process
        let status = try await withTaskCancellationHandler {
            try await withCheckedThrowingContinuation { continuation in
                started.terminationHandler = { continuation.resume(returning: $0.terminationStatus) }
                do {
                    try started.run()
                    // It may have been cancelled before there was anything to stop.
                    if Task.isCancelled { started.terminate() }
                } catch { continuation.resume(throwing: error) }
            }
        } onCancel: {
            if started.isRunning { started.terminate() }
        }
        try Task.checkCancellation()
        return status
    }
}

/// Checksums of files.
enum FileSum {
    /// The SHA-256 of a file, in hex; nil if it is a folder or not there.
    static func sha256(of path: String) throws -> String? {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), !isFolder.boolValue else {
            return nil
        }
        do {
            let file = try FileHandle(forReadingFrom: URL(filePath: path))
            defer { try? file.close() }  // Ignored: it was only read.
            var hash = SHA256()
            while let piece = try file.read(upToCount: 4 << 20), !piece.isEmpty { hash.update(data: piece) }
            return hash.finalize().map { String(UInt16($0) + 0x100, radix: 16).dropFirst() }.joined()
        } catch {
            throw ApplicationError(.file, "\(path): \(error.localizedDescription)")
        }
    }
}
