import CSentencePiece

// Safety: libsentencepiece's const methods share no mutable state, and only those are called after init.
/// Text to ids and back through libsentencepiece, with the vocabulary of a `tokenizer.model` or a GGUF file.
///
/// Text is inert: `encode` never yields a control token, whatever it spells; `controlToken(_:)` gives them.
/// Immutable after initialization, so several threads may use one tokenizer.
package final class SentencePieceTokenizer: @unchecked Sendable {
    /// How many tokens there are; ids run from 0 up to and excluding it.
    package let vocabularySize: Int
    /// Whether encoding puts a space before the text, which decoding takes off again.
    let addsSpacePrefix: Bool

    private let processor: OpaquePointer
    private let controlTokens: [ControlToken: TokenID]

    /// Opens a `tokenizer.model`.
    ///
    /// Throws `unreadable`, `malformed` or `badVocabulary`.
    package convenience init(modelFile path: String) throws(TokenizerError) {
        let bytes = try readModelFile(path)
        do {
            var model = try SentencePieceModel(serialized: bytes)
            model.makeTextInert()
            try self.init(model, special: [:])
        } catch {
            throw TokenizerError(error.code, "\(path): \(error.message)")
        }
    }

    /// Makes a tokenizer from the vocabulary of a GGUF file.
    ///
    /// Throws `badVocabulary`.
    package convenience init(vocabulary: GGUFVocabulary) throws(TokenizerError) {
        var model = try vocabulary.sentencePieceModel()
        model.makeTextInert(controlTokens: vocabulary.specialIDs.map(\.id))
        var special: [ControlToken: TokenID] = [:]
        special[.beginningOfSequence] = vocabulary.beginningOfSequence
        special[.endOfSequence] = vocabulary.endOfSequence
        special[.endOfTurn] = vocabulary.endOfTurn
        try self.init(model, special: special)
    }

    private init(_ model: SentencePieceModel, special: [ControlToken: TokenID]) throws(TokenizerError) {
        var message = [CChar](repeating: 0, count: 512)
        let proto = model.serialized()
        guard let processor = csp_load(proto, proto.count, &message, message.count) else {
            let reason = String(
                decoding: message.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
            throw TokenizerError(.badVocabulary, "libsentencepiece refuses the vocabulary: \(reason)")
        }
        self.processor = processor
        vocabularySize = Int(csp_vocabulary_size(processor))
        addsSpacePrefix = model.addsSpacePrefix
        controlTokens = special.merging(Self.declaredControlTokens(processor)) { given, _ in given }
    }

    deinit {
        csp_free(processor)
    }

    /// The ids of `text`, without a token for the beginning or the end.
    ///
    /// Texts of several calls are not joined: a word cut in two gives other ids than the whole word. U+2581 in
    /// the text becomes a space, as in SentencePiece everywhere.
    package func encode(_ text: String) -> [TokenID] {
        var text = text
        return text.withUTF8(encode)
    }

    private func encode(_ utf8: UnsafeBufferPointer<UInt8>) -> [TokenID] {
        // A token stands for a byte or more, apart from a prefixed space, unless a normalizer adds text.
        var capacity = utf8.count + 1
        while true {
            var needed: Int64 = 0
            let ids = [TokenID](unsafeUninitializedCapacity: capacity) { buffer, count in
                utf8.withMemoryRebound(to: CChar.self) { bytes in
                    needed = csp_encode(
                        processor, bytes.baseAddress, bytes.count, buffer.baseAddress, capacity)
                }
                count = max(0, min(Int(needed), capacity))
            }
            if needed == CSP_REFUSED.rawValue { return encodeInHalves(utf8) }
            precondition(needed >= 0, "libsentencepiece cannot encode \(utf8.count) bytes: out of memory")
            if needed <= capacity { return ids }
            capacity = Int(needed)
        }
    }

    /// In a vocabulary whose merges lead to a control piece, text that spells it cannot be encoded whole: its halves
    /// can, or theirs.
    private func encodeInHalves(_ utf8: UnsafeBufferPointer<UInt8>) -> [TokenID] {
        let middle = (utf8.count / 2..<utf8.count).first { $0 > 0 && utf8[$0] & 0xC0 != 0x80 }
        guard let cut = middle ?? (1..<max(1, utf8.count / 2)).last(where: { utf8[$0] & 0xC0 != 0x80 }) else {
            let unknown = csp_special_id(processor, CSP_UNKNOWN_PIECE)
            return unknown >= 0 ? [unknown] : []
        }
        return encode(.init(rebasing: utf8[..<cut])) + encode(.init(rebasing: utf8[cut...]))
    }

    /// The text of `ids`, as `StreamingDetokenizer` gives it in pieces.
    ///
    /// Control tokens yield nothing; bytes that belong to no character yield U+FFFD. Every id has to be in
    /// the vocabulary.
    package func decode(_ ids: some Sequence<TokenID>) -> String {
        var detokenizer = StreamingDetokenizer(self)
        var text = ids.reduce(into: "") { $0 += detokenizer.append($1) }
        text += detokenizer.flush()
        if addsSpacePrefix, text.utf8.first == UInt8(ascii: " ") { text.unicodeScalars.removeFirst() }
        return text
    }

    /// The id of a control token, or nil if the vocabulary has none.
    package func controlToken(_ token: ControlToken) -> TokenID? {
        controlTokens[token]
    }

    /// Whether `id` is a control token: it means something to the model but is no text.
    package func isControl(_ id: TokenID) -> Bool {
        kind(of: id) == CSP_CONTROL
    }

    /// The piece as it stands in the vocabulary, with U+2581 for spaces; `<0x0A>` for a byte.
    package func piece(of id: TokenID) -> String {
        withPiece(of: id) { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of text that `id` stands for; empty if it is no text, as a control token or the unknown one.
    package func bytes(of id: TokenID) -> [UInt8] {
        var bytes: [UInt8] = []
        switch kind(of: id) {
        case CSP_UNKNOWN, CSP_UNUSED: break
        default: appendText(of: id, to: &bytes)
        }
        return bytes
    }

    /// Appends the bytes of text that `id` stands for: one for a byte token, none for a control token.
    func appendText(of id: TokenID, to bytes: inout [UInt8]) {
        switch kind(of: id) {
        case CSP_CONTROL: break
        case CSP_UNKNOWN: bytes.append(contentsOf: "\u{fffd}".utf8)
        case CSP_BYTE:
            bytes.append(
                withPiece(of: id) {
                    UInt8(String(decoding: $0.dropFirst(3).prefix(2), as: UTF8.self), radix: 16) ?? 0
                })
        default: withPiece(of: id) { Self.spell($0, to: &bytes) }
        }
    }

    private func kind(of id: TokenID) -> csp_kind {
        let kind = csp_kind(processor, id)
        precondition(kind > 0, "token \(id) is not in the vocabulary of \(vocabularySize)")
        return csp_kind(rawValue: UInt32(kind))
    }

    private func withPiece<Result>(of id: TokenID, _ body: (UnsafeRawBufferPointer) -> Result) -> Result {
        var count = 0
        guard let bytes = csp_piece(processor, id, &count) else {
            preconditionFailure("token \(id) is not in the vocabulary of \(vocabularySize)")
        }
        // Safety: the bytes belong to the processor, which lives as long as self.
        return withExtendedLifetime(self) { body(UnsafeRawBufferPointer(start: bytes, count: count)) }
    }

    /// Appends a piece's bytes with spaces for U+2581.
    private static func spell(_ piece: UnsafeRawBufferPointer, to bytes: inout [UInt8]) {
        var rest = piece[...]
        while let byte = rest.first {
            if rest.starts(with: SentencePieceModel.space) {
                bytes.append(UInt8(ascii: " "))
                rest = rest.dropFirst(SentencePieceModel.space.count)
            } else {
                bytes.append(byte)
                rest = rest.dropFirst()
            }
        }
    }

    /// What the model declares, and where it declares nothing, what Gemma spells.
    private static func declaredControlTokens(_ processor: OpaquePointer) -> [ControlToken: TokenID] {
        func named(_ piece: String) -> TokenID? {
            let id = csp_piece_id(processor, piece, piece.utf8.count)
            return id >= 0 && csp_kind(processor, id) == CSP_CONTROL.rawValue ? id : nil
        }
        func declared(_ special: csp_special) -> TokenID? {
            let id = csp_special_id(processor, special)
            return id >= 0 ? id : nil
        }
        var tokens: [ControlToken: TokenID] = [:]
        tokens[.beginningOfSequence] = declared(CSP_BEGINNING) ?? named("<bos>")
        tokens[.endOfSequence] = declared(CSP_END) ?? named("<eos>")
        tokens[.startOfTurn] = named("<start_of_turn>")
        tokens[.endOfTurn] = named("<end_of_turn>")
        return tokens
    }
}
