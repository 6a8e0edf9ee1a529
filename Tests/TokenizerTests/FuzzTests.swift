import Foundation
import Testing
import Tokenizer

/// Damaged tokenizer models are refused or work; a trap ends the run.
///
/// `make soak` sets `MINUTED_FUZZ_SECONDS`. The file at hand stays in the folder that is printed first.
@Suite(.enabled(if: FuzzTime.seconds != nil, "set MINUTED_FUZZ_SECONDS, or run make soak"))
struct FuzzTests {
    @Test func tokenizerModels() throws {
        let whole = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.tinyModel)))
        let folder = FileManager.default.temporaryDirectory.appending(path: "tokenizer-fuzz-\(UUID())")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        print("fuzzing the tokenizer's proto in \(folder.path)")
        var generator = Fixtures.Generator(state: UInt64(FuzzTime.number("MINUTED_SOAK_SEED") ?? 1))
        let file = folder.appending(path: "mutant.model")
        let end = ContinuousClock.now + .seconds(FuzzTime.seconds ?? 0)
        var (executions, refused) = (0, 0)
        while ContinuousClock.now < end {
            try Data(Self.mutant(of: whole, &generator)).write(to: file)
            do {
                let tokenizer = try SentencePieceTokenizer(modelFile: file.path)
                let ids = tokenizer.encode("Ana: <b>ship</b> it, \u{1F44D} now\u{0} \u{FFFF}")
                _ = tokenizer.decode(ids)
                _ = tokenizer.decode((0..<20).map { _ in TokenID.random(in: 0..<16, using: &generator) })
            } catch {
                refused += 1
            }
            executions += 1
        }
        print("fuzz executions, tokenizer proto: \(executions), refused \(refused), crashes 0")
        #expect(executions > 0 && refused > 0)
        try FileManager.default.removeItem(at: folder)
    }

    private static func mutant(of whole: [UInt8], _ generator: inout Fixtures.Generator) -> [UInt8] {
        var bytes = whole
        for _ in 0..<Int.random(in: 1...6, using: &generator) where !bytes.isEmpty {
            let at = Int.random(in: 0..<bytes.count, using: &generator)
            let length = Int.random(in: 1...40, using: &generator)
            switch Int.random(in: 0..<6, using: &generator) {
            case 0: bytes[at] ^= 1 << UInt8.random(in: 0..<8, using: &generator)
            case 1: bytes[at] = [0, 1, 0x7F, 0x80, 0xFF].randomElement(using: &generator) ?? 0
            // A varint without an end, or a length of nearly anything.
            case 2: bytes.insert(contentsOf: repeatElement(0xFF, count: length % 12 + 1), at: at)
            case 3: bytes.removeSubrange(at..<min(bytes.count, at + length))
            case 4:
                let piece = bytes[at..<min(bytes.count, at + length)]
                bytes.insert(contentsOf: piece, at: Int.random(in: 0..<bytes.count, using: &generator))
            default: bytes.removeLast(Int.random(in: 0..<bytes.count, using: &generator))
            }
        }
        return bytes
    }
}

enum FuzzTime {
    static let seconds = number("MINUTED_FUZZ_SECONDS")

    static func number(_ name: String) -> Int? {
        ProcessInfo.processInfo.environment[name].flatMap(Int.init)
    }
}
