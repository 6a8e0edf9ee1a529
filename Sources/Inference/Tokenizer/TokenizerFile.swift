/// Hugging Face's `tokenizer.json`, as far as Gemma's need it: a BPE model with byte fallback over text whose spaces
/// are replaced by U+2581.
struct TokenizerFile {
    private var modelType = "BPE"
    private var vocabulary: [(token: [UInt8], id: Int)] = []
    private var merged: [[UInt8]] = []
    private var hasByteFallback = false
    private var unknown: [UInt8]?
    private var added: [AddedToken] = []
    private var normalizers: [Step] = []
    private var preTokenizers: [Step] = []

    private struct AddedToken {
        var id = -1
        var content: [UInt8] = []
        var isSpecial = false
        var isNormalized = false
    }

    /// A normaliser or pre-tokenizer.
    private struct Step {
        var type = ""
        var pattern: [UInt8]?
        var content: [UInt8]?
    }

    /// Far more tokens than any vocabulary has.
    private static let tokenLimit = 1 << 24

    /// The vocabulary of a file, in the form of a GGUF file's.
    ///
    /// Throws `malformed` if the file is not a `tokenizer.json`, `badVocabulary` if its vocabulary cannot be used.
    static func vocabulary(_ path: String) throws(TokenizerError) -> GGUFVocabulary {
        let bytes = try readModelFile(path)
        var file = TokenizerFile()
        do throws(JSONReader.Failure) {
            var reader = JSONReader(bytes)
            try file.read(&reader)
            try reader.end()
        } catch {
            throw TokenizerError(
                .malformed, "this is not a tokenizer.json: line \(error.line): \(error.what)")
        }
        return try file.ggufVocabulary()
    }

    // MARK: Reading

    private mutating func read(_ reader: inout JSONReader) throws(JSONReader.Failure) {
        try reader.object { (reader, name) throws(JSONReader.Failure) in
            switch String(decoding: name, as: UTF8.self) {
            case "model": try readModel(&reader)
            case "added_tokens":
                try reader.array { (reader) throws(JSONReader.Failure) in try readAddedToken(&reader) }
            case "normalizer": try Self.read(&normalizers, &reader)
            case "pre_tokenizer": try Self.read(&preTokenizers, &reader)
            default: try reader.skip()
            }
        }
    }

    private mutating func readModel(_ reader: inout JSONReader) throws(JSONReader.Failure) {
        try reader.object { (reader, name) throws(JSONReader.Failure) in
            switch String(decoding: name, as: UTF8.self) {
            case "type": modelType = String(decoding: try reader.string(), as: UTF8.self)
            case "unk_token" where try reader.kind() == .string: unknown = try reader.string()
            case "byte_fallback": hasByteFallback = try reader.boolean()
            case "vocab":
                try reader.object { (reader, token) throws(JSONReader.Failure) in
                    vocabulary.append((token, try Self.id(&reader)))
                }
            case "merges":
                try reader.array { (reader) throws(JSONReader.Failure) in
                    merged.append(try Self.merge(&reader))
                }
            default: try reader.skip()
            }
        }
    }

    private static func id(_ reader: inout JSONReader) throws(JSONReader.Failure) -> Int {
        guard let id = Int(try reader.number()), (0..<tokenLimit).contains(id) else {
            throw reader.failure("a token's id is not a number from 0 to \(tokenLimit - 1)")
        }
        return id
    }

    /// The piece that a merge yields; it is stored as an array of two parts, or as one text with a space between them.
    private static func merge(_ reader: inout JSONReader) throws(JSONReader.Failure) -> [UInt8] {
        guard try reader.kind() == .array else {
            guard let piece = GGUFVocabulary.merged(try reader.string()) else {
                throw reader.failure("a merge is not two parts with a space between them")
            }
            return piece
        }
        var parts: [[UInt8]] = []
        try reader.array { (reader) throws(JSONReader.Failure) in parts.append(try reader.string()) }
        guard parts.count == 2, !parts.contains(where: \.isEmpty) else {
            throw reader.failure("a merge is not two parts")
        }
        return parts[0] + parts[1]
    }

