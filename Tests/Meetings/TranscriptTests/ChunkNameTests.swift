import Testing
import Transcript

@Suite struct ChunkNameTests {
    @Test(arguments: [
        ("standup.vtt", "standup", ChunkName.Part.whole), ("standup.0001.vtt", "standup", .chunk(1)),
        ("standup.12.txt", "standup", .chunk(12)), ("standup.end", "standup", .endMarker(lastChunk: nil)),
        ("standup.0007.end", "standup", .endMarker(lastChunk: 7)), ("standup", "standup", .whole),
        ("2024.05.01.vtt", "2024.05.01", .whole),
        ("review-2024.05.01.0003.vtt", "review-2024.05.01", .chunk(3)),
        ("Weekly Sync (EU).VTT", "Weekly-Sync--EU", .whole), ("v1.2 plan.txt", "v1.2-plan", .whole),
        ("Ümlaut.txt", "mlaut", .whole), ("a.1234567.vtt", "a.1234567", .whole),
    ])
    func fileNamesTellMeetingAndPart(name: String, meeting: String, part: ChunkName.Part) throws {
        let chunk = try #require(try ChunkName(name))
        #expect(chunk.meeting.name == meeting && chunk.part == part)
    }

    @Test(arguments: [".hidden.vtt", "a.vtt~", "~a.vtt", "a.vtt.tmp", "a.part", "a.vtt.crdownload", ""])
    func unfinishedFilesAreIgnored(name: String) throws {
        #expect(try ChunkName(name) == nil)
    }

    @Test func aNameWithoutUsableCharactersIsRefused() {
        #expect(throws: TranscriptError.self) { try ChunkName("会議.vtt") }
    }
}
