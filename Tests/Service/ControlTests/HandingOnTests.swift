import Errors
import Foundation
import Glibc
import Language
import Ledger
import Logging
import Pipeline
import ServiceTestSupport
import Settings
import TestSupport
import Testing
import Transcript

@testable import Control

/// What is to be handed on, asked for and reported over the control socket's requests.
@Suite struct HandingOnTests {
    private let fixture: MeetingFixture
    private let pipeline: Pipeline
    private let service: ControlService
    private static let root = PeerCredentials(user: 0, process: 1, groups: [])
    private static let member = PeerCredentials(user: 54_321, process: 1, groups: [getegid()])

    init() throws {
        fixture = try MeetingFixture()
        pipeline = fixture.pipeline(ScriptedModel())
        service = ControlService(
            ledger: fixture.ledger, pipeline: pipeline, output: fixture.folder, settings: Settings(),
            profile: ScriptedModel().profile,
            logger: Logger(label: "test", factory: { _ in SwiftLogNoOpLogHandler() }))
        try fixture.ledger.adopt([OutboxTarget(name: "mail", attempts: 2, retrySeconds: 0)])
    }

    private func ask(_ request: ControlRequest, as peer: PeerCredentials = root) async throws -> ControlReply
    {
        var lines: [String] = []
        try await service.answer(try ControlCoding.line(request), of: peer) { lines.append($0) }
        return try ControlCoding.value(ControlReply.self, #require(lines.first))
    }

    private func claim(_ target: String? = "mail", as peer: PeerCredentials = root) async throws
        -> ControlReply
    {
        var request = ControlRequest(.claim)
        request.target = target
        return try await ask(request, as: peer)
    }

    private func settle(_ record: OutboxRecord, _ problem: String?) async throws -> ControlReply {
        var request = ControlRequest(.settle)
        (request.ids, request.attempt, request.problem) = ([record.id], record.attempts, problem)
        return try await ask(request)
    }

    @Test func finishedMinutesAreGivenOutAndWhatCameOfItIsShown() async throws {
        #expect(try await claim().claimed == nil)
        let meeting = try fixture.deliver(12, to: "m", endsMeeting: true)
        try await pipeline.drain()
        #expect(try await ask(ControlRequest(.status)).status?.outbox?.waiting == 1)
        let claimed = try #require(try await claim().claimed)
        #expect(claimed.delivery.meeting == meeting && claimed.title == "About m" && claimed.revision == 1)
        #expect(claimed.files["minutes.md"] == (try fixture.markdown(meeting)))
        #expect(Set(claimed.files.keys) == ["minutes.md", "minutes.json", "minutes.html"])
        #expect(try await claim().claimed == nil)
        let long = String(repeating: "x", count: 1000)
        #expect(try await settle(claimed.delivery, long).settled?.problem?.count == 300)
        let again = try #require(try await claim().claimed)
        #expect(again.delivery.id == claimed.delivery.id && again.delivery.attempts == 2)
        #expect(try await settle(again.delivery, "no").settled?.state == .failed)
        #expect(try await ask(ControlRequest(.status)).status?.outbox?.failed == 1)
        let listed = try await ask(ControlRequest(.deliveries, meeting: "m")).deliveries
        #expect(listed?.map(\.state) == [.failed] && listed?.first?.problem == "no")
        #expect(try await ask(ControlRequest(.resend), as: Self.member).resent == 1)
        let last = try #require(try await claim().claimed)
        #expect(try await settle(last.delivery, nil).settled?.state == .delivered)
        #expect(try await ask(ControlRequest(.deliveries)).deliveries?.map(\.state) == [.delivered])
    }

    /// Minutes that are older than the ledger, or gone, are written before they are given out.
    @Test func whatIsGivenOutIsWhatTheLedgerHas() async throws {
        let meeting = try fixture.deliver(12, to: "m", endsMeeting: true)
        try await pipeline.drain()
        try FileManager.default.removeItem(atPath: fixture.folder.markdownPath(of: meeting))
        try fixture.ledger.note(Note(.lineRepeated, .number(2), .text("again")), of: meeting)
        let claimed = try #require(try await claim().claimed)
        #expect(claimed.files["minutes.md"]?.contains("again") == true)
    }

    @Test func strangersGetNothing() async throws {
        _ = try fixture.deliver(12, to: "m", endsMeeting: true)
        try await pipeline.drain()
        #expect(try await claim(as: Self.member).error?.code == "forbidden")
        var request = ControlRequest(.settle)
        (request.ids, request.attempt) = (["x"], 1)
        #expect(try await ask(request, as: Self.member).error?.code == "forbidden")
        #expect(try await claim("wiki").error?.message.contains("no entry 'delivery.wiki'") == true)
        #expect(try await claim(nil).error?.code == "badRequest")
        request = ControlRequest(.resend)
        request.ids = ["x"]
        #expect(try await ask(request).error?.code == "badRequest")
        #expect(try fixture.ledger.outbox(latest: 0).map(\.attempts) == [0])
    }

    @Test func aClaimWaitsForMinutes() async throws {
        var request = ControlRequest(.claim)
        (request.target, request.wait) = ("mail", 30)
        let asked = request
        async let waiting = claimedInTheEnd(asked)
        try await Task.sleep(for: .milliseconds(100))
        _ = try fixture.deliver(12, to: "m", endsMeeting: true)
        try await pipeline.drain()
        #expect(try await waiting?.delivery.meeting.name == "m")
    }

    /// On a crowded machine, minutes may take longer than one claim waits.
    private func claimedInTheEnd(_ request: ControlRequest) async throws -> ControlReply.Claimed? {
        for _ in 0..<10 {
            if let claimed = try await ask(request).claimed { return claimed }
        }
        return nil
    }
}
