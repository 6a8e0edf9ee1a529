import Files

// Gemma 4's vocabularies come with a list of merges, best first, and scores that say nothing. libsentencepiece merges
// the pair whose piece has the highest score, so each piece gets the rank of the first merge that yields it. Both then
// find the same tokens as long as the list has every way to put a piece together from two others, as Gemma's has.

extension GGUFVocabulary {
    /// Replaces the scores by those that follow from ``merged``, and takes pieces that no merge yields out of the
    /// vocabulary that text is encoded with.
    ///
    /// Throws `badVocabulary` if a merge yields something that is not a token.
    mutating func rankByMerges() throws(TokenizerError) {
        guard let merged else { return }
        var ids: [UInt64: Int] = [:]
        ids.reserveCapacity(tokens.count)
        for (id, token) in tokens.enumerated() { ids[Self.hash(Array(token.utf8))] = id }
        // Scores are floats, which hold whole numbers up to this exactly.
        guard merged.count < 1 << 24 else {
            throw TokenizerError(.badVocabulary, "tokenizer.ggml.merges has \(merged.count) merges: too many")
        }
        var ranks = [Int?](repeating: nil, count: tokens.count)
        for (rank, piece) in merged.enumerated() {
            guard let id = ids[Self.hash(piece)], tokens[id].utf8.elementsEqual(piece) else {
                throw TokenizerError(
                    .badVocabulary,
                    "merge \(rank) yields \(String(decoding: piece, as: UTF8.self).debugDescription), which is no "
                        + "token: get the model again")
            }
            if ranks[id] == nil { ranks[id] = rank }
        }
        for id in tokens.indices where types[id] == 1 {
            scores[id] = -Float(ranks[id] ?? 1 << 24)
            if ranks[id] == nil, tokens[id].unicodeScalars.count > 1 { types[id] = 5 }
        }
    }

    private static func hash(_ piece: [UInt8]) -> UInt64 { XXHash64.hash(piece[...]) }

    /// The pieces that merges yield, from merges as GGUF files have them: the two parts with a space between them.
    package static func merged(_ merges: [[UInt8]]) throws(TokenizerError) -> [[UInt8]] {
        var pieces: [[UInt8]] = []
        pieces.reserveCapacity(merges.count)
        for (rank, merge) in merges.enumerated() {
            guard let piece = merged(merge) else {
                throw TokenizerError(
                    .badVocabulary,
                    "merge \(rank) is \(String(decoding: merge, as: UTF8.self).debugDescription), not two parts "
                        + "with a space between them: get the model again")
            }
            pieces.append(piece)
        }
        return pieces
    }

    /// The piece that a merge yields; nil if the merge is not two parts with a space between them.
    static func merged(_ merge: [UInt8]) -> [UInt8]? {
        // A part may itself begin with a space, though Gemma's have U+2581.
        guard let space = merge.dropFirst().firstIndex(of: UInt8(ascii: " ")) else { return nil }
        return Array(merge[..<space] + merge[(space + 1)...])
    }
}
