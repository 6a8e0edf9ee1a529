import Corpora

/// A 64-bit FNV-1a hash of texts, in hex: tells inputs apart.
struct Fingerprint: Sendable {
    private var hash: UInt64 = 0xCBF2_9CE4_8422_2325

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
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    mutating func add(_ text: String) {
        for byte in text.utf8 { mix(byte) }
        // Texts one after the other are not one text.
        mix(0xFF)
    }

    func adding(_ text: String) -> Fingerprint {
        var result = self
        result.add(text)
        return result
    }

    private mutating func mix(_ byte: UInt8) { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
}
