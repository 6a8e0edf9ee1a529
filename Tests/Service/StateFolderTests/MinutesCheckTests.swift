import Foundation
import Pipeline
import ServiceTestSupport
import Testing

@testable import StateFolder

@Suite struct MinutesCheckTests {
    @Test func theCheckComparesEveryByte() async throws {
        let fixture = try MeetingFixture()
        let meeting = try fixture.deliver(7, to: "m", endsMeeting: true)
        try await fixture.pipeline(ScriptedModel()).drain()
        let whole = try fixture.markdown(meeting)
        let check = MinutesCheck(ledger: fixture.ledger, path: fixture.folder.path)
        #expect(try await check.problems(of: meeting, isFinished: true).all.isEmpty)
        let path = fixture.folder.markdownPath(of: meeting)
        var bytes = Data(whole.utf8)
        bytes[bytes.count / 2] ^= 1
        try bytes.write(to: URL(filePath: path))
        #expect(try await check.problems(of: meeting, isFinished: true).all.map(\.path) == [path])
        try await check.mend(meeting)
        #expect(try fixture.markdown(meeting) == whole)
    }
}