    private mutating func readAddedToken(_ reader: inout JSONReader) throws(JSONReader.Failure) {
        var token = AddedToken()
        try reader.object { (reader, name) throws(JSONReader.Failure) in
            switch String(decoding: name, as: UTF8.self) {
            case "id": token.id = try Self.id(&reader)
            case "content": token.content = try reader.string()
            case "special": token.isSpecial = try reader.boolean()
            case "normalized": token.isNormalized = try reader.boolean()
            default: try reader.skip()
            }
        }
        guard token.id >= 0, !token.content.isEmpty else {
            throw reader.failure("an added token has no id or content")
        }
        added.append(token)
    }

    /// Reads a step, or the steps of a sequence.
    private static func read(_ steps: inout [Step], _ reader: inout JSONReader) throws(JSONReader.Failure) {
        guard try reader.kind() == .object else { return try reader.skip() }
        var step = Step()
        var inner: [Step]?
        try reader.object { (reader, name) throws(JSONReader.Failure) in
            switch String(decoding: name, as: UTF8.self) {
            case "type": step.type = String(decoding: try reader.string(), as: UTF8.self)
            case "content": step.content = try reader.string()
            case "pattern" where try reader.kind() == .object:
                try reader.object { (reader, name) throws(JSONReader.Failure) in
                    let isText = name == Array("String".utf8)
                    if isText { step.pattern = try reader.string() } else { try reader.skip() }
                }
            case "normalizers", "pretokenizers":
                var found: [Step] = []
                try reader.array { (reader) throws(JSONReader.Failure) in try read(&found, &reader) }
                inner = found
            default: try reader.skip()
            }
        }
        steps += inner ?? [step]
    }

    // MARK: Meaning

    private func ggufVocabulary() throws(TokenizerError) -> GGUFVocabulary {
        try checkForm()
        let entries = vocabulary + added.map { ($0.content, $0.id) }
        var tokens = [[UInt8]?](repeating: nil, count: entries.reduce(0) { max($0, $1.id + 1) })
        for (token, id) in entries {
            guard tokens[id] == nil || tokens[id] == token else {
                throw TokenizerError(
                    .badVocabulary, "two tokens have the id \(id): get the model again")
            }
            tokens[id] = token
        }
        if let missing = tokens.firstIndex(where: { $0 == nil }) {
            throw TokenizerError(
                .badVocabulary, "there is no token with the id \(missing): get the model again")
        }
        let texts = tokens.map { String(decoding: $0 ?? [], as: UTF8.self) }
        var types = texts.map { Self.isByte($0) ? Int32(6) : 1 }
        for token in added where types[token.id] == 1 {
            // Added tokens are found before spaces are replaced, so those with U+2581 never are.
            let isFound = token.isNormalized || !texts[token.id].contains("\u{2581}")
            types[token.id] = token.isSpecial ? 3 : isFound ? 4 : 1
        }
        let unknown = unknown.flatMap { unknown in entries.first { $0.token == unknown }?.id }
        return GGUFVocabulary(
            tokens: texts, scores: Array(repeating: 0, count: texts.count), types: types, merged: merged,
            unknown: unknown.flatMap(TokenID.init(exactly:)))
    }

    private func checkForm() throws(TokenizerError) {
        guard modelType == "BPE", hasByteFallback else {
            throw TokenizerError(
                .badVocabulary,
                "the model is \(modelType)\(hasByteFallback ? "" : " without byte_fallback"); Gemma's is BPE with "
                    + "byte_fallback")
        }
        guard !merged.isEmpty else { throw TokenizerError(.badVocabulary, "the model has no merges") }
        let space = Array(" ".utf8)
        guard normalizers.count == 1, normalizers[0].type == "Replace", normalizers[0].pattern == space,
            normalizers[0].content == SentencePieceModel.space
        else {
            throw TokenizerError(
                .badVocabulary, "the normalizer does not just replace spaces by U+2581, as Gemma's does")
        }
        if let other = preTokenizers.first(where: { $0.type != "Split" || $0.pattern != space }) {
            throw TokenizerError(
                .badVocabulary, "the pre_tokenizer is \(other.type); Gemma's splits at spaces, if at all")
        }
    }

    /// Whether a token is spelled like a byte, for example `<0x0A>`.
    private static func isByte(_ token: String) -> Bool {
        token.utf8.count == 6 && token.hasPrefix("<0x") && token.hasSuffix(">")
            && UInt8(token.dropFirst(3).dropLast(), radix: 16) != nil
    }
}
