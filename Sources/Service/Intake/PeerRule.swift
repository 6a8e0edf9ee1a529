import Foundation
import Glibc
import NIOCore

/// Decides who may use the ingest socket by the credentials of the peer's process (SO_PEERCRED, unix(7)).
package struct PeerRule: Sendable, Hashable {
    /// Allows everybody whom the socket's mode lets in.
    package static let anybody = PeerRule(users: Set<UInt32>(), groups: Set<UInt32>())

    /// Users that may connect, by number.
    package var users: Set<UInt32>
    /// Groups whose members may connect, by number.
    package var groups: Set<UInt32>
    /// Users that may not connect, whatever else is allowed, by number.
    package var excluded: Set<UInt32> = []

    /// The user that hands minutes on, who is in the daemon's group and may bring nothing into meetings.
    package static let handingOnUser = "minuted-deliver"

    /// Allows these users and the members of these groups; if there are none of either, everybody.
    package init(users: Set<UInt32>, groups: Set<UInt32>) {
        self.users = users
        self.groups = groups
    }

    /// Allows users and groups by name or number; throws an ``IntakeError`` that names those that do not exist.
    ///
    /// Excludes ``handingOnUser``.
    package init(users: [String], groups: [String]) throws {
        self.users = Set(
            try users.map { name in
                guard let number = UInt32(name) ?? getpwnam(name)?.pointee.pw_uid else {
                    throw IntakeError(
                        .socketUnusable, "there is no user '\(name)': correct ingest.allowedUsers")
                }
                return number
            })
        self.groups = Set(
            try groups.map { name in
                guard let number = UInt32(name) ?? getgrnam(name)?.pointee.gr_gid else {
                    throw IntakeError(
                        .socketUnusable, "there is no group '\(name)': correct ingest.allowedGroups")
                }
                return number
            })
        if let entry = getpwnam(Self.handingOnUser) { excluded = [entry.pointee.pw_uid] }
    }

    /// `struct ucred` of unix(7).
    struct Credentials: Sendable {
        /// 0 if it is in a container or another namespace that the daemon cannot look into.
        var process: Int32 = 0
        /// The largest number stands for nobody: there is no peer.
        var user: UInt32 = .max
        var group: UInt32 = .max

        var isKnown: Bool { user != .max }
    }

    /// Whether a process with these credentials may connect.
    func allows(_ peer: Credentials) -> Bool {
        if excluded.contains(peer.user) { return false }
        if users.isEmpty, groups.isEmpty { return true }
        if users.contains(peer.user) || groups.contains(peer.group) { return true }
        return !groups.isEmpty && !groups.isDisjoint(with: Self.groups(ofUser: peer.user))
    }

    /// Why a process with these credentials is turned away; nil if it may connect.
    func refusal(of peer: Credentials) -> String? {
        allows(peer) ? nil : "user \(peer.user) of group \(peer.group) is not allowed to connect"
    }

    /// The credentials of a channel's peer; nil if the kernel does not give them.
    ///
    /// To be called on the channel's event loop.
    static func peer(of channel: any Channel) -> EventLoopFuture<Credentials?> {
        guard let provider = channel as? any SocketOptionProvider else {
            return channel.eventLoop.makeSucceededFuture(nil)
        }
        let peer: EventLoopFuture<Credentials> = provider.unsafeGetSocketOption(
            level: .init(rawValue: SOL_SOCKET), name: .init(rawValue: SO_PEERCRED))
        return peer.map { $0.isKnown ? $0 : nil }.flatMapErrorThrowing { _ in nil }
    }

    /// All groups of a user, as the system's databases know them.
    private static func groups(ofUser user: UInt32) -> Set<UInt32> {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        var buffer = [CChar](repeating: 0, count: 16 * 1024)
        guard getpwuid_r(user, &entry, &buffer, buffer.count, &found) == 0, found != nil else { return [] }
        var count: CInt = 256
        var groups = [gid_t](repeating: 0, count: Int(count))
        guard getgrouplist(entry.pw_name, entry.pw_gid, &groups, &count) >= 0 else { return [] }
        return Set(groups.prefix(Int(count)))
    }
}
