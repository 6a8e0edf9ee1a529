import Corpora
import Files

/// A 64-bit FNV-1a hash of texts, in hex: tells inputs apart.
struct Fingerprint: Sendable {
    private var hash = FNV1a()

    init() {}

    /// Of examples with their sources and references.
    init(_ examples: [CorpusExample.Kind: [CorpusExample]]) {
        for kind in CorpusExample.Kind.allCases {
            for example in examples[kind] ?? [] {
                add(example.id)
                for utterance in example.source { add(utterance.spoken) }
                add(example.query ?? "")
                for reference in example.references { add(reference) }
            }
        }
    }

    /// In hex.
    var text: String {
        let digits = hash.hex
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    mutating func add(_ text: String) {
        hash.add(text.utf8)
        // Texts one after the other are not one text.
        hash.add(0xFF)
    }

    func adding(_ text: String) -> Fingerprint {
        var result = self
        result.add(text)
        return result
    }
}
