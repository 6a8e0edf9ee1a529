import Foundation
import Glibc
import TestSupport
import Testing
import Transcript

@testable import Intake

/// Times of files, and numbers in files and lines, that nobody means: what is taken is recorded, and nothing traps.
@Suite struct ExtremeNumberTests {
    private let home: TemporaryHome

    init() throws { home = try TemporaryHome() }

    private static let seconds = [
        0, -1, 1, 1 << 31, -1 << 31, 1 << 32, 9_223_372_036, 9_223_372_037, 9_999_999_999, 15_032_385_535,
        -9_300_000_000, 253_402_300_800, 1 << 40,
    ]

    /// Gives a file of `incoming/` a time; file systems cut what they cannot keep.
    private func setTime(of name: String, to seconds: Int, nanoseconds: Int = 999_999_999) throws {
        let time = timespec(tv_sec: seconds, tv_nsec: nanoseconds)
        try #require(utimensat(AT_FDCWD, home.spool.incoming + "/" + name, [time, time], 0) == 0)
    }

    @Test(arguments: Self.seconds)
    func aFileOfAnyTimeIsTaken(seconds: Int) throws {
        try home.drop("standup.txt", "Ada: good morning")
        try setTime(of: "standup.txt", to: seconds)
        let (entries, _) = try home.spool.list()
        #expect(entries.map(\.name) == ["standup.txt"])
        let intake = SpoolIntake(folder: home.spool, ledger: home.ledger, byteLimit: 1000)
        let taken = try intake.take(
            .init(name: "standup.txt", chunk: ChunkName("standup.txt"), kind: .file))
        #expect(taken == .accepted(try MeetingID("standup"), utteranceCount: 1))
    }

    @Test func timesThatDifferAreNotTheSame() throws {
        try home.drop("standup.txt", "Ada: good morning")
        var seen: Set<SpoolEntry> = []
        for seconds in Self.seconds.filter({ abs($0) < 1 << 33 }) {
            for nanoseconds in [0, 1] {
                try setTime(of: "standup.txt", to: seconds, nanoseconds: nanoseconds)
                seen.formUnion(try home.spool.list().entries)
            }
        }
        #expect(seen.count > Self.seconds.count / 2, "file systems keep times at least up to 2^31")
    }

    private static let texts: [(name: String, extremes: Extremes)] = [
        (
            "aws.jsonl",
            #"{"Transcript":{"Results":[{"ResultId":"1","ChannelId":"ch_0","IsPartial":false,"StartTime":1,"EndTime":2,"#
                + #""Alternatives":[{"Transcript":"Good morning."}]}]}}"#
        ),
        (
            "standup.1.jsonl",
            #"{"speaker":"Ada","start":1,"end":2,"id":7,"repeats":3,"text":"Good morning."}"#
        ),
        ("standup.2.vtt", "WEBVTT\n\n1\n00:00:01.000 --> 00:00:04.000\nAda: Good morning.\n"),
        (
            "segments.json",
            #"{"segments":[{"start":0.5,"end":1.5,"text":"Good morning.","speaker":1,"words":[]}]}"#
        ),
    ].map { ($0.0, Extremes(Array($0.1.utf8))) }

    @Test func extremesInSpooledFilesAreRecordedOrRefused() throws {
        let intake = SpoolIntake(folder: home.spool, ledger: home.ledger, byteLimit: 10_000)
        try Fuzzing.run("extremes in spooled files", rounds: 150) { mutator, seed in
            let (sample, extremes) = Self.texts[Int(seed % UInt64(Self.texts.count))]
            let name = "\(seed % 7)-\(sample)"
            try home.drop(name, String(decoding: extremes.mutated(&mutator.generator), as: UTF8.self))
            try setTime(of: name, to: Self.seconds.randomElement(using: &mutator.generator) ?? 0)
            #expect(try home.spool.list().entries.count == 1)
            switch try intake.take(.init(name: name, chunk: ChunkName(name), kind: .file)) {
            case .accepted, .duplicate: return true
            default: return false
            }
        }
    }

    @Test func extremesInLinesAreRecordedOrRefused() async throws {
        let server = IngestServer(
            listener: .path(home.socketPath), ledger: home.ledger, settings: .init(), logger: quiet)
        let greeting = Extremes(
            Array(#"{"meeting":"standup","ack":true,"format":"jsonl","sender":"desk","from":0}"#.utf8))
        try await withService(server) {
            await server.untilListening()
            // Each time by whoever waits for nothing: the answers of all come in the end.
            try await Fuzzing.runAsync("extremes in lines over the socket", rounds: 60) { mutator, seed in
                let client = try Client(home.socketPath)
                let first =
                    seed % 3 == 0
                    ? Array("{\"meeting\":\"standup\"}".utf8) : greeting.mutated(&mutator.generator)
                try? await client.send(first + [10])
                for (_, extremes) in Self.texts {
                    try? await client.send(extremes.mutated(&mutator.generator) + [10])
                }
                client.finishSending()
                return try await client.lines().contains { !$0.contains("error") }
            }
            let client = try Client(home.socketPath)
            try await client.send("{\"meeting\":\"after\",\"ack\":true}\nAda: still there\n")
            #expect(ack(try await client.line()) == 0)
        }
    }
}
