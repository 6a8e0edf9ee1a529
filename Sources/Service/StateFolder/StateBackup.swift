import Errors
import Files
import Foundation
import Glibc
import Intake
import Ledger
import Settings
import Transcript

/// Copies of what cannot be made again: the ledger and the files of the spool.
///
/// Minutes and caches are made again from the ledger.
package struct StateBackup: Sendable {
    /// What is in a copy, or came back from one.
    package struct Report: Sendable, Hashable, Codable {
        /// When the copy was made.
        package var madeAt: Date
        /// Meetings in its ledger.
        package var meetingCount: Int
        /// Files of the spool in it.
        package var fileCount: Int
        /// Meetings that were forgotten after the copy was made, and are forgotten again.
        package var forgottenAgain: [String] = []
        /// What has to be done by a person, in sentences.
        package var left: [String] = []
    }

    private let settings: Settings

    /// Copies the folders that `settings` name, or brings them back.
    package init(settings: Settings) { self.settings = settings }

    // MARK: - Copying

    /// Writes a copy, as it is at one moment, into a new file at `path`, also while the daemon runs.
    ///
    /// A file that is there is replaced when the copy is complete. Throws ``ApplicationError``, `FileError` or
    /// `LedgerError`.
    package func write(to path: String) throws -> Report {
        let ledger = try Ledger(path: settings.folders.ledger, access: .readOnly)
        let (folder, _) = Folder.split(path)
        let resolved = URL(filePath: folder).resolvingSymlinksInPath().path(percentEncoded: false) + "/"
        for own in [settings.folders.state, settings.folders.spool, settings.folders.output]
        where resolved.hasPrefix(own + "/") {
            throw ApplicationError(
                .badRequest,
                "\(path) is below \(own), where a backup would be of no use, and nothing would be forgotten in it: write "
                    + "it to another disk")
        }
        var replacement = try FileReplacement(of: path, naming: .unique)
        // It holds what was said in all meetings.
        guard fchmod(replacement.file.descriptor, 0o600) == 0 else {
            throw FileError(path, "closed to others")
        }
        let madeAt = Date.now
        let backup = try BackupFile(copying: ledger, to: replacement.file.path, at: madeAt)
        // A file that is moved meanwhile is found in one folder or in both.
        var (count, left) = (0, [String]())
        for folder in Self.folders { count += try add(folder, to: backup, &left) }
        try backup.close()
        try replacement.takePlace()
        try Folder.synchronize(replacement.folder)
        return Report(
            madeAt: madeAt, meetingCount: try ledger.meetings().count, fileCount: count, left: left)
    }

    private static let folders = ["incoming", "done", "failed"]

    /// Adds the files of a folder; returns how many.
    ///
    /// What cannot be opened is not in the backup, which `left` says.
    private func add(_ folder: String, to backup: BackupFile, _ left: inout [String]) throws -> Int {
        let path = settings.folders.spool + "/" + folder
        // Ignored: a folder that is not there holds nothing.
        let names = (try? FileManager.default.contentsOfDirectory(atPath: path)) ?? []
        var count = 0
        for name in names.sorted() {
            let file: OpenFile
            do {
                file = try OpenFile("\(path)/\(name)", O_RDONLY | O_NOFOLLOW | O_NONBLOCK)
            } catch {
                // What goes away in between was moved, and is found where it went; links are not taken by the spool.
                if ![ENOENT, ELOOP, ENXIO].contains(error.number) {
                    left.append("a file is not in the backup: \(error); let the daemon's user read it")
                }
                continue
            }
            let status = try file.status()
            guard status.st_mode & S_IFMT == S_IFREG else { continue }
            try backup.add(
                .init(name: "\(folder)/\(name)", mode: status.st_mode, modified: status.st_mtim.tv_sec),
                Data(try file.read(Int(status.st_size))))
            count += 1
        }
        return count
    }

    // MARK: - Bringing back

    /// Brings ledger and files back from the copy at `path`; the daemon must not run.
    ///
    /// A ledger with meetings that is there is replaced only if `replacing`. What that says was forgotten after the
    /// copy was made is forgotten again. Minutes are written by the daemon at its next start. Throws
    /// ``ApplicationError``, `FileError`, `IntakeError` or `LedgerError`; before the ledger is replaced, nothing has
    /// changed.
    package func restore(from path: String, replacing: Bool) async throws -> Report {
        let backup = try BackupFile(path: path)
        let madeAt = try backup.madeAt()
        try Folder.make(settings.folders.state)
        let lock = try StateLock(path: settings.folders.lock)
        defer { withExtendedLifetime(lock) {} }
        let present = try presentErasures(replacing: replacing)
        var report = Report(madeAt: madeAt, meetingCount: 0, fileCount: 0)
        do {
            try putLedger(
                from: path, forgetting: (present ?? []).filter { $0.askedAt > madeAt },
                isDamaged: present == nil,
                &report)
            let ledger = try Ledger(path: settings.folders.ledger)
            report.meetingCount = try ledger.meetings().count
            report.fileCount = try putFiles(from: backup, ledger)
            // Ignored: they only save time.
            try? FileManager.default.removeItem(atPath: settings.folders.caches)
            let outcome = try await StateKeeper(settings: settings, ledger: ledger).resume()
            report.left += outcome?.left ?? []
            if let trouble = outcome?.trouble {
                report.left.append(
                    "not all was forgotten again, which the daemon tries at its start: \(trouble)")
            }
            try ledger.close()
        } catch {
            // Ignored: the first error says what is wrong.
            try? giveToOwner()
            throw error
        }
        try giveToOwner()
        return report
    }

    /// What the present ledger says was forgotten, nil if it is damaged; throws if it has meetings and is not to be
    /// replaced.
    private func presentErasures(replacing: Bool) throws -> [ErasureRecord]? {
        guard FileManager.default.fileExists(atPath: settings.folders.ledger) else { return [] }
        let present: Ledger
        do {
            present = try Ledger(path: settings.folders.ledger)
        } catch let error as LedgerError where error.code == .damaged {
            return nil
        }
        let count = try present.meetings().count
        guard count == 0 || replacing else {
            throw ApplicationError(
                .badRequest,
                "\(settings.folders.ledger) has \(count) meetings: give --replace to give them up for those of the backup"
            )
        }
        let erasures = try present.erasures()
        try present.close()
        return erasures
    }

    /// Replaces the ledger by a copy of the backup, without what is no ledger's, when that is known to be usable and
    /// has what is to be forgotten again; a damaged one is set aside.
    private func putLedger(
        from path: String, forgetting forgotten: [ErasureRecord], isDamaged: Bool, _ report: inout Report
    ) throws {
        let target = settings.folders.ledger
        // What a restore that was broken off has left must not be taken for the new ledger's own.
        Self.removeUnfinishedLedger(settings.folders)
        defer { Self.removeUnfinishedLedger(settings.folders) }
        var replacement = try FileReplacement(of: target)
        guard fchmod(replacement.file.descriptor, 0o600) == 0 else {
            throw FileError(target, "closed to others")
        }
        let source = try OpenFile(path, O_RDONLY)
        let portion = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 16)
        defer { portion.deallocate() }
        while case let count = try source.read(into: portion), count > 0 {
            try replacement.file.write(UnsafeRawBufferPointer(rebasing: portion[..<count]))
        }
        do {
            try BackupFile.makeLedger(at: replacement.file.path)
            let ledger = try Ledger(path: replacement.file.path)
            try ledger.checkIntegrity()
            try ask(forgotten, ledger, &report)
            // The file alone takes the old one's place, without a write-ahead log.
            try ledger.rewrite()
            try ledger.close()
        } catch let error as LedgerError {
            throw LedgerError(
                error.code, "\(path) cannot be used, and nothing was changed: \(error.message)")
        }
        guard Self.isEmpty(replacement.file.path + "-wal") else {
            throw FileError(target, "completed")
        }
        if isDamaged {
            // Ignored: its new name.
            _ = try Ledger.setAside(target)
        }
        // The write-ahead log of the old ledger must not be taken for one of the new.
        for suffix in ["-wal", "-shm"] where unlink(target + suffix) != 0 && errno != ENOENT {
            throw FileError(target + suffix, "removed")
        }
        try replacement.takePlace()
        try Folder.synchronize(replacement.folder)
    }

    /// What ``FileReplacement`` calls the new ledger until it is complete.
    static func unfinishedLedger(_ folders: Settings.Folders) -> String {
        let (folder, name) = Folder.split(folders.ledger)
        return "\(folder)/.\(name).tmp"
    }

    /// Removes what a restore that was broken off has left; it has all that the backup had.
    static func removeUnfinishedLedger(_ folders: Settings.Folders) {
        // Ignored: most often there is none.
        for suffix in ["", "-wal", "-shm"] { _ = unlink(unfinishedLedger(folders) + suffix) }
    }

    private static func isEmpty(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) != 0 || status.st_size == 0
    }

    /// Puts the files back that are not there; returns how many.
    private func putFiles(from backup: BackupFile, _ ledger: Ledger) throws -> Int {
        let spool = try SpoolFolder(path: settings.folders.spool)
        let recorded = try ledger.recordedDigests()
        var count = 0
        var hints: Set<String> = []
        // Files with hints after those that they are about.
        let entries = try backup.entries()
        let isHint = { (entry: BackupFile.Entry) in TranscriptHints.isHint(entry.name) }
        for entry in entries.filter({ !isHint($0) }) + entries.filter(isHint) {
            let parts = entry.name.split(separator: "/", omittingEmptySubsequences: false).map(String.init)
            guard parts.count == 2, Self.folders.contains(parts[0]), ![".", "..", ""].contains(parts[1]),
                let content = try backup.content(of: entry.name)
            else { continue }
            if try spool.put(content, parts[1], in: parts[0], recorded: recorded, entry, hints: &hints) {
                count += 1
            }
        }
        try spool.synchronize()
        return count
    }

    /// Records in the new ledger what is to be forgotten again.
    private func ask(_ erasures: [ErasureRecord], _ ledger: Ledger, _ report: inout Report) throws {
        for erasure in erasures {
            if erasure.kind == .person {
                let names = erasure.meetings.map(\.name).joined(separator: ", ")
                report.left.append(
                    "a person was replaced in \(names) after the backup was made, and stands there again: nothing "
                        + "remembers who; do it again with minutectl forget --speaker")
                continue
            }
            for meeting in erasure.meetings {
                guard let known = try ledger.meeting(meeting), known.createdAt < erasure.askedAt else {
                    continue
                }
                // Ignored: its number; all that is asked for is carried out when the files are back.
                _ = try ledger.askErasure(
                    of: meeting, erasure.kind, by: erasure.askedBy, reason: erasure.reason,
                    at: erasure.askedAt)
                report.forgottenAgain.append(meeting.name)
            }
        }
    }

    /// Gives what root has made to the daemon's user, the owner of the state folder.
    private func giveToOwner() throws {
        guard geteuid() == 0 else { return }
        let check = OwnerCheck(settings: settings)
        for (_, path) in check.problems() where !check.mend(path) {
            throw ApplicationError(
                .file,
                "\(path) belongs to root, which keeps the daemon from writing it: minutectl fsck --repair mends it"
            )
        }
    }
}
