import Errors
import Glibc
import Intake
import NIOCore
import Pipeline
import Transcript

/// The credentials of the process at the other end of a Unix socket, from the kernel.
struct PeerCredentials: Sendable, Hashable {
    var user: uid_t
    /// 0 if it is in a container or another namespace that the daemon cannot look into.
    var process: pid_t
    /// The main group and all others.
    var groups: Set<gid_t>

    /// Whether it may operate a daemon that runs as `user` with `group`: root, the daemon's user, its group.
    ///
    /// The mode of the socket has the same effect; this check also works if the mode was changed or the descriptor passed
    /// on.
    func mayOperate(user daemon: uid_t = geteuid(), group: gid_t = getegid()) -> Bool {
        isAdministrator(user: daemon) || groups.contains(group)
    }

    /// Whether it may also change the daemon itself, not only its meetings.
    func isAdministrator(user daemon: uid_t = geteuid()) -> Bool { user == 0 || user == daemon }

    /// Asks the kernel about `descriptor`; nil if that is no connected Unix socket.
    ///
    /// Not to be used in a user namespace of the daemon's own (PrivateUsers=), where all strangers are `nobody`.
    init?(descriptor: CInt) {
        // struct ucred of socket(7), which Glibc's headers keep back.
        var credentials: (process: pid_t, user: uid_t, group: gid_t) = (0, .max, .max)
        var length = socklen_t(MemoryLayout.size(ofValue: credentials))
        guard getsockopt(descriptor, SOL_SOCKET, SO_PEERCRED, &credentials, &length) == 0,
            credentials.user != .max
        else { return nil }
        user = credentials.user
        process = credentials.process
        groups = [credentials.group]
        // Linux allows 65,536; who is in more than 1,024 has to be root or in the daemon's main group.
        var others = [gid_t](repeating: 0, count: 1024)
        length = socklen_t(others.count * MemoryLayout<gid_t>.stride)
        if getsockopt(descriptor, SOL_SOCKET, SO_PEERGROUPS, &others, &length) == 0 {
            groups.formUnion(others.prefix(Int(length) / MemoryLayout<gid_t>.stride))
        }
    }

    /// Whether it may read what the minutes of `meeting` say.
    func mayRead(_ meeting: MeetingID, _ readers: MinutesReaders) -> Bool {
        isAdministrator() || readers.group(of: meeting).map(groups.contains) ?? false
    }

    /// Whether it may take minutes to hand them on: administrators, and the user of `minuted-deliver@.service`.
    ///
    /// Throws ``ApplicationError`` if it cannot be told who it is.
    func mayHandOn() throws(ApplicationError) -> Bool {
        if isAdministrator() { return true }
        return try isHandingOn
    }

    /// The user that hands minutes on, which has a network and so may do nothing else here.
    static let handingOnUser = PeerRule.handingOnUser

    private var isHandingOn: Bool {
        get throws(ApplicationError) {
            if isAdministrator() { return false }
            return try Self.number(of: Self.handingOnUser) == user
        }
    }

    /// The number of a user; nil if there is none of this name.
    ///
    /// Throws ``ApplicationError`` if the system's database cannot be asked.
    static func number(of name: String) throws(ApplicationError) -> uid_t? {
        // Not getpwnam, whose answer the next thread overwrites.
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        let code = getpwnam_r(name, &entry, &buffer, buffer.count, &found)
        if found != nil { return entry.pw_uid }
        // What getpwnam_r(3) names for a user that is not there.
        guard [0, ENOENT, ESRCH, EBADF, EPERM].contains(code) else {
            throw ApplicationError(
                .forbidden,
                "it cannot be told who asks: the system does not say who \(name) is (error \(code)); try again "
                    + "later")
        }
        return nil
    }

    /// Throws ``ApplicationError`` if it hands minutes on and asks for anything else, or if that cannot be told.
    func require(_ command: ControlRequest.Command) throws(ApplicationError) {
        guard ![.claim, .settle].contains(command), try isHandingOn else { return }
        throw ApplicationError(.forbidden, "\(Self.handingOnUser) may hand minutes on, and nothing else")
    }

    init(user: uid_t, process: pid_t, groups: Set<gid_t>) {
        self.user = user
        self.process = process
        self.groups = groups
    }
}
