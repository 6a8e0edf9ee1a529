import ArgumentParser
import Foundation

/// Prints the manual page of a program, made from its own definitions of arguments; used by the installation.
struct Manual: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Print the manual page of a program, made from its definitions of arguments.",
        shouldDisplay: false)

    @Argument(help: "The program: a path.")
    var program: String

    @Option(help: "The section of the manual.")
    var section = 1

    @Option(help: "The date on the page, YYYY-MM-DD.")
    var date: String

    func run() throws {
        let process = Process()
        process.executableURL = URL(filePath: program)
        process.arguments = ["--experimental-dump-help"]
        let pipe = Pipe()
        process.standardOutput = pipe
        try process.run()
        let dump = pipe.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        let description = try JSONDecoder().decode(ProgramDescription.self, from: dump)
        print(ManualPage(description.command, section: section, date: date).text, terminator: "")
    }
}

/// What `--experimental-dump-help` of ArgumentParser prints, as far as a manual page needs it.
struct ProgramDescription: Decodable {
    struct Command: Decodable {
        let commandName: String
        let abstract: String?
        let discussion: String?
        let shouldDisplay: Bool?
        let subcommands: [Command]?
        let arguments: [Argument]?
    }

    struct Argument: Decodable {
        struct Name: Decodable {
            let kind: String
            let name: String
        }

        let kind: String
        let shouldDisplay: Bool?
        let isOptional: Bool?
        let names: [Name]?
        let preferredName: Name?
        let valueName: String?
        let defaultValue: String?
        let abstract: String?
    }

    let command: Command
}

/// A page in the language of mdoc(7).
struct ManualPage {
    private let command: ProgramDescription.Command
    private let section: Int
    private let date: String

    init(_ command: ProgramDescription.Command, section: Int, date: String) {
        self.command = command
        self.section = section
        self.date = date
    }

    /// The whole page.
    var text: String {
        let name = command.commandName
        var lines = [
            ".\\\" Made from the program's own definitions; changes here are lost.",
            ".Dd \(date)", ".Dt \(name.uppercased()) \(section)", ".Os", ".Sh NAME", ".Nm \(name)",
            ".Nd \(Self.plain(abstract(of: command)))", ".Sh SYNOPSIS",
        ]
        let commands = (command.subcommands ?? []).filter {
            $0.shouldDisplay != false && $0.commandName != "help"
        }
        lines += synopsis(command, hasCommands: !commands.isEmpty)
        lines.append(".Sh DESCRIPTION")
        let (description, status) = Self.split(command.discussion ?? "")
        lines += Self.paragraphs(description)
        lines += options(command)
        if !commands.isEmpty {
            lines.append(".Sh COMMANDS")
            for sub in commands { lines += section(of: sub, prefix: "") }
        }
        if let status {
            lines += [".Sh EXIT STATUS", ".Bl -tag -width Ds"]
            for part in status.split(separator: ";") {
                let words = part.split(separator: " ", maxSplits: 1)
                guard words.count == 2 else { continue }
                let meaning = words[1].hasSuffix(".") ? words[1].dropLast() : words[1]
                lines += [".It \(words[0])", Self.plain(String(meaning))]
            }
            lines.append(".El")
        }
        lines += files + [".Sh SEE ALSO"]
        lines.append(
            section == 8
                ? ".Xr minutectl 1 ,\n.Xr systemctl 1 ,\n.Xr journalctl 1"
                : ".Xr minuted 8 ,\n.Xr journalctl 1")
        return lines.joined(separator: "\n") + "\n"
    }

    private func section(of command: ProgramDescription.Command, prefix: String) -> [String] {
        let name = prefix + command.commandName
        let below = (command.subcommands ?? []).filter {
            $0.shouldDisplay != false && $0.commandName != "help"
        }
        if !below.isEmpty { return below.flatMap { section(of: $0, prefix: name + " ") } }
        var lines = [".Ss \(name)"] + Self.paragraphs(abstract(of: command))
        lines += Self.paragraphs(command.discussion ?? "")
        return lines + options(command)
    }

    private func synopsis(_ command: ProgramDescription.Command, hasCommands: Bool) -> [String] {
        [".Nm", ".Op Ar options"] + (hasCommands ? [".Ar command", ".Op Ar arguments"] : [])
    }

    private func options(_ command: ProgramDescription.Command) -> [String] {
        let shown = (command.arguments ?? []).filter { argument in
            argument.shouldDisplay != false
                && argument.names?.contains { ["help", "version"].contains($0.name) } != true
        }
        guard !shown.isEmpty else { return [] }
        var lines = [".Bl -tag -width Ds"]
        for argument in shown {
            let value = argument.valueName.map { " Ar \($0)" } ?? ""
            if argument.kind == "positional" {
                lines.append(".It Ar \(argument.valueName ?? "argument")")
            } else {
                let names = (argument.names ?? []).map {
                    $0.kind == "long" ? "Fl \\-\(Self.plain($0.name))" : "Fl \(Self.plain($0.name))"
                }
                lines.append(
                    ".It " + names.joined(separator: " , ") + (argument.kind == "option" ? value : ""))
            }
            var text = argument.abstract ?? ""
            if let value = argument.defaultValue, argument.kind != "flag", !text.contains("Default:") {
                text += " Default: \(value)."
            }
            lines.append(Self.plain(text))
        }
        return lines + [".El"]
    }

    private func abstract(of command: ProgramDescription.Command) -> String { command.abstract ?? "" }

    private var files: [String] {
        let rows = [
            ("/etc/minuted/minuted.yaml", "The configuration; every option stands in it with its default."),
            ("/var/lib/minuted/spool/incoming", "Where transcripts are dropped."),
            ("/var/lib/minuted/minutes", "Where minutes are written."),
            ("/var/lib/minuted/models", "Where models are kept."),
            ("/run/minuted/ingest.sock", "Takes what is said, line by line."),
            ("/run/minuted/control.sock", "Takes the requests of minutectl."),
        ]
        return [".Sh FILES", ".Bl -tag -width Ds"] + rows.flatMap { [".It Pa \($0.0)", $0.1] } + [".El"]
    }

    /// The text before `EXIT STATUS:`, and the one after it.
    private static func split(_ text: String) -> (String, String?) {
        guard let range = text.range(of: "EXIT STATUS:") else { return (text, nil) }
        return (String(text[..<range.lowerBound]), String(text[range.upperBound...]))
    }

    private static func paragraphs(_ text: String) -> [String] {
        text.split(separator: "\n\n").flatMap { [".Pp", plain(String($0))] }
    }

    /// Text on one line that mdoc takes as it is.
    private static func plain(_ text: String) -> String {
        let words = text.split(whereSeparator: \.isWhitespace).joined(separator: " ")
        let escaped = words.replacing("\\", with: "\\e").replacing("-", with: "\\-")
        return escaped.hasPrefix(".") || escaped.hasPrefix("'") ? "\\&" + escaped : escaped
    }
}
