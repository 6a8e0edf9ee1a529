import Files
import Foundation
import Glibc
import Ledger
import Minutes
import ServiceTestSupport
import Settings
import Summaries
import TestSupport
import Testing
import Transcript

@testable import Pipeline

/// The page of all meetings.
@Suite struct IndexTests {
    private let fixture: MeetingFixture
    private let group = geteuid() == 0 ? gid_t(65_534) : getegid()
    private var path: String { fixture.folder.path + "/index.html" }

    init() throws { fixture = try MeetingFixture() }

    private func page(_ path: String? = nil) -> String {
        (try? String(contentsOfFile: path ?? self.path, encoding: .utf8)) ?? ""
    }

    private func writer(_ readers: String? = nil) throws -> MinutesWriter {
        let readers = try readers.map {
            try MinutesReaders(#require(ChoiceByKind($0) { !$0.contains("=") }))
        }
        return MinutesWriter(
            ledger: fixture.ledger,
            folder: try OutputFolder(path: fixture.folder.path, readers: readers))
    }

    @Test func allMeetingsAreInIt() async throws {
        _ = try fixture.deliver(7, to: "first", endsMeeting: true)
        try await fixture.pipeline(ScriptedModel()).drain()
        _ = try fixture.deliver(3, to: "second")
        let writer = try writer()
        try await writer.writeIndex()
        let html = page()
        #expect(
            html.contains(
                #"<a href="first/minutes.html"><bdi>About first</bdi></a> <span class="state finished">"#))
        #expect(
            html.contains(
                #"<a href="second/minutes.html"><bdi>About second</bdi></a> <span class="state open">"#))
        #expect(html.contains("<bdi>Ada</bdi>, <bdi>Ben</bdi>"))
        // The latest first.
        let places = ["second/", "first/"].compactMap { html.range(of: $0)?.lowerBound }
        #expect(places.count == 2 && places[0] < places[1])
        // The meeting's summary, as its own page has it.
        let statements = try #require(
            fixture.ledger.outline(of: MeetingID("first"), withSummary: true)?.statements)
        let shown = try #require(statements.first { $0.isGrounded && !$0.isHeading })
        #expect(html.contains("<p dir=\"auto\">" + shown.text.prefix(40)), "\(html)")
        // The same meetings give the same bytes, by another writer too.
        try FileManager.default.removeItem(atPath: path)
        try await self.writer().writeIndex()
        #expect(page() == html)
    }

    /// Speakers have the names that people gave them, as in their meeting's minutes.
    @Test func givenNamesAreShown() async throws {
        let meeting = try fixture.deliver(7, to: "first")
        let writer = try writer()
        try await writer.writeIndex()
        _ = try fixture.ledger.renameSpeakers("Ada", to: "Marta", in: meeting)
        try await writer.writeIndex()
        #expect(page().contains("<bdi>Marta</bdi>, <bdi>Ben</bdi>") && !page().contains("<bdi>Ada</bdi>"))
    }

    @Test func whatOthersWroteIsText() async throws {
        let attack = "<script>\"'&</script>"
        _ = try fixture.ledger.accept(
            Delivery(
                meeting: MeetingID("m"), name: "m.txt", kind: .file, sha256: "m", byteCount: 1, format: "x",
                receivedAt: .now, title: attack,
                utterances: [
                    Utterance(speaker: attack, text: "so", source: SourcePosition(name: "m", line: 1))
                ], endsMeeting: false))
        try await writer().writeIndex()
        #expect(page().components(separatedBy: "&lt;script&gt;&quot;&#39;&amp;&lt;/script&gt;").count == 3)
        #expect(page().components(separatedBy: "<script>").count == 2)
    }

    /// What is forgotten is not in it, nor what a crash has left of it; without meetings there is no page.
    @Test func whatIsForgottenIsGone() async throws {
        let (first, second) = (try fixture.deliver(3, to: "first"), try fixture.deliver(3, to: "second"))
        let writer = try writer()
        try await writer.writeIndex()
        for meeting in [first, second] {
            try Data(page().utf8).write(to: URL(filePath: fixture.folder.path + "/.index.html.tmp"))
            let id = try fixture.ledger.askErasure(of: meeting, .meeting, by: "x", reason: "x")
            try fixture.ledger.eraseMeeting(id, files: 0)
            try await writer.erase(meeting)
            #expect(!page().contains("\(meeting)/minutes.html"))
            #expect(page().contains("second/minutes.html") == (meeting == first))
            #expect(access(fixture.folder.path + "/.index.html.tmp", F_OK) != 0)
        }
        #expect(access(path, F_OK) != 0)
    }

    @Test func eachGroupHasWhatItMayRead() async throws {
        _ = try fixture.deliver(3, to: "board.1")
        _ = try fixture.deliver(3, to: "standup")
        func mode(_ path: String) throws -> (mode_t, gid_t) {
            var status = stat()
            try #require(stat(path, &status) == 0)
            return (status.st_mode & 0o777, status.st_gid)
        }
        try await writer("board=\(group)").writeIndex()
        let own = fixture.folder.path + "/index-\(group).html"
        #expect(page(own).contains("board.1") && !page(own).contains("standup"))
        #expect(page().contains("board.1") && page().contains("standup"))
        #expect(try mode(own) == (0o640, group) && mode(path).0 == 0o600)
        // One group for all minutes needs one page.
        try await writer("\(group)").writeIndex()
        #expect(try mode(path) == (0o640, group) && access(own, F_OK) != 0)
        // And when nobody may read them any more, the page is closed, though nothing else has changed.
        try await writer("none").writeIndex()
        #expect(try mode(path).0 == 0o600)
    }

    /// A running pipeline follows the meetings.
    @Test func itFollowsTheMeetings() async throws {
        let pipeline = fixture.pipeline(ScriptedModel())
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask { try await pipeline.run() }
            defer { group.cancelAll() }
            _ = try fixture.deliver(3, to: "first")
            try await eventually("it is there", within: .seconds(120)) {
                page().contains("first/minutes.html")
            }
            _ = try fixture.deliver(3, to: "second", endsMeeting: true)
            try await eventually("it is finished", within: .seconds(120)) {
                page().contains(#"<bdi>About second</bdi></a> <span class="state finished">"#)
            }
        }
    }

    @Test func theReaderFindsIt() async throws {
        #expect(throws: (any Error).self) { try MeetingPage.indexPath(below: fixture.folder.path) }
        _ = try fixture.deliver(3, to: "first")
        try await writer().writeIndex()
        #expect(try MeetingPage.indexPath(below: fixture.folder.path) == path)
    }

    /// A meeting may be called like the page: it is not touched, and the trouble is said.
    @Test func aMeetingOfThatNameIsKept() async throws {
        let meeting = try fixture.deliver(3, to: "index.html")
        let writer = try writer()
        try await writer.write(meeting)
        await #expect(throws: FileError.self) { try await writer.writeIndex() }
        #expect(access(fixture.folder.htmlPath(of: meeting), F_OK) == 0)
        // Nor does it keep others from being forgotten.
        let other = try fixture.deliver(3, to: "other")
        try await writer.write(other)
        let id = try fixture.ledger.askErasure(of: other, .meeting, by: "x", reason: "x")
        try fixture.ledger.eraseMeeting(id, files: 0)
        try await writer.erase(other)
        #expect(access(fixture.folder.htmlPath(of: other), F_OK) != 0)
        #expect(access(fixture.folder.htmlPath(of: meeting), F_OK) == 0)
    }
}
