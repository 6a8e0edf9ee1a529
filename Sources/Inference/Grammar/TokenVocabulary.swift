import Tokenizer

/// A tokenizer's vocabulary in the form that ``DocumentWalk`` needs: which token spells which bytes.
///
/// Building it sorts about 262,000 tokens, which takes a moment, so do it once per model.
package final class TokenVocabulary: Sendable {
    /// How many tokens there are.
    package let size: Int
    // Immutable after initialization.
    let spellings: TokenSpellings
    let whole: TokenTrie
    /// The tokens with text that are not plain.
    let special: TokenTrie
    /// Plain tokens: those that consist of whole characters, none of which needs escaping inside a string.
    let plain: TokenSet
    /// The plain tokens with their lengths in characters, the longest first.
    private let plainLengths: [(token: TokenID, characters: Int)]

    /// Sorts the vocabulary; throws `badVocabulary` if a byte that documents may contain has no token of its own.
    package init(_ tokenizer: SentencePieceTokenizer) throws(GrammarError) {
        let spellings = TokenSpellings(tokenizer)
        self.spellings = spellings
        size = tokenizer.vocabularySize
        var plain = TokenSet(size: size)
        var lengths: [(token: TokenID, characters: Int)] = []
        var special: [TokenID] = []
        let textual = (0..<TokenID(size)).filter { !spellings.isEmpty($0) }
        for id in textual {
            if let characters = spellings.withBytes(of: id, Self.plainCharacters) {
                plain.insert(id)
                lengths.append((id, characters))
            } else {
                special.append(id)
            }
        }
        self.plain = plain
        plainLengths = lengths.sorted { ($0.characters, $1.token) > ($1.characters, $0.token) }
        whole = TokenTrie(textual, spellings: spellings)
        self.special = TokenTrie(special, spellings: spellings)
        for byte in Self.neededBytes where whole.longestToken([byte]) == nil {
            throw GrammarError(
                .badVocabulary,
                "the tokenizer has no token for byte \(byte) alone: answers cannot be kept to a schema with "
                    + "this model")
        }
    }

    /// All bytes that occur in UTF-8 without control characters.
    private static let neededBytes = [UInt8](0x20...0x7e) + [UInt8](0x80...0xbf) + [UInt8](0xc2...0xf4)

    private static func plainCharacters(_ bytes: UnsafeBufferPointer<UInt8>) -> Int? {
        guard !bytes.contains(where: { $0 < 0x20 || $0 == UInt8(ascii: "\"") || $0 == UInt8(ascii: "\\") }),
            let text = String(validating: bytes, as: UTF8.self)
        else { return nil }
        return text.unicodeScalars.count
    }

    /// Makes `set` hold exactly the plain tokens of at most `limit` characters.
    func fill(_ set: inout TokenSet, characters limit: Int) {
        guard limit > 0 else { return set.removeAll() }
        set = plain
        for (token, characters) in plainLengths {
            if characters <= limit { break }
            set.remove(token)
        }
    }

    /// Tokens that spell `bytes`, found greedily: the longest matching token each time.
    func longestTokens(_ bytes: [UInt8]) -> [TokenID] {
        var tokens: [TokenID] = []
        var rest = bytes[...]
        while !rest.isEmpty {
            guard let (token, count) = whole.longestToken(rest) else {
                preconditionFailure("every byte of a document has a token")
            }
            tokens.append(token)
            rest = rest.dropFirst(count)
        }
        return tokens
    }
}

/// A set of tokens, stored as one bit for each token of the vocabulary.
package struct TokenSet: Sendable, Hashable {
    private var words: [UInt64]

    init(size: Int) { words = [UInt64](repeating: 0, count: (size + 63) / 64) }

    package func contains(_ token: TokenID) -> Bool {
        let word = Int(token) / 64
        return token >= 0 && word < words.count && words[word] >> UInt64(token % 64) & 1 == 1
    }

    mutating func insert(_ token: TokenID) { words[Int(token) / 64] |= 1 << UInt64(token % 64) }

    mutating func remove(_ token: TokenID) { words[Int(token) / 64] &= ~(1 << UInt64(token % 64)) }

    mutating func removeAll() {
        for index in words.indices { words[index] = 0 }
    }

    /// Rules out the tokens that are not in the set by setting their logits to minus infinity.
    package func keepOnly(in logits: UnsafeMutableBufferPointer<Float>) {
        for first in stride(from: 0, to: logits.count, by: 64) {
            let word = first / 64 < words.count ? words[first / 64] : 0
            if word == .max { continue }
            for index in first..<min(first + 64, logits.count) where word >> UInt64(index - first) & 1 == 0 {
                logits[index] = -.infinity
            }
        }
    }
}
