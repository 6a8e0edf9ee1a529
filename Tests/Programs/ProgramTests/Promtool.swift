import Foundation
import Testing

/// Prometheus's own checker, where it is installed (Debian's package `prometheus` has it).
enum Promtool {
    private static let path = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
        .map { "\($0)/promtool" }.first(where: FileManager.default.isExecutableFile(atPath:))

    /// Runs it, and expects that it finds nothing wrong; does nothing where there is none.
    static func check(_ arguments: [String], input: String = "") throws {
        guard let path else { return }
        let process = Process()
        process.executableURL = URL(filePath: path)
        process.arguments = arguments
        let (pipe, output) = (Pipe(), Pipe())
        process.standardInput = pipe
        process.standardOutput = output
        process.standardError = output
        try process.run()
        try pipe.fileHandleForWriting.write(contentsOf: Data(input.utf8))
        try pipe.fileHandleForWriting.close()
        let said = String(decoding: output.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self)
        process.waitUntilExit()
        #expect(process.terminationStatus == 0, "\(said)")
    }
}
