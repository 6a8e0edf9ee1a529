import Foundation
import Tokenizer

/// Finds the fixtures and reads the reference results in them.
enum Fixtures {
    static let folder = URL(filePath: #filePath).deletingLastPathComponent().appending(path: "Fixtures")
    static let tinyModel = folder.appending(path: "tiny/tokenizer.model").path

    /// A count of ids and their FNV-1a hash, as Fixtures/make.py writes them.
    struct Expectation: Equatable {
        var count: Int
        var hash: UInt64

        init(_ ids: [TokenID]) {
            count = ids.count
            hash = 0xcbf2_9ce4_8422_2325
            for id in ids {
                for shift in stride(from: 0, to: 32, by: 8) {
                    hash = (hash ^ UInt64(UInt8(truncatingIfNeeded: id >> shift))) &* 0x100_0000_01b3
                }
            }
        }

        init?(line: Substring) {
            let fields = line.split(separator: " ")
            guard fields.count == 2, let count = Int(fields[0]), let hash = UInt64(fields[1], radix: 16)
            else { return nil }
            self.count = count
            self.hash = hash
        }
    }

    static func lines() throws -> [String] {
        let data = try Data(contentsOf: folder.appending(path: "lines.jsonl"))
        return try data.split(separator: UInt8(ascii: "\n")).map {
            try JSONDecoder().decode(String.self, from: $0)
        }
    }

    static func expectations(_ name: String) throws -> [Expectation] {
        let text = try String(contentsOf: folder.appending(path: name), encoding: .utf8)
        return text.split(separator: "\n").compactMap(Expectation.init(line:))
    }
}
