import Errors
import Files
import Foundation
import Glibc
import Settings
import Transcript

/// The groups that may read minutes besides root and the daemon's user, by kind of meeting.
package struct MinutesReaders: Sendable {
    private let choice: ChoiceByKind
    /// Numbers of the groups that `choice` names.
    private let numbers: [String: gid_t]

    /// No group may read them.
    package static let nobodyElse = MinutesReaders()

    private init() { (choice, numbers) = (.none, [:]) }

    /// The groups that `choice` names; throws ``ApplicationError`` that lists those that do not exist, or that this
    /// process is no member of, which it has to be to give them files.
    package init(_ choice: ChoiceByKind) throws(ApplicationError) {
        var numbers: [String: gid_t] = [:]
        var complaints: [String] = []
        for name in Set(choice.values.values) {
            guard let number = gid_t(name) ?? getgrnam(name)?.pointee.gr_gid else {
                complaints.append("output.group: there is no group '\(name)'")
                continue
            }
            numbers[name] = number
            if !Self.isMember(of: number) { complaints.append(Self.stranger(name)) }
        }
        guard complaints.isEmpty else {
            throw ApplicationError(.configuration, complaints.sorted().joined(separator: "\n"))
        }
        self.choice = choice
        self.numbers = numbers
    }

    /// A page of meetings, and who may read it.
    package struct Index: Sendable, Hashable {
        /// The name of its file.
        package let name: String
        /// Its group; nil if only root and the daemon's user may read it.
        package let group: gid_t?
        /// Whether it has all meetings, and not only those whose minutes the group may read.
        package let hasAll: Bool
    }

    /// The pages of meetings: one of all meetings, and, unless one group may read all minutes, one for each group.
    package var indices: [Index] {
        let group = choice.values.count == 1 ? choice.values[""].flatMap { numbers[$0] } : nil
        let own = group == nil ? numbers : [:]
        return [Index(name: Self.indexName, group: group, hasAll: true)]
            + own.sorted { $0.key < $1.key }.map { name, number in
                Index(name: Self.indexName(ofGroup: name), group: number, hasAll: false)
            }
    }

    /// What the page of all meetings is called.
    package static let indexName = "index.html"

    /// What the page of the meetings is called that a group may read, where another may read others.
    package static func indexName(ofGroup name: String) -> String { "index-\(name).html" }

    /// Whether no group may read any minutes.
    package var isEmpty: Bool { numbers.isEmpty }

    /// The group that may read the minutes of `meeting`; nil for none.
    package func group(of meeting: MeetingID) -> gid_t? {
        choice.kind(ofMeeting: meeting.name).flatMap { choice.values[$0] }.flatMap { numbers[$0] }
    }

    /// Gives a meeting's folder and the files in it to the group that may read them, and closes it to all others.
    ///
    /// A folder that belongs to another user is not changed.
    func settle(folder: String, of meeting: MeetingID) throws(FileError) {
        guard let opened = try? OpenFile(folder, O_RDONLY | O_DIRECTORY | O_NOFOLLOW),
            let status = try? opened.status(), status.st_uid == geteuid()
        else { return }
        guard let group = group(of: meeting) else {
            guard status.st_mode & 0o7777 == 0o700 || fchmod(opened.descriptor, 0o700) == 0 else {
                throw FileError(folder, "closed to others")
            }
            return
        }
        // The files first: a folder that is right has files that are.
        if status.st_gid != group || status.st_mode & 0o7777 != 0o750 {
            for name in (try? FileManager.default.contentsOfDirectory(atPath: folder)) ?? [] {
                guard let file = try? OpenFile(name, in: opened, O_RDONLY | O_NOFOLLOW | O_NONBLOCK),
                    (try? file.status())?.st_uid == geteuid()
                else { continue }
                try file.give(to: group, mode: 0o640)
            }
        }
        try opened.give(to: group, mode: 0o750)
    }

    /// Checks that files can be given to the groups; throws ``ApplicationError`` that says what stands in the way, or
    /// `FileError` if nothing can be written.
    package func check(in folder: String) throws {
        for (name, number) in numbers.sorted(by: { $0.key < $1.key }) where number != getegid() {
            let path = folder + "/.group.tmp"
            let file = try OpenFile(path, O_WRONLY | O_CREAT | O_NOFOLLOW, mode: 0o600, for: "written")
            defer { unlink(path) }
            guard fchown(file.descriptor, uid_t.max, number) == 0 else {
                throw ApplicationError(.configuration, Self.stranger(name))
            }
        }
    }

    private static func isMember(of group: gid_t) -> Bool {
        if geteuid() == 0 || getegid() == group { return true }
        var groups = [gid_t](repeating: 0, count: 65_536)
        let count = getgroups(CInt(groups.count), &groups)
        return groups.prefix(max(0, Int(count))).contains(group)
    }

    private static func stranger(_ name: String) -> String {
        "output.group: the daemon cannot give minutes to the group '\(name)': make its user a member; under systemd, with "
            + "SupplementaryGroups=\(name) and SystemCallFilter=@chown (systemctl edit minuted)"
    }
}
