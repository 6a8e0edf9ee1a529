/// The vocabulary that a GGUF file carries in its metadata (`tokenizer.ggml.*`), as plain values.
package struct GGUFVocabulary: Sendable {
    /// `tokens`: one text for each id, with U+2581 for spaces, except in user-defined tokens, which have spaces.
    package var tokens: [String]
    /// `scores`: the merge priority of each token; larger scores merge first.
    package var scores: [Float]
    /// The pieces that `merges` yield, best merge first, if the file has a list of merges; scores do not matter then.
    package var merged: [[UInt8]]?
    /// `token_type` of each token: 1 normal, 2 unknown, 3 control, 4 user-defined, 5 unused, 6 byte.
    package var types: [Int32]
    /// `add_space_prefix`: whether encoding puts a space before the text; false in Gemma's files.
    package var addsSpacePrefix: Bool
    /// `bos_token_id`, if the file has it.
    package var beginningOfSequence: TokenID?
    /// `eos_token_id`, if the file has it.
    package var endOfSequence: TokenID?
    /// `unknown_token_id`; without it, the first token of type 2 is used, or else the one spelled `<unk>`.
    package var unknown: TokenID?
    /// `eot_token_id`; without it, the token spelled `<end_of_turn>` ends a turn.
    package var endOfTurn: TokenID?

    /// Stores the values unchecked; ``SentencePieceTokenizer/init(vocabulary:)`` checks them.
    package init(
        tokens: [String], scores: [Float], types: [Int32], merged: [[UInt8]]? = nil,
        addsSpacePrefix: Bool = false,
        beginningOfSequence: TokenID? = nil, endOfSequence: TokenID? = nil, unknown: TokenID? = nil,
        endOfTurn: TokenID? = nil
    ) {
        self.tokens = tokens
        self.scores = scores
        self.types = types
        self.merged = merged
        self.addsSpacePrefix = addsSpacePrefix
        self.beginningOfSequence = beginningOfSequence
        self.endOfSequence = endOfSequence
        self.unknown = unknown
        self.endOfTurn = endOfTurn
    }
}

extension GGUFVocabulary {
    /// A SentencePiece model that encodes like the one the vocabulary came from.
    ///
    /// Throws `badVocabulary` if the fields contradict each other.
    consuming func sentencePieceModel() throws(TokenizerError) -> SentencePieceModel {
        guard tokens.count == scores.count, tokens.count == types.count else {
            throw TokenizerError(
                .badVocabulary,
                "tokenizer.ggml has \(tokens.count) tokens, \(scores.count) scores and \(types.count) types; "
                    + "the counts must be equal: get the model again")
        }
        for (key, id) in specialIDs where !tokens.indices.contains(Int(id)) {
            throw TokenizerError(
                .badVocabulary,
                "tokenizer.ggml.\(key) is \(id), but there are \(tokens.count) tokens: get the model again")
        }
        let unknown = try unknownID()
        try rankByMerges()
        var pieces: [SentencePieceModel.Piece] = []
        pieces.reserveCapacity(tokens.count)
        for id in tokens.indices {
            guard let number = UInt64(exactly: types[id]),
                var kind = SentencePieceModel.Piece.Kind(rawValue: number)
            else {
                throw TokenizerError(
                    .badVocabulary,
                    "tokenizer.ggml.token_type of token \(id) is \(types[id]), which is not a type")
            }
            // Some converters declare <unk> a control token, but SentencePiece needs exactly one unknown piece.
            if id == unknown { kind = .unknown } else if kind == .unknown { kind = .control }
            pieces.append(.init(text: Self.piece(tokens[id], kind: kind), score: scores[id], kind: kind))
        }
        return SentencePieceModel(pieces: pieces, settings: settings, addsSpacePrefix: addsSpacePrefix)
    }

    var specialIDs: [(key: String, id: TokenID)] {
        [
            ("bos_token_id", beginningOfSequence), ("eos_token_id", endOfSequence),
            ("unknown_token_id", unknown),
            ("eot_token_id", endOfTurn),
        ].compactMap { key, id in id.map { (key, $0) } }
    }

    private func unknownID() throws(TokenizerError) -> Int {
        if let unknown { return Int(unknown) }
        if let id = types.firstIndex(of: 2) ?? tokens.firstIndex(of: "<unk>") { return id }
        throw TokenizerError(
            .badVocabulary,
            "tokenizer.ggml has no unknown token: no unknown_token_id, no token of type 2 and no <unk>")
    }

    /// The piece as SentencePiece spells it: converters write user-defined pieces with spaces instead of U+2581.
    private static func piece(_ token: String, kind: SentencePieceModel.Piece.Kind) -> [UInt8] {
        if kind != .userDefined { return Array(token.utf8) }
        return token.utf8.flatMap { $0 == UInt8(ascii: " ") ? SentencePieceModel.space : [$0] }
    }

    private var settings: [UInt8] {
        var trainer = ProtobufWriter()
        trainer.varint(2, field: 3)  // model_type: BPE
        trainer.varint(1, field: 35)  // byte_fallback
        var normalizer = ProtobufWriter()
        normalizer.message("identity".utf8, field: 1)  // name
        normalizer.varint(addsSpacePrefix ? 1 : 0, field: 3)  // add_dummy_prefix
        normalizer.varint(0, field: 4)  // remove_extra_whitespaces
        normalizer.varint(1, field: 5)  // escape_whitespaces
        var settings = ProtobufWriter()
        settings.message(trainer.bytes, field: 2)
        settings.message(normalizer.bytes, field: 3)
        return settings.bytes
    }
}

extension SentencePieceModel {
    /// U+2581 in UTF-8, which stands for a space in pieces.
    static let space: [UInt8] = Array("\u{2581}".utf8)
}
