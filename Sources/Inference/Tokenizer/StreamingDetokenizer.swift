/// Turns ids into text as they come, and never gives out half a character.
///
/// The bytes of an unfinished one wait for the next token. All that it gave out, joined, is what `decode`
/// makes of the same ids.
package struct StreamingDetokenizer: Sendable {
    private let tokenizer: SentencePieceTokenizer
    /// An unfinished character: at most three bytes, nothing that could not be continued.
    private var pending: [UInt8] = []

    /// Starts at a character boundary.
    package init(_ tokenizer: SentencePieceTokenizer) {
        self.tokenizer = tokenizer
    }

    /// The text that `id` completes; empty for a control token or while a character is unfinished.
    ///
    /// Bytes that can belong to no character come out as U+FFFD.
    package mutating func append(_ id: TokenID) -> String {
        let count = complete(id)
        defer { pending.removeFirst(count) }
        return String(decoding: pending.prefix(count), as: UTF8.self)
    }

    /// The same as bytes, at the end of `text`; those that can belong to no character come as they are.
    package mutating func append(_ id: TokenID, to text: inout [UInt8]) {
        let count = complete(id)
        text.append(contentsOf: pending[..<count])
        pending.removeFirst(count)
    }

    /// Takes a token; returns how many pending bytes are whole characters.
    private mutating func complete(_ id: TokenID) -> Int {
        tokenizer.appendText(of: id, to: &pending)
        return pending.count - Self.unfinishedByteCount(at: pending)
    }

    /// The end: U+FFFD for an unfinished character, if there is one.
    package mutating func flush() -> String {
        defer { pending.removeAll() }
        return String(decoding: pending, as: UTF8.self)
    }

    /// How many bytes, 0 to 3, at the end of `bytes` begin a character and could still be continued to one.
    static func unfinishedByteCount(at bytes: [UInt8]) -> Int {
        // The lead byte is the last byte that is no continuation, if it stands within reach.
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
        // Unicode 15, table 3-7: overlong forms, surrogates and what lies past U+10FFFF fail at the second byte.
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
