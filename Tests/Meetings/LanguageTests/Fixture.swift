import Foundation
import Language

/// A meeting with sentences about it, true and planted.
struct Fixture: Decodable {
    struct Turn: Decodable {
        var speaker: String
        var text: String
    }

    struct Claim: Decodable {
        var text: String
        /// Places of the turns that it rests on.
        var turns: [Int]
        /// What is wrong: `number`, `date` or `name`; nil if nothing is.
        var kind: String?
    }

    var language: String
    var turns: [Turn]
    var `true`: [Claim]
    var planted: [Claim]

    static func of(_ language: LanguageCode) throws -> Fixture {
        let file = URL(filePath: #filePath).deletingLastPathComponent()
            .appending(path: "Fixtures/\(language.rawValue).json")
        return try JSONDecoder().decode(Fixture.self, from: Data(contentsOf: file))
    }
}
