import Glibc
import Testing

@testable import Control

/// Who may operate the daemon.
@Suite struct PeerCredentialsTests {
    @Test func rootTheDaemonsUserAndItsGroupMayOperateIt() {
        let stranger = PeerCredentials(user: 1000, process: 1, groups: [1000, 27])
        #expect(!stranger.mayOperate(user: 990, group: 990))
        #expect(PeerCredentials(user: 0, process: 1, groups: [0]).mayOperate(user: 990, group: 990))
        #expect(PeerCredentials(user: 990, process: 1, groups: [5]).mayOperate(user: 990, group: 990))
        let member = PeerCredentials(user: 1000, process: 1, groups: [1000, 990])
        #expect(member.mayOperate(user: 990, group: 990))
        #expect(!member.isAdministrator(user: 990))
    }

    @Test func usersAreKnownByName() throws {
        #expect(try PeerCredentials.number(of: "root") == 0)
        #expect(try PeerCredentials.number(of: "no-such-user") == nil)
    }

    @Test func theKernelSaysWhoIsAtTheOtherEnd() throws {
        var ends: [CInt] = [0, 0]
        try #require(socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, &ends) == 0)
        defer { for end in ends { close(end) } }
        let peer = try #require(PeerCredentials(descriptor: ends[0]))
        #expect(peer.user == geteuid() && peer.process == getpid() && peer.groups.contains(getegid()))
        #expect(PeerCredentials(descriptor: STDERR_FILENO) == nil)
        let alone = socket(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0)
        defer { close(alone) }
        #expect(PeerCredentials(descriptor: alone) == nil)
    }
}
