import ArgumentParser
import Control
import Foundation
import Language
import StateFolder

/// Checks ledger, spool, minutes and saved caches against each other.
struct Fsck: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check ledger, spool, minutes and saved caches against each other.",
        discussion: """
            Says what is wrong and what would mend it; --repair mends it, which needs the daemon to be stopped. Nothing that \
            was received is removed: a damaged ledger is set aside, and files whose words it had are taken again. Root does this as \
            the owner of the state folder, so that the daemon can go on with what was mended.

            EXIT STATUS: 0 all is sound, or has been mended; 4 something is left; 75 the daemon is running.
            """)

    @OptionGroup var configured: ConfigurationOption

    @Flag(help: "Repair what can be repaired.")
    var repair = false

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            let settings = try await configured.settings()
            let report = try await StateCheck(settings: settings, repairing: repair).run()
            if json { print(try ControlCoding.line(report)) } else { show(report) }
            guard report.isSound else { throw ExitCode(4) }
        }
    }

    private func show(_ report: StateCheck.Report) {
        for finding in report.findings {
            print(
                "\(finding.area.rawValue): \(VisibleText.line(finding.subject)): \(VisibleText.line(finding.what))"
            )
            if finding.isMended {
                print("    mended: \(finding.remedy ?? "")")
            } else if let remedy = finding.remedy {
                print("    --repair would \(remedy)")
            }
        }
        let mended = report.findings.count { $0.isMended }
        print(
            "\(report.meetingCount) meetings, \(report.utteranceCount) utterances, \(report.fileCount) files: "
                + "\(report.findings.count) problems, \(mended) mended")
    }
}
