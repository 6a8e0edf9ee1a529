// The parts of SentencePiece's ModelProto that this module reads or writes; everything else in a model file is passed
// on unchanged. Field numbers: sentencepiece_model.proto of libsentencepiece.

/// A SentencePiece model as plain values.
struct SentencePieceModel {
    /// One entry of the vocabulary; its index is the token's id.
    struct Piece {
        /// The kind of a piece; ModelProto and GGUF's token types use the same numbers.
        enum Kind: UInt64 {
            case normal = 1
            case unknown, control, userDefined, unused, byte
        }

        /// The piece in UTF-8, with U+2581 for spaces.
        var text: [UInt8]
        var score: Float
        var kind: Kind
    }

    var pieces: [Piece]
    /// All other fields of the ModelProto, such as trainer and normalizer settings, serialized.
    var settings: [UInt8]
    /// Whether encoding puts a space before the text; Gemma's vocabularies do not.
    var addsSpacePrefix: Bool

    /// The model as a serialized ModelProto.
    func serialized() -> [UInt8] {
        var model = ProtobufWriter()
        for piece in pieces {
            var entry = ProtobufWriter()
            entry.message(piece.text, field: 1)
            entry.float(piece.score, field: 2)
            entry.varint(piece.kind.rawValue, field: 3)
            model.message(entry.bytes, field: 1)
        }
        return model.bytes + settings
    }
}

extension SentencePieceModel {
    /// Parses a ModelProto.
    ///
    /// Throws `malformed` if the bytes are not one, or if a part that every model has is missing.
    init(serialized: [UInt8]) throws(TokenizerError) {
        self.init(pieces: [], settings: [], addsSpacePrefix: true)
        var settings = ProtobufWriter()
        // If one of these is missing, the file was cut off between two fields.
        var missing = [2: "trainer_spec", 3: "normalizer_spec"]
        var reader = ProtobufReader(serialized[...], name: "the model")
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1, .bytes(let entry)): pieces.append(try Self.piece(entry, index: pieces.count))
            case (4, _): break  // self_test_data, whose ids no longer hold once text is inert
            case (_, .bytes(let content)):
                settings.message(content, field: field)
                missing[field] = nil
                if field == 3 { addsSpacePrefix = try Self.addsSpacePrefix(normalizer: content) }
            default: break  // ModelProto has messages only
            }
        }
        for (_, name) in missing {
            throw TokenizerError(
                .malformed, "the model has no \(name): this is not a SentencePiece model, or it is damaged")
        }
        self.settings = settings.bytes
    }

    private static func piece(_ entry: ArraySlice<UInt8>, index: Int) throws(TokenizerError) -> Piece {
        var piece = Piece(text: [], score: 0, kind: .normal)
        var reader = ProtobufReader(entry, name: "piece \(index)")
        while let (field, value) = try reader.next() {
            switch (field, value) {
            case (1, .bytes(let text)): piece.text = Array(text)
            case (2, .fixed32(let bits)): piece.score = Float(bitPattern: bits)
            case (3, .varint(let number)):
                guard let kind = Piece.Kind(rawValue: number) else {
                    throw TokenizerError(
                        .malformed, "piece \(index) is of type \(number), which SentencePiece lacks")
                }
                piece.kind = kind
            default: break
            }
        }
        return piece
    }

    private static func addsSpacePrefix(normalizer: ArraySlice<UInt8>) throws(TokenizerError) -> Bool {
        var adds = true  // the format's default
        var reader = ProtobufReader(normalizer, name: "normalizer_spec")
        while let (field, value) = try reader.next() {
            if case (3, .varint(let number)) = (field, value) { adds = number != 0 }
        }
        return adds
    }
}
