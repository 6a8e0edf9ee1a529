import ArgumentParser
import Errors
import Foundation
import Pipeline
import Settings

/// Opens the page of a meeting in the browser.
struct Open: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Open a meeting's minutes and transcript, or the list of all meetings, in the browser.",
        discussion: """
            The page follows the meeting while it is open. Where there is no display, its address is printed. Needs no \
            daemon: the page is a file in the folder of the minutes.
            """)

    @Argument(
        help: "The meeting's name, as minutectl list shows it; the list of all meetings if none is given.")
    var meeting: String?

    @OptionGroup var configured: ConfigurationOption

    @Option(help: "The folder of the minutes; overrides folders.output.")
    var output: String?

    @Flag(name: .customLong("print"), help: "Only print the page's path.")
    var isPrinted = false

    func run() async throws {
        try await reporting {
            let folder: String
            if let output {
                folder = URL(filePath: output).standardizedFileURL.path(percentEncoded: false)
            } else {
                folder = try await configured.settings().folders.output
            }
            let below = folder.count > 1 && folder.hasSuffix("/") ? String(folder.dropLast()) : folder
            let path =
                try meeting.map { try MeetingPage.path(of: $0, below: below) }
                ?? MeetingPage.indexPath(below: below)
            if isPrinted { return print(path) }
            let address = URL(filePath: path).absoluteString
            guard let opener = Self.opener() else {
                complain("minutectl: no browser can be started from here; open this address in one")
                return print(address)
            }
            try Self.start(opener, address)
        }
    }

    /// The desktop's command for opening a file; nil without a display or a desktop.
    private static func opener() -> String? {
        let environment = ProcessInfo.processInfo.environment
        let isShown = ["DISPLAY", "WAYLAND_DISPLAY"].contains { environment[$0]?.isEmpty == false }
        guard isShown else { return nil }
        return (environment["PATH"] ?? "").split(separator: ":").map { $0 + "/xdg-open" }
            .first(where: FileManager.default.isExecutableFile(atPath:))
    }

    private static func start(_ opener: String, _ address: String) throws {
        let process = Process()
        process.executableURL = URL(filePath: opener)
        process.arguments = [address]
        do {
            try process.run()
        } catch {
            throw ApplicationError(.file, "\(opener) cannot be run: \(error.localizedDescription)")
        }
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw ApplicationError(
                .file, "\(opener) could not open the page; open this address in a browser: \(address)")
        }
    }
}
