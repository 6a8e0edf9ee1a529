import Testing

@testable import Intake

@Suite("Cutting bytes into lines")
struct LineSplitterTests {
    /// However the bytes arrive, the lines are the same.
    @Test func linesDoNotDependOnHowBytesArrive() {
        let text =
            "\nshort\n\n" + String(repeating: "x", count: 10) + "\n" + String(repeating: "y", count: 11)
            + "\nlast"
        let bytes = Array(text.utf8)
        var whole = LineSplitter(bytesLimit: 10)
        let expected = whole.add(bytes) + [whole.finish()].compactMap { $0 }
        #expect(
            expected == [
                .line([]), .line(Array("short".utf8)), .line([]), .line([UInt8](repeating: 0x78, count: 10)),
                .tooLong(byteCount: 11), .line(Array("last".utf8)),
            ])
        for step in 1..<bytes.count {
            var splitter = LineSplitter(bytesLimit: 10)
            var lines: [LineSplitter.Line] = []
            for start in stride(from: 0, to: bytes.count, by: step) {
                lines += splitter.add(bytes[start..<min(start + step, bytes.count)])
            }
            lines += [splitter.finish()].compactMap { $0 }
            #expect(lines == expected)
        }
    }

    @Test func aLineWithoutEndIsCountedAndNotKept() {
        var splitter = LineSplitter(bytesLimit: 10)
        for _ in 0..<1000 {
            let lines = splitter.add([UInt8](repeating: 0x78, count: 1000))
            #expect(lines.isEmpty)
        }
        let endings = [splitter.finish(), splitter.finish()]
        #expect(endings == [.tooLong(byteCount: 1_000_000), nil])
        let lines = splitter.add([0x61, 0x0A])
        #expect(lines == [.line([0x61])])
    }
}
