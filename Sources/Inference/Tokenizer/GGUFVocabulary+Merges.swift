import Files

// Gemma 4's vocabularies come with a list of merges, best first, and scores that say nothing. libsentencepiece merges
// the pair whose piece has the highest score, so each piece gets the rank of the first merge that yields it. Both then
// find the same tokens as long as the list has every way to put a piece together from two others, as Gemma's has.

extension GGUFVocabulary {
    /// Replaces the scores by those that follow from ``merged``, and takes pieces that no merge yields out of the
    /// vocabulary that text is encoded with.
    ///
    /// Throws `badVocabulary` if a merge yields something that is not a token, or if many merges are missing.
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
        var listed = [Int](repeating: 0, count: tokens.count)
        for (rank, piece) in merged.enumerated() {
            guard let id = ids[Self.hash(piece)], tokens[id].utf8.elementsEqual(piece) else {
                throw TokenizerError(
                    .badVocabulary,
                    "merge \(rank) yields \(String(decoding: piece, as: UTF8.self).debugDescription), which is no "
                        + "token: get the model again")
            }
            if ranks[id] == nil { ranks[id] = rank }
            listed[id] += 1
        }
        try checkCompleteness(listed, ids)
        for id in tokens.indices where types[id] == 1 {
            scores[id] = -Float(ranks[id] ?? 1 << 24)
            if ranks[id] == nil, tokens[id].unicodeScalars.count > 1 { types[id] = 5 }
        }
    }

    /// Throws `badVocabulary` if many ways to put a token together from two others are not in the list.
    ///
    /// libsentencepiece takes all of them, and a token without any would never be found. Converters may leave out a few
    /// tokens, which matters in rare texts only; a list that is cut off lacks many. To spend little time at each start,
    /// some tokens are taken, evenly spread.
    ///
    /// - Parameters:
    ///   - listed: how many merges yield each token.
    ///   - ids: the tokens by their hash.
    private func checkCompleteness(_ listed: [Int], _ ids: [UInt64: Int]) throws(TokenizerError) {
        func isPart(_ piece: ArraySlice<UInt8>) -> Bool {
            ids[XXHash64.hash(piece)].map { types[$0] == 1 } ?? false
        }
        var (wanted, missing) = (0, 0)
        var example: String?
        for id in stride(from: 0, to: tokens.count, by: Self.checkedSpacing) where types[id] == 1 {
            let piece = Array(tokens[id].utf8)
            // A part begins with a whole character.
            let ways = piece.indices.dropFirst().count { cut in
                piece[cut] & 0xC0 != 0x80 && isPart(piece[..<cut]) && isPart(piece[cut...])
            }
            wanted += ways
            guard listed[id] < ways else { continue }
            missing += ways - listed[id]
            example = example ?? tokens[id]
        }
        guard let example, missing * Self.missingLimit > wanted else { return }
        throw TokenizerError(
            .badVocabulary,
            "the list of merges is not complete: of \(wanted) that were looked for, \(missing) are missing, for "
                + "example for \(example.debugDescription): get the model again")
    }

    /// Every so many tokens are looked at.
    private static let checkedSpacing = 16
    /// One in so many merges may be missing.
    private static let missingLimit = 100

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
