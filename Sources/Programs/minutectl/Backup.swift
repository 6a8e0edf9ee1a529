import ArgumentParser
import Control
import Errors
import Foundation
import Language
import StateFolder

/// Copies what cannot be made again.
struct Backup: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Copy ledger and spool into one file, also while the daemon runs.",
        discussion: """
            The copy is of one moment: whatever was acknowledged before is in it. Minutes and caches are not, since they are \
            made again from the ledger; nor are configuration, templates, vocabularies (/etc/minuted) and models. The file \
            is for its owner alone, and what was said in all meetings is in it: what is forgotten later stays in \
            backups, so keep them no longer than that may be. It is an SQLite file; sqlite3 -A FILE lists the files of the \
            spool. For root and the daemon's user.
            """)

    @OptionGroup var configured: ConfigurationOption

    @Argument(help: "The file to write; one that is there is replaced when the copy is complete.")
    var file: String

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let report = try StateBackup(settings: try await configured.settings()).write(to: file)
            if json { return print(try ControlCoding.line(report)) }
            print("\(file): \(report.meetingCount) meetings, \(report.fileCount) files of the spool")
            for left in report.left { complain("minutectl: note: \(VisibleText.line(left))") }
        }
    }
}

/// Brings back what was copied.
struct Restore: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Bring ledger and spool back from a backup; the daemon must not run.",
        discussion: """
            Files of the spool that are there stay as they are. Received files that the backup's ledger does not know are \
            put into incoming, to be taken again. The daemon writes all minutes at its next start. What the present ledger \
            says was forgotten since the backup is forgotten again; persons who were replaced since are not known, which is \
            said. For root and the daemon's user.

            EXIT STATUS: 0 all is back; 64 there are meetings, and --replace was not given; 74 the file cannot be used; 75 the \
            daemon is running.
            """)

    @OptionGroup var configured: ConfigurationOption

    @Argument(help: "A file that minutectl backup wrote.")
    var file: String

    @Flag(help: "Give up the meetings that are there. To be safe, make a backup of them before.")
    var replace = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let backup = StateBackup(settings: try await configured.settings())
            let report = try await backup.restore(from: file, replacing: replace)
            if json { return print(try ControlCoding.line(report)) }
            print(
                "back as of \(localTime(report.madeAt)): \(report.meetingCount) meetings, \(report.fileCount) files of the "
                    + "spool")
            for meeting in report.forgottenAgain { print("forgotten again: \(VisibleText.line(meeting))") }
            for left in report.left { complain("minutectl: note: \(left)") }
        }
    }
}
