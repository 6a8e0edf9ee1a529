import Language

/// How the model's context is shared out, in tokens.
struct PromptBudget: Equatable {
    /// For the summaries of earlier parts.
    let earlier: Int
    /// For a window's utterances.
    let window: Int
    /// For the parts' summaries when one of all is asked for.
    let parts: Int
    /// For a window's answer.
    let windowAnswer: Int
    /// For the answer of the whole.
    let overallAnswer: Int

    /// Below this a window holds a few sentences only, and no summary of it is worth having.
    static let leastWindowTokens = 96

    /// Throws a refusal if the model's context is too short.
    init(model: any LanguageModel, prompts: Prompts) throws {
        let context = model.profile.contextLength
        func tokens(_ pieces: [PromptPiece]) throws -> Int {
            try pieces.reduce(0) { sum, piece in
                if case .text(let text) = piece { try sum + model.tokenCount(of: text) } else { sum + 1 }
            }
        }
        // The numbers of late parts have more digits.
        let request = try max(
            tokens(prompts.longestWindowRequest), tokens(prompts.groupRequest),
            tokens(prompts.overallRequest))
        let opening = try model.tokenCount(of: prompts.windowOpening(number: 99_999))
        let fixed = try tokens(prompts.instructions) + request + opening
        windowAnswer = min(prompts.template.windowTokens, context / 8)
        overallAnswer = min(prompts.template.overallTokens, context / 8)
        let available = context - fixed - max(windowAnswer, overallAnswer)
        earlier = max(0, min(prompts.template.earlierTokens, available / 3))
        window = available - earlier
        parts = available
        guard window >= Self.leastWindowTokens else {
            throw MinutesError(
                .contextTooShort,
                "a context of \(context) tokens leaves \(max(0, window)) for a window beside instructions "
                    + "and answer; set a context length of at least "
                    + "\(fixed + max(windowAnswer, overallAnswer) + 3 * Self.leastWindowTokens) tokens")
        }
    }
}

/// Cuts and packs texts to token limits.
struct TokenPacker {
    /// Tokens of a text as one prompt piece.
    let count: (String) throws -> Int

    /// A text and its tokens.
    struct Piece: Equatable {
        var text: String
        var tokens: Int
    }

    /// Packs pieces in order into groups of at most `limit` tokens; a larger piece gets a group of its own.
    static func packed<Content>(_ pieces: [Content], limit: Int, tokens: (Content) -> Int) -> [[Content]] {
        var groups: [[Content]] = []
        var used = 0
        for piece in pieces {
            let size = tokens(piece)
            if groups.isEmpty || used + size > limit {
                groups.append([piece])
                used = size
            } else {
                groups[groups.count - 1].append(piece)
                used += size
            }
        }
        return groups
    }

    /// Cuts `text` so that each part as `spell` writes it has at most `limit` tokens.
    ///
    /// Cuts at the sentence end nearest to the middle, else at a blank, else between two characters; the
    /// parts together are the whole text but for the blanks at the cuts.
    func cut(_ text: String, limit: Int, spell: (String) -> String) throws -> [Piece] {
        let spelled = spell(text)
        let tokens = try count(spelled)
        guard tokens > limit, let middle = Self.middle(of: text) else {
            return [Piece(text: spelled, tokens: tokens)]
        }
        let (left, right) = (text[..<middle].trimmingBlanks, text[middle...].trimmingBlanks)
        guard !left.isEmpty, !right.isEmpty else { return [Piece(text: spelled, tokens: tokens)] }
        return try cut(left, limit: limit, spell: spell) + cut(right, limit: limit, spell: spell)
    }

    /// The best place for a cut; nil if the text has a single character.
    private static func middle(of text: String) -> String.Index? {
        let length = text.utf8.count
        let centre = length / 2
        var sentence: (distance: Int, index: String.Index)?
        var blank: (distance: Int, index: String.Index)?
        var character: (distance: Int, index: String.Index)?
        var previous: Character?
        var offset = 0
        for index in text.indices {
            let current = text[index]
            if offset > 0 {
                let distance = abs(offset - centre)
                if current == " " {
                    if distance < blank?.distance ?? .max { blank = (distance, index) }
                    if let previous, ".?!…".contains(previous), distance < sentence?.distance ?? .max {
                        sentence = (distance, index)
                    }
                }
                if let previous, "。？！".contains(previous), distance < sentence?.distance ?? .max {
                    sentence = (distance, index)
                }
                if distance < character?.distance ?? .max { character = (distance, index) }
            }
            previous = current
            offset += current.utf8.count
        }
        // A sentence end far from the middle would cut off crumbs.
        if let sentence, sentence.distance <= length / 4 { return sentence.index }
        if let blank, blank.distance <= length / 4 { return blank.index }
        return sentence?.index ?? blank?.index ?? character?.index
    }
}
