import Glibc
import Logging
import Synchronization
import Testing

@testable import ServiceManager

/// Collects what a handler writes.
private final class Collected<Value: Sendable>: Sendable {
    // Guards: what was written so far.
    private let values = Mutex<[Value]>([])
    var all: [Value] { values.withLock { $0 } }
    func add(_ value: Value) { values.withLock { $0.append(value) } }
}

private struct SampleError: Error, CustomStringConvertible {
    var description: String { "disk full" }
}

@Suite struct LogHandlerTests {
    @Test func journalGetsAllFields() throws {
        let sent = Collected<[String]>()
        var logger = Logger(label: "intake") { label in
            JournalLogHandler(
                label: label, identifier: "minuted", threshold: LogThreshold(.debug),
                send: {
                    sent.add($0)
                    return true
                }, fallback: { _ in Issue.record("nothing to fall back from") })
        }
        logger[metadataKey: "meeting"] = "standup"
        logger.warning(
            "chunk is late", metadata: ["deliveryID": "7"], file: "a.swift", function: "f()", line: 3)
        let fields = try #require(sent.all.first)
        #expect(
            Set(fields) == [
                "MESSAGE=chunk is late deliveryID=7 meeting=standup", "PRIORITY=4",
                "SYSLOG_IDENTIFIER=minuted", "CODE_FILE=a.swift", "CODE_LINE=3", "CODE_FUNC=f()",
                "LOGGER=intake", "MINUTED_MEETING=standup", "MINUTED_DELIVERY_ID=7",
            ])
    }

    @Test(arguments: [
        "meeting", "deliveryID", "9 lives", "ünïcode", "a-b.c", String(repeating: "x", count: 200),
    ])
    func fieldNamesAreWhatJournaldTakes(key: String) {
        let name = JournalLogHandler.fieldName(of: key)
        #expect(name.hasPrefix("MINUTED_"))
        #expect(name.utf8.count <= 64)
        #expect(name.allSatisfy { ("A"..."Z").contains($0) || ("0"..."9").contains($0) || $0 == "_" })
    }

    @Test func prioritiesNeverRiseAsLevelsFall() {
        let priorities = Logger.Level.allCases.map(JournalLogHandler.priority)
        #expect(priorities == priorities.sorted(by: >))
        #expect(JournalLogHandler.priority(of: .error) == 3)
    }

    @Test func whatJournaldRefusesGoesToTheFallback() {
        let lines = Collected<String>()
        let logger = Logger(label: "x") { label in
            JournalLogHandler(
                label: label, identifier: "minuted", send: { _ in false }, fallback: { lines.add($0) })
        }
        logger.error("no journal")
        #expect(lines.all == ["<3>no journal\n"])
    }

    /// A transcript's text must not be able to make log lines of its own.
    @Test func oneRecordIsOneLineOfPlainCharacters() throws {
        let lines = Collected<String>()
        let logger = Logger(label: "x") { _ in StandardErrorLogHandler(write: { lines.add($0) }) }
        logger.info("a\nb\u{1B}[31m\u{202E}", metadata: ["k": "two \"words\"\r\n", "empty": "", "n": "1"])
        let line = try #require(lines.all.first)
        #expect(lines.all.count == 1)
        #expect(line.hasSuffix("\n"))
        #expect(line.dropLast().unicodeScalars.allSatisfy { $0.value >= 0x20 })
        #expect(line.hasSuffix(#"INFO     a\nb\u{1b}[31m\u{202e} empty="" k="two \"words\"\r\n" n=1"# + "\n"))
    }

    @Test func errorsAndLevelsShow() throws {
        let lines = Collected<String>()
        var logger = Logger(label: "x") { _ in
            StandardErrorLogHandler(threshold: LogThreshold(.notice), write: { lines.add($0) })
        }
        logger.info("not shown")
        logger.log(level: .error, "cannot write", error: SampleError())
        logger.logLevel = .info
        logger.info("shown")
        #expect(lines.all.count == 2)
        #expect(lines.all.first?.contains("ERROR    cannot write error=\"disk full\"") == true)
        let time = try #require(lines.all.first?.prefix(23))
        #expect(time.contains(/^\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}$/))
    }

    @Test func journalStreamIsRecognisedByDeviceAndInode() throws {
        let descriptor = open("/proc/self/exe", O_RDONLY | O_CLOEXEC)
        defer { close(descriptor) }
        var status = stat()
        try #require(fstat(descriptor, &status) == 0)
        #expect(journalStream("\(status.st_dev):\(status.st_ino)", isOpenAs: descriptor))
        #expect(!journalStream("\(status.st_dev):\(status.st_ino + 1)", isOpenAs: descriptor))
        for wrong in ["", ":", "1", "a:b", "\(status.st_dev):\(status.st_ino):1"] {
            #expect(!journalStream(wrong, isOpenAs: descriptor))
        }
    }

    @Test(
        .enabled(
            if: access("/run/systemd/journal/socket", W_OK) == 0, "no journald here: its socket is not there")
    )
    func journaldTakesARecord() {
        #expect(JournalLogHandler.sendToJournal(["MESSAGE=minuted test", "PRIORITY=7", "MINUTED_TEST=a\nb"]))
    }
}
