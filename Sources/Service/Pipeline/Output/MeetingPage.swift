import Errors
import Foundation
import Glibc
import Transcript

/// Finds the page of a meeting in the output folder; needs no daemon.
package enum MeetingPage {
    /// The path of the page of `meeting` below `folder`.
    ///
    /// Throws ``ApplicationError``: there is no such meeting (with the names that are most like it), or its page cannot
    /// be read.
    package static func path(of meeting: String, below folder: String) throws(ApplicationError) -> String {
        let names = try names(below: folder)
        // A user who may read the minutes of some meetings need not be allowed to list the others.
        guard let id = try? MeetingID(meeting), names?.contains(id.name) ?? true else {
            throw ApplicationError(
                .unknownMeeting,
                "there is no meeting '\(meeting.prefix(120))' in \(folder)\(proposal(names ?? [], for: meeting))"
            )
        }
        let path = path(below: folder, id)
        guard access(path, F_OK) == 0 || errno == EACCES else {
            throw ApplicationError(
                .file,
                "the page of '\(id)' is not written yet: a running daemon writes it within seconds of its start"
            )
        }
        guard access(path, R_OK) == 0 else {
            throw ApplicationError(
                .file,
                "\(path): cannot be read: \(String(cString: strerror(errno))). Root may, and the group that output.group "
                    + "of the daemon's configuration names for such meetings.")
        }
        return path
    }

    /// The path of the page of all meetings that this process may read, or of those of one of its groups.
    ///
    /// Throws ``ApplicationError`` if there is none.
    package static func indexPath(below folder: String) throws(ApplicationError) -> String {
        var groups = [gid_t](repeating: 0, count: 65_536)
        let count = max(0, Int(getgroups(CInt(groups.count), &groups)))
        // Safety: the entry lives until the next call of getgrgid; its name is copied at once.
        let names = groups.prefix(count).compactMap {
            getgrgid($0).map { String(cString: $0.pointee.gr_name) }
        }
        let pages = [MinutesReaders.indexName] + names.map(MinutesReaders.indexName(ofGroup:))
        for page in pages where access("\(folder)/\(page)", R_OK) == 0 { return "\(folder)/\(page)" }
        throw ApplicationError(
            .file,
            "\(folder) has no page of all meetings that you may read: a running daemon writes it when there are meetings; "
                + "root may read it, and the groups that output.group of the daemon's configuration names")
    }

    /// The path of the page of `meeting`, which need not be there.
    package static func path(below folder: String, _ meeting: MeetingID) -> String {
        "\(folder)/\(meeting.name)/minutes.html"
    }

    /// The names of the meetings; nil if the folder can be entered, but not listed.
    private static func names(below folder: String) throws(ApplicationError) -> [String]? {
        if access(folder, R_OK) != 0, access(folder, X_OK) == 0 { return nil }
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
        } catch {
            throw ApplicationError(
                .file,
                "\(folder): the folder of the minutes cannot be read: \(error.localizedDescription) "
                    + "Name the daemon's configuration with --config, or a folder with --output.")
        }
    }

    /// The names that are most similar to the wanted one, as the end of a message.
    private static func proposal(_ names: [String], for wanted: String) -> String {
        let wanted = wanted.lowercased()
        let near = names.map { name in
            let difference = name.lowercased().difference(from: wanted)
            let isPart = name.lowercased().contains(wanted)
            return (name: name, distance: isPart ? 0 : difference.count)
        }
        .filter { $0.distance <= max(2, wanted.count / 2) }
        .sorted { ($0.distance, $0.name) < ($1.distance, $1.name) }
        .prefix(nearLimit).map { "'\($0.name)'" }
        if !near.isEmpty { return "; did you mean \(near.joined(separator: ", "))?" }
        return names.isEmpty ? ", which is empty" : ": minutectl list shows them all"
    }

    private static let nearLimit = 3
}
