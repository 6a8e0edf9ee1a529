import Errors
import Foundation
import Intake
import Ledger
import Pipeline
import Settings
import Transcript

/// Checks ledger, spool, minutes and saved caches against each other, and repairs what can be repaired: `minutectl fsck`.
package struct StateCheck: Sendable {
    /// Something that is wrong.
    package struct Finding: Sendable, Hashable, Codable {
        /// Where it was found.
        package enum Area: String, Sendable, Codable {
            case ledger, spool, minutes, cache
        }

        /// Where it was found.
        package var area: Area
        /// The file or the meeting.
        package var subject: String
        /// What is wrong.
        package var what: String
        /// How it is repaired; nil if only a person can do that.
        package var remedy: String?
        /// Whether it has been repaired.
        package var isMended = false
    }

    /// What was checked, and what was found.
    package struct Report: Sendable, Hashable, Codable {
        /// Meetings in the ledger.
        package var meetingCount = 0
        /// Utterances in the ledger.
        package var utteranceCount = 0
        /// Files of the spool, minutes and caches that were checked.
        package var fileCount = 0
        /// What belongs to the wrong user first, then in the order ledger, spool, minutes, caches.
        package var findings: [Finding] = []

        /// Whether nothing is wrong, or everything has been repaired.
        package var isSound: Bool { findings.allSatisfy(\.isMended) }
    }

    private let settings: Settings
    private let isRepairing: Bool

    /// Checks the folders that `settings` name; with `repairing` mends as well.
    package init(settings: Settings, repairing: Bool) {
        self.settings = settings
        isRepairing = repairing
    }

    /// Runs all checks.
    ///
    /// A check without repairs may run beside a daemon; work that the daemon has not done yet is not reported. As root, the
    /// process becomes the owner of the state folder (``DaemonUser``), so that its files belong to the daemon.
    ///
    /// Throws ``ApplicationError`` `alreadyRunning` if something is to be mended beside a running daemon, and `LedgerError`
    /// if there is no ledger.
    package func run() async throws -> Report {
        var report = Report()
        try checkOwners(&report)
        // The rest cannot be checked before that is repaired.
        if report.findings.contains(where: { $0.area == .ledger && !$0.isMended }) { return report }
        try DaemonUser.become(ownerOf: settings.folders.state)
        let lock = try takeLock()
        defer { withExtendedLifetime(lock) {} }
        guard let ledger = try openLedger(&report) else { return report }
        let meetings = try ledger.meetings()
        report.meetingCount = meetings.count
        report.utteranceCount = meetings.reduce(0) { $0 + $1.utteranceCount }
        try checkSpool(ledger, &report)
        try await checkMinutes(ledger, isIdle: lock != nil, &report)
        checkCaches(meetings, &report)
        return report
    }

    /// Nil beside a running daemon.
    private func takeLock() throws -> StateLock? {
        do {
            return try StateLock(path: settings.folders.lock)
        } catch let error as ApplicationError where error.code == .alreadyRunning && !isRepairing {
            return nil
        }
    }

    // MARK: - Owners

    private func checkOwners(_ report: inout Report) throws(ApplicationError) {
        let check = OwnerCheck(settings: settings)
        for (area, path) in check.problems() {
            let isMended = isRepairing && check.mend(path)
            guard isMended || !isRepairing else {
                throw ApplicationError(
                    .forbidden,
                    "\(path) belongs to root, which keeps the daemon from writing it: "
                        + "have root run minutectl fsck --repair")
            }
            report.findings.append(
                Finding(
                    area: area, subject: path,
                    what: "it belongs to root, which keeps the daemon from writing it",
                    remedy: "give it to the owner of the state folder, as root", isMended: isMended))
        }
    }

    // MARK: - Ledger

    /// Nil if it is damaged and is to stay where it is.
    private func openLedger(_ report: inout Report) throws -> Ledger? {
        let path = settings.folders.ledger
        reportSetAside(&report)
        do {
            let ledger = try Ledger(path: path, access: isRepairing ? .readWrite : .readOnly)
            try ledger.checkIntegrity()
            var findings = try ledger.findings()
            if isRepairing, findings.contains(where: \.canBeMended) {
                try ledger.mend()
                let left = try ledger.findings()
                add(findings.filter { !left.contains($0) }, mended: true, &report)
                findings = left
            }
            add(findings, mended: false, &report)
            return ledger
        } catch let error as LedgerError where error.code == .damaged {
            var finding = Finding(
                area: .ledger, subject: path, what: error.message,
                remedy: "set it aside, begin another one, and have the files of done/ taken again")
            guard isRepairing else {
                report.findings.append(finding)
                return nil
            }
            finding.subject = try Ledger.setAside(path)
            finding.isMended = true
            report.findings.append(finding)
            return try Ledger(path: path)
        }
    }

    private func add(_ findings: [LedgerFinding], mended: Bool, _ report: inout Report) {
        report.findings += findings.map {
            Finding(
                area: .ledger, subject: $0.meeting ?? settings.folders.ledger, what: $0.what,
                remedy: $0.canBeMended ? "count again" : nil, isMended: mended)
        }
    }

    /// Ledgers that the daemon set aside hold what came over the socket.
    private func reportSetAside(_ report: inout Report) {
        let names = (try? FileManager.default.contentsOfDirectory(atPath: settings.folders.state)) ?? []
        for name in names.sorted()
        where name.contains(".damaged-") && !name.hasSuffix("-wal") && !name.hasSuffix("-shm") {
            report.findings.append(
                Finding(
                    area: .ledger, subject: settings.folders.state + "/" + name,
                    what: "a damaged ledger was set aside; what came over the socket is in it alone "
                        + "(sqlite3 FILE .recover shows it): remove it when it is of no use any more"))
        }
    }

    // MARK: - Spool

    private func checkSpool(_ ledger: Ledger, _ report: inout Report) throws {
        let check = try SpoolCheck(path: settings.folders.spool, ledger: ledger)
        let (problems, count) = try check.problems()
        report.fileCount += count
        for problem in problems {
            var finding = Finding(
                area: .spool, subject: problem.path, what: problem.what, remedy: problem.remedy)
            if isRepairing {
                try check.mend(problem)
                finding.isMended = true
            }
            report.findings.append(finding)
        }
    }

    // MARK: - Minutes

    private func checkMinutes(_ ledger: Ledger, isIdle: Bool, _ report: inout Report) async throws {
        let check = MinutesCheck(
            ledger: ledger, path: settings.folders.output, styles: try MinutesStyles(settings.minutes),
            readers: try MinutesReaders(settings.output.group))
        for meeting in try ledger.meetings() where isIdle || meeting.state == .finished {
            let problems = try await check.problems(
                of: meeting.id, isFinished: meeting.state == .finished)
            report.fileCount += problems.fileCount
            guard !problems.all.isEmpty else { continue }
            if isRepairing { try await check.mend(meeting.id) }
            report.findings += problems.all.map {
                Finding(
                    area: .minutes, subject: $0.path, what: $0.what, remedy: "write it again from the ledger",
                    isMended: isRepairing)
            }
        }
        let known = Set(try ledger.meetings().map(\.id.name))
        for name in check.folders() where !known.contains(name) {
            report.findings.append(
                Finding(
                    area: .minutes, subject: settings.folders.output + "/" + name,
                    what: "the ledger knows no such meeting"))
        }
    }

    // MARK: - Caches

    private func checkCaches(_ meetings: [MeetingRecord], _ report: inout Report) {
        let going = meetings.filter { $0.state != .finished }.map(\.id.name)
        for (path, what) in CacheCheck(folder: settings.folders.caches).problems(meetings: going) {
            report.findings.append(
                Finding(
                    area: .cache, subject: path, what: what, remedy: "remove it",
                    isMended: isRepairing && unlink(path) == 0))
        }
    }
}
