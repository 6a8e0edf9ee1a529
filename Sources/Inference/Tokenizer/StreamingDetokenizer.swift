/// Turns ids into text as they arrive, in whole characters only.
///
/// The bytes of an unfinished character wait for the next token. All returned texts joined are what `decode` returns
/// for the same ids, except that `decode` removes a prefixed space.
package struct StreamingDetokenizer: Sendable {
    private let tokenizer: SentencePieceTokenizer
    /// The bytes of an unfinished character: at most three, which further bytes could complete.
    private var pending: [UInt8] = []

    /// Starts at a character boundary.
    package init(_ tokenizer: SentencePieceTokenizer) {
        self.tokenizer = tokenizer
    }

    /// Takes the next token and returns the text that it completes, which may be empty.
    ///
    /// Bytes that cannot belong to any character become U+FFFD.
    package mutating func append(_ id: TokenID) -> String {
        let count = complete(id)
        defer { pending.removeFirst(count) }
        return String(decoding: pending.prefix(count), as: UTF8.self)
    }

    /// Takes the next token and appends the bytes that it completes to `text`; invalid bytes are passed on unchanged.
    package mutating func append(_ id: TokenID, to text: inout [UInt8]) {
        let count = complete(id)
        text.append(contentsOf: pending[..<count])
        pending.removeFirst(count)
    }

    /// Adds a token's bytes to the pending ones; returns how many of them can be given out now.
    private mutating func complete(_ id: TokenID) -> Int {
        tokenizer.appendText(of: id, to: &pending)
        return pending.count - Self.unfinishedByteCount(at: pending)
    }

    /// Ends the text: returns U+FFFD if a character is unfinished, else an empty string.
    package mutating func flush() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes, 0 to 3, at the end of `bytes` begin a character that further bytes could complete.
    static func unfinishedByteCount(at bytes: [UInt8]) -> Int {
        // The lead byte is the last one that is not a continuation byte. If it is more than 3 bytes back, its character
        // is complete.
        guard let lead = bytes.suffix(3).lastIndex(where: { $0 & 0b1100_0000 != 0b1000_0000 }) else {
            return 0
        }
        let have = bytes.count - lead
        let need =
            switch bytes[lead] {
            case 0xc2...0xdf: 2
            case 0xe0...0xef: 3
            case 0xf0...0xf4: 4
            default: 1
            }
        guard have < need else { return 0 }
        // Unicode 15, table 3-7: overlong forms, surrogates and code points past U+10FFFF fail at the second byte.
        let second: ClosedRange<UInt8> =
            switch bytes[lead] {
            case 0xe0: 0xa0...0xbf
            case 0xed: 0x80...0x9f
            case 0xf0: 0x90...0xbf
            case 0xf4: 0x80...0x8f
            default: 0x80...0xbf
            }
        return have == 1 || second.contains(bytes[lead + 1]) ? have : 0
    }
}
