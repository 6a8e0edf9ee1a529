import CSentencePiece

// Safety: only const methods of libsentencepiece are called after init, and they share no mutable state.
/// Turns text into ids and back through libsentencepiece, with the vocabulary of a `tokenizer.model`, a
/// `tokenizer.json` or a GGUF file.
///
/// Text is inert: `encode` never yields a control token, whatever the text spells; `controlToken(_:)` looks one up.
/// A tokenizer does not change after initialization, so several threads may share it.
package final class SentencePieceTokenizer: @unchecked Sendable {
    /// The number of tokens; ids run from 0 to `vocabularySize - 1`.
    package let vocabularySize: Int
    /// Whether encoding puts a space before the text, which decoding removes again.
    let addsSpacePrefix: Bool

    private let processor: OpaquePointer
    private let controlTokens: [ControlToken: TokenID]

    /// Reads a `tokenizer.model` file.
    ///
    /// Throws `unreadable`, `malformed` or `badVocabulary`, with the path in the message.
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

    /// Reads a `tokenizer.json` file.
    ///
    /// Throws `unreadable`, `malformed` or `badVocabulary`, with the path in the message.
    package convenience init(tokenizerFile path: String) throws(TokenizerError) {
        do {
            try self.init(vocabulary: TokenizerFile.vocabulary(path))
        } catch {
            // A file that cannot be read is named already.
            throw error.code == .unreadable ? error : TokenizerError(error.code, "\(path): \(error.message)")
        }
    }

    /// Builds a tokenizer from the vocabulary of a GGUF file.
    ///
    /// Throws `badVocabulary` if the vocabulary contradicts itself or libsentencepiece does not accept it.
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
                decoding: message.prefix { $0 != 0 }.map { UInt8(truncatingIfNeeded: $0) }, as: UTF8.self)
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

    /// Encodes `text`, without tokens for the beginning or end of the sequence.
    ///
    /// Each call stands alone: encoding the two halves of a word gives other ids than encoding the whole word. U+2581
    /// in the text is treated as a space, as everywhere in SentencePiece.
    package func encode(_ text: String) -> [TokenID] {
        var text = text
        return text.withUTF8(encode)
    }

    private func encode(_ utf8: UnsafeBufferPointer<UInt8>) -> [TokenID] {
        // Each token stands for at least one byte, apart from a prefixed space, unless a normalizer adds text.
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

    /// Encodes text that libsentencepiece refuses because its merges lead to a control piece: cut in two, as often as
    /// needed, it can be encoded.
    private func encodeInHalves(_ utf8: UnsafeBufferPointer<UInt8>) -> [TokenID] {
        let middle = (utf8.count / 2..<utf8.count).first { $0 > 0 && utf8[$0] & 0xC0 != 0x80 }
        guard let cut = middle ?? (1..<max(1, utf8.count / 2)).last(where: { utf8[$0] & 0xC0 != 0x80 }) else {
            let unknown = csp_special_id(processor, CSP_UNKNOWN_PIECE)
            return unknown >= 0 ? [unknown] : []
        }
        return encode(.init(rebasing: utf8[..<cut])) + encode(.init(rebasing: utf8[cut...]))
    }

    /// Decodes `ids` to the same text that ``StreamingDetokenizer`` yields piece by piece.
    ///
    /// Control tokens yield nothing; bytes that belong to no character yield U+FFFD. An id outside the vocabulary is a
    /// programming error.
    package func decode(_ ids: some Sequence<TokenID>) -> String {
        var detokenizer = StreamingDetokenizer(self)
        var text = ids.reduce(into: "") { $0 += detokenizer.append($1) }
        text += detokenizer.flush()
        if addsSpacePrefix, text.utf8.first == UInt8(ascii: " ") { text.unicodeScalars.removeFirst() }
        return text
    }

    /// The id of a control token; nil if the vocabulary does not have it.
    package func controlToken(_ token: ControlToken) -> TokenID? {
        controlTokens[token]
    }

    /// The id of the control token that is spelled so; nil if the vocabulary does not have it.
    package func controlToken(spelled piece: String) -> TokenID? {
        Self.controlToken(spelled: piece, processor)
    }

    private static func controlToken(spelled piece: String, _ processor: OpaquePointer) -> TokenID? {
        let id = csp_piece_id(processor, piece, piece.utf8.count)
        return id >= 0 && csp_kind(processor, id) == CSP_CONTROL.rawValue ? id : nil
    }

    /// Whether `id` is a control token, which has a meaning for the model but stands for no text.
    package func isControl(_ id: TokenID) -> Bool {
        kind(of: id) == CSP_CONTROL
    }

    /// The piece as the vocabulary spells it, with U+2581 for spaces, and for example `<0x0A>` for a byte.
    package func piece(of id: TokenID) -> String {
        withPiece(of: id) { String(decoding: $0, as: UTF8.self) }
    }

    /// The bytes of text that `id` stands for; none for control, unused and unknown tokens.
    package func bytes(of id: TokenID) -> [UInt8] {
        var bytes: [UInt8] = []
        switch kind(of: id) {
        case CSP_UNKNOWN, CSP_UNUSED: break
        default: appendText(of: id, to: &bytes)
        }
        return bytes
    }

    /// Appends the bytes of text that `id` stands for: none for a control token, U+FFFD for the unknown token.
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
        // Safety: the bytes belong to the processor, which exists as long as self.
        return withExtendedLifetime(self) { body(UnsafeRawBufferPointer(start: bytes, count: count)) }
    }

    /// Appends a piece's bytes, with a space in place of each U+2581.
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

    /// The control tokens that the model declares, or else those that are spelled as Gemma spells them.
    private static func declaredControlTokens(_ processor: OpaquePointer) -> [ControlToken: TokenID] {
        func named(_ piece: String) -> TokenID? { controlToken(spelled: piece, processor) }
        func declared(_ special: csp_special) -> TokenID? {
            let id = csp_special_id(processor, special)
            return id >= 0 ? id : nil
        }
        var tokens: [ControlToken: TokenID] = [:]
        tokens[.beginningOfSequence] = declared(CSP_BEGINNING) ?? named("<bos>")
        tokens[.endOfSequence] = declared(CSP_END) ?? named("<eos>")
        tokens[.startOfTurn] = named("<start_of_turn>") ?? named("<|turn>")
        tokens[.endOfTurn] = named("<end_of_turn>") ?? named("<turn|>")
        return tokens
    }
}
