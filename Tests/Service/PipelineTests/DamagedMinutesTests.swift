import Foundation
import Ledger
import Minutes
import ServiceTestSupport
import Testing
import Transcript

@testable import Pipeline

/// Minutes are made again from the ledger when they are missing or damaged.
@Suite struct DamagedMinutesTests {
    private let fixture: MeetingFixture
    private let meeting: MeetingID
    private let whole: String

    init() async throws {
        fixture = try MeetingFixture()
        meeting = try fixture.deliver(12, to: "m", endsMeeting: true)
        try await fixture.pipeline(ScriptedModel()).drain()
        whole = try fixture.markdown(meeting)
    }

    /// Meetings whose minutes are to be written again.
    private var stale: [MeetingID] {
        get throws { try fixture.ledger.standings().filter(writer.isStale).map(\.id) }
    }

    private var writer: MinutesWriter { MinutesWriter(ledger: fixture.ledger, folder: fixture.folder) }

    @Test func theDaemonWritesAgainWhatIsMissingOrCutOff() async throws {
        #expect(try stale.isEmpty)
        let folder = fixture.folder
        for path in [
            folder.markdownPath(of: meeting), folder.jsonPath(of: meeting), folder.htmlPath(of: meeting),
        ] {
            let content = try Data(contentsOf: URL(filePath: path))
            // At the end of any line, too, where nothing else shows it.
            let lines = content.indices.filter { content[$0] == UInt8(ascii: "\n") }.map { content[...$0] }
            for damaged in [nil, content.prefix(content.count / 2), Data()] + lines.dropLast() {
                if let damaged {
                    try damaged.write(to: URL(filePath: path))
                } else {
                    try FileManager.default.removeItem(atPath: path)
                }
                let writer = writer
                #expect(try stale == [meeting], "\(path)")
                #expect(try await writer.write(meeting))
                #expect(try Data(contentsOf: URL(filePath: path)) == content)
            }
        }
    }

    /// After an upgrade finished meetings get the minutes of the new version.
    @Test func minutesOfAnotherLayoutAreWrittenAgain() async throws {
        let path = fixture.folder.htmlPath(of: meeting)
        let page = try String(contentsOfFile: path, encoding: .utf8)
        let older = page.replacing(HTMLRenderer.generator, with: "<meta name=\"generator\">")
        try older.write(toFile: path, atomically: false, encoding: .utf8)
        #expect(try stale == [meeting] && older != page)
        #expect(try await writer.write(meeting))
        #expect(try stale.isEmpty)
    }
}
