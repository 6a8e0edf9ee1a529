import Errors
import Glibc

/// The user that the daemon runs as, told by the owner of its folders.
///
/// Files that root writes there belong to root, and the daemon can neither open nor replace them.
package enum DaemonUser {
    /// Changes a process of root to the user and groups of the owner of `folder`, for good; new files are for these only.
    ///
    /// Does nothing if the process is not root's, or if the folder belongs to root or does not exist. Throws ``ApplicationError``
    /// if root may not do so here.
    package static func become(ownerOf folder: String) throws(ApplicationError) {
        guard geteuid() == 0, let owner = owner(of: folder) else { return }
        let isChanged: Bool
        if let entry = getpwuid(owner.user) {
            // Safety: the entry lives until the next call of getpwuid.
            let group = entry.pointee.pw_gid
            isChanged = initgroups(entry.pointee.pw_name, group) == 0 && setgid(group) == 0
        } else {
            isChanged = setgroups(0, nil) == 0 && setgid(owner.group) == 0
        }
        guard isChanged, setuid(owner.user) == 0 else {
            throw ApplicationError(
                .forbidden,
                "this has to be done as the owner of \(folder) (user \(owner.user)), which root may not become here: "
                    + "\(String(cString: strerror(errno)))")
        }
        umask(0o027)
    }

    /// Owner and group of a folder; nil if that is root, or it is not there.
    static func owner(of folder: String) -> (user: uid_t, group: gid_t)? {
        var status = stat()
        guard stat(folder, &status) == 0, status.st_uid != 0 else { return nil }
        return (status.st_uid, status.st_gid)
    }
}
