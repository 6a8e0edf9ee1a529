import Foundation
import TestSupport
import Testing
import Tokenizer

/// A damaged tokenizer model is either refused or usable; it never traps.
///
/// A trap would end the test run; in a soak the file that caused it is left in the folder that is printed first.
@Suite struct FuzzTests {
    private let folder = FileManager.default.temporaryDirectory.appending(path: "tokenizer-\(UUID())")

    init() throws {
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    }

    @Test func damagedModelsAreRefusedOrWork() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let whole = [UInt8](try Data(contentsOf: URL(filePath: Fixtures.tinyModel)))
        print("fuzzing the tokenizer's proto in \(folder.path)")
        let file = folder.appending(path: "mutant.model")
        let found = try Fuzzing.run("tokenizer's proto", rounds: 500) { mutator, _ in
            try Data(mutator.mutated(whole)).write(to: file)
            guard let tokenizer = try? SentencePieceTokenizer(modelFile: file.path) else { return false }
            let ids = tokenizer.encode("Ana: <b>ship</b> it, \u{1F44D} now\u{0} \u{FFFF}")
            _ = tokenizer.decode(ids)
            _ = tokenizer.decode(
                (0..<20).map { _ in TokenID.random(in: 0..<16, using: &mutator.generator) })
            return true
        }
        #expect(found.read > 0 && found.refused > 0, "\(found)")
    }

    @Test func truncatedModelsAreRefused() throws {
        defer { try? FileManager.default.removeItem(at: folder) }
        let model = try Data(contentsOf: URL(filePath: Fixtures.tinyModel))
        let file = folder.appending(path: "short.model")
        var generator = SeededGenerator(seed: 3)
        for _ in 0..<400 {
            try model.prefix(Int.random(in: 0..<model.count, using: &generator)).write(to: file)
            #expect(throws: TokenizerError.self) { try SentencePieceTokenizer(modelFile: file.path) }
        }
    }
}
