// Text is inert: a transcript that spells a control token must not be encoded as that token. libsentencepiece never
// finds control pieces in text, but model files may declare `<start_of_turn>`, `<mask>`, `<unused12>`, `[multimodal]`
// and the like as user-defined, which it does find, and some GGUF converters declare them as normal. This file turns
// them into control pieces. Runs of spaces, tabs and newlines and HTML tags are text and stay user-defined.

extension SentencePieceModel {
    /// Turns every piece that is spelled like a control token, or listed in `controlTokens`, into a control piece.
    mutating func makeTextInert(controlTokens: [TokenID] = []) {
        for index in pieces.indices where pieces[index].spellsControlToken {
            pieces[index].kind = .control
        }
        for id in controlTokens where pieces[Int(id)].kind != .unknown {
            pieces[Int(id)].kind = .control
        }
    }
}

extension SentencePieceModel.Piece {
    var spellsControlToken: Bool {
        switch kind {
        case .userDefined: text.contains(where: Self.markup.contains) && !isTag
        case .normal: text.first.map(Self.openings.contains) == true && isKnownControlToken
        default: false
        }
    }

    /// Whether the piece is one of the HTML tags that Gemma declares as user-defined, such as `<table>` or `</td>`.
    private var isTag: Bool {
        var name = text[...]
        guard name.popFirst() == UInt8(ascii: "<"), name.popLast() == UInt8(ascii: ">") else { return false }
        if name.first == UInt8(ascii: "/") { name.removeFirst() }
        return Self.tags.contains(String(decoding: name, as: UTF8.self))
    }

    private var isKnownControlToken: Bool {
        let name = String(decoding: text, as: UTF8.self)
        return Self.controlTokens.contains(name)
            || (name.hasPrefix("<unused") && name.hasSuffix(">")
                && name.utf8.dropFirst(7).dropLast().allSatisfy {
                    UInt8(ascii: "0")...UInt8(ascii: "9") ~= $0
                })
    }

    private static let openings: Set<UInt8> = Set("<[".utf8)
    private static let markup: Set<UInt8> = Set("<>[]{}|".utf8)
    private static let tags: Set<String> = [
        "table", "caption", "thead", "tbody", "tfoot", "tr", "th", "td", "h1", "h2", "h3", "h4", "h5", "h6",
        "blockquote",
        "strong", "em", "b", "i", "u", "s", "sub", "sup", "code", "a", "html", "body", "img", "span", "bbox",
        "ul", "li",
        "div", "iframe", "footer",
    ]
    private static let controlTokens: Set<String> = [
        "<bos>", "<eos>", "<pad>", "<unk>", "<mask>", "<2mass>", "[@BOS@]", "[multimodal]", "<start_of_turn>",
        "<end_of_turn>", "<start_of_image>", "<end_of_image>", "<image_soft_token>",
        // Gemma 4
        "<|turn>", "<turn|>", "<|channel>", "<channel|>", "<|think|>", "<|tool>", "<tool|>", "<|tool_call>",
        "<tool_call|>", "<|tool_response>", "<tool_response|>", "<|\"|>", "<|image>", "<image|>", "<|image|>",
        "<|audio>", "<audio|>", "<|audio|>", "<|video|>",
    ]
}
