import ArgumentParser
import Errors
import Foundation
import Gemma
import Settings

/// Lists, fetches, checks and chooses the model that the daemon works with.
struct Model: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "List, fetch, check and choose the model that the daemon works with.",
        discussion: """
            Models lie in /var/lib/minuted/models; gemma.gguf there is a link to the one that is used.

            \(ModelFolder.advice)
            """,
        subcommands: [ListModels.self, GetModel.self, UseModel.self, CheckModel.self])
}

/// Lists the models.
struct ListModels: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "list",
        abstract: "List the models in the models folder, and those that minutectl model get fetches.",
        discussion: """
            Of those that can be fetched it says the size, the memory with a context of 8,192 tokens, and the speed that \
            follows from what this machine's memory and processor do, which is measured for a second.
            """)

    @OptionGroup var configured: ConfigurationOption

    @Flag(help: "Only those that can be fetched.")
    var known = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            if known { return try listKnown() }
            let folder = ModelFolder(try await configured.settings())
            // Before the package is installed there is no such folder, and what can be fetched is all there is to list.
            let models = FileManager.default.fileExists(atPath: folder.path) ? try folder.models() : []
            if json {
                let encoder = JSONEncoder()
                encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
                return print(String(decoding: try encoder.encode(models), as: UTF8.self))
            }
            let rows = models.map { model in
                [
                    model.isUsed ? "*" : "", model.file, model.name ?? "not usable: \(model.problem ?? "")",
                    mebibytes(model.bytes), model.isUsed ? model.adapter ?? "" : "",
                ]
            }
            printTable([["", "FILE", "MODEL", "SIZE", "ADAPTER"]] + rows)
            if let elsewhere = folder.elsewhere {
                print("\nmodel.path is \(elsewhere), which is used instead.")
            }
            print("")
            try listKnown()
        }
    }

    /// What can be fetched, with what it takes here.
    private func listKnown() throws {
        let limits: MachineLimits
        do {
            limits = try MachineLimits(repetitions: 3)
        } catch {
            throw ApplicationError(.configuration, ErrorText.of(error))
        }
        guard !json else {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
            let entries = KnownModel.all.map {
                Known(model: $0, memoryBytes: $0.memoryBytes, speed: $0.speed(limits))
            }
            return print(String(decoding: try encoder.encode(entries), as: UTF8.self))
        }
        let rows = KnownModel.all.map { model in
            let speed = model.speed(limits)
            return [
                model.name, model.licence, mebibytes(model.bytes), mebibytes(model.memoryBytes),
                "\(ModelReport.rounded(speed.readingTokensPerSecond)) read, "
                    + "\(ModelReport.rounded(speed.writingTokensPerSecond)) written", model.advice,
            ]
        }
        printTable([["TO GET", "LICENCE", "SIZE", "MEMORY", "TOKENS/S HERE", ""]] + rows)
        print("\n" + ModelFolder.advice)
    }

    private struct Known: Encodable {
        let model: KnownModel
        let memoryBytes: Int
        let speed: ModelSpeed
    }
}

/// Chooses a model.
struct UseModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "use", abstract: "Choose a model, and restart the daemon with it.",
        discussion: """
            A model that is not in the models folder yet is copied there. It is checked before anything is changed. If an \
            adapter for it is installed (as for Gemma 3 270M), it is used with it. For root.
            """)

    @Argument(help: "A GGUF file, a Hugging Face folder, or the name of a model in the models folder.")
    var model: String

    @Option(
        help:
            "A LoRA adapter to use with it: a path, or 'none'. Default: one that is installed for this model."
    )
    var adapter: String?

    @OptionGroup var configured: ConfigurationOption

    @Flag(inversion: .prefixedNo, help: "Restart the daemon.")
    var restart = true

    func run() async throws {
        try await reporting {
            let folder = ModelFolder(try await configured.settings())
            let chosen = try folder.use(model, adapter: adapter)
            print("model: \(chosen.path)\(chosen.adapter.map { ", with the adapter \($0)" } ?? "")")
            guard restart, FileManager.default.fileExists(atPath: "/run/systemd/system") else { return }
            try restartDaemon()
        }
    }

    private func restartDaemon() throws {
        let units = ["minuted.socket", "minuted-control.socket", "minuted.service"]
        // Ignored: there may be no failed state to reset, which the service is in if it could not start without a model.
        _ = try? systemctl(["--quiet", "reset-failed"] + units)
        guard try systemctl(["restart"] + units) == 0 else {
            throw ApplicationError(
                .unreachable, "the daemon does not start with it: see minutectl log --explain --lines 20")
        }
        print("the daemon is ready with it")
    }

    private func systemctl(_ arguments: [String]) throws -> Int32 {
        let process = Process()
        process.executableURL = URL(filePath: "/usr/bin/env")
        process.arguments = ["systemctl"] + arguments
        try process.run()
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// Describes a model and what it takes to run it.
struct CheckModel: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "check",
        abstract: "Say what a model is, whether it is intact, and what running it takes.",
        discussion: """
            The checksum is compared with --sha256, with FILE.sha256 beside the model if that is there (as sha256sum \
            writes it), or with the one of the model that `make model` fetches. Speeds are estimated from what this \
            machine's memory and processor can do at the moment.
            """)

    @Argument(help: "A GGUF file or a Hugging Face folder. Default: the daemon's.")
    var model: String?

    @Option(help: "The SHA-256 checksum that the file must have.")
    var sha256: String?

    @OptionGroup var configured: ConfigurationOption

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let settings = try await configured.settings()
            let report = try ModelReport(
                path: model ?? settings.model.path, contextLength: settings.model.contextLength,
                threads: settings.model.threads, expectedSum: sha256)
            if json { print(try report.json()) } else { for line in report.lines { print(line) } }
            if report.isIntact == false { throw ExitCode(65) }
        }
    }
}

/// `235 MiB`.
func mebibytes(_ bytes: Int) -> String { "\((bytes + (1 << 19)) >> 20) MiB" }
