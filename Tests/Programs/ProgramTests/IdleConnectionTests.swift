import Control
import Glibc
import TestSupport
import Testing

/// Whoever opens connections and says nothing keeps neither the operator out nor, later, anybody else.
@Suite(.serialized, .enabled(if: Program.areBuilt, Program.absence))
struct IdleConnectionTests {
    @Test func theOperatorIsAnsweredThoughAllConnectionsAreTaken() async throws {
        let rig = try CrashRig(seed: 1)
        // Far fewer files than connections that are allowed: what is kept for the control socket counts.
        try #require(await rig.start(descriptors: 256))
        try await eventually("it says so", within: .seconds(60)) {
            rig.log.contains("fewer connections are taken")
        }
        let idle = (0..<600).compactMap { _ in unixConnection(to: rig.ingestSocket) }
        #expect(idle.count == 600)
        for _ in 0..<3 {
            let status = try await Program.minutectl.run(
                ["status", "--config", rig.configuration], in: rig.scratch)
            #expect(status.status == 0, "\(status)")
        }
        for descriptor in idle { close(descriptor) }
        let meeting = NumberedMeeting(name: "live", count: 20, words: "")
        let sender = NumberedSender(meeting, socketPath: rig.ingestSocket, manner: .named)
        try await eventually("there is room again", within: .seconds(60)) {
            sender.send(upTo: meeting.count, ends: true)
        }
        #expect(try await rig.stop(SIGTERM) == 0, "\(rig.log)")
        #expect(try Account.ofLedger(rig.ledger, meeting).isClean)
    }
}
