/// Turns a JSON Schema into grammar nodes, and refuses what a grammar cannot enforce, with its path in the schema.
struct SchemaReader {
    private(set) var nodes: [GrammarNode] = []
    private let root: OrderedJSON
    /// References that are being followed, to detect one that leads back to itself and would never end.
    private var following: [String] = []
    private var arrayDepth = 0

    static let nodeLimit = 10_000
    static let arrayDepthLimit = 8
    static let countLimit = 60_000

    private static let annotations: Set = [
        "$schema", "$id", "$comment", "$defs", "definitions", "title", "description", "default", "examples",
        "deprecated",
    ]
    private static let keywords: [String: Set<String>] = [
        "object": ["properties", "required", "additionalProperties"],
        "array": ["items", "minItems", "maxItems"],
        "string": ["minLength", "maxLength"],
        "integer": ["minimum", "maximum"],
        "boolean": [], "null": [],
    ]

    init(_ root: OrderedJSON) { self.root = root }

    /// Reads the whole schema; returns the node of the document.
    mutating func document() throws(GrammarError) -> Int { try read(root, path: "#") }

    private func refusal(_ path: String, _ what: String) -> GrammarError {
        GrammarError(.unsupported, "schema, at \(path): \(what)")
    }

    private mutating func add(_ node: GrammarNode, path: String) throws(GrammarError) -> Int {
        guard nodes.count < Self.nodeLimit else {
            throw refusal(path, "the schema is too large: more than \(Self.nodeLimit) parts")
        }
        nodes.append(node)
        return nodes.count - 1
    }

    private mutating func read(_ schema: OrderedJSON, path: String) throws(GrammarError) -> Int {
        guard case .object(let members) = schema else {
            throw refusal(path, "a schema has to be an object, not \(schema.typeName)")
        }
        let given = Dictionary(uniqueKeysWithValues: members.map { ($0.name, $0.value) })
            .filter { !Self.annotations.contains($0.key) }
        for name in ["$ref", "anyOf", "oneOf"] where given[name] != nil {
            if let other = given.keys.sorted().first(where: { $0 != name }) {
                throw refusal(path, "'\(other)' cannot be combined with '\(name)'")
            }
        }
        if let reference = given["$ref"] { return try follow(reference, path: path) }
        if let alternatives = given["anyOf"] {
            return try choice(among: alternatives, path: path + "/anyOf")
        }
        // The alternatives begin with different bytes, so at most one of them matches, as `oneOf` demands.
        if let alternatives = given["oneOf"] {
            return try choice(among: alternatives, path: path + "/oneOf")
        }
        if given["enum"] != nil || given["const"] != nil { return try literal(given, path: path) }
        return try typed(given, path: path)
    }

    private mutating func follow(_ reference: OrderedJSON, path: String) throws(GrammarError) -> Int {
        guard case .string(let text) = reference, text.hasPrefix("#/") else {
            throw refusal(path, "'$ref' has to point into this schema, such as '#/$defs/name'")
        }
        guard !following.contains(text) else {
            throw refusal(path, "'\(text)' contains itself; only documents of a bounded depth are supported")
        }
        var target = root
        for part in text.dropFirst(2).split(separator: "/", omittingEmptySubsequences: false) {
            let name = part.replacing("~1", with: "/").replacing("~0", with: "~")
            guard case .object(let members) = target,
                let next = members.first(where: { $0.name == name })?.value
            else { throw refusal(path, "'\(text)' leads nowhere") }
            target = next
        }
        following.append(text)
        defer { following.removeLast() }
        return try read(target, path: text)
    }

    private func types(_ given: [String: OrderedJSON], path: String) throws(GrammarError) -> [String]? {
        guard let type = given["type"] else { return nil }
        let names: [OrderedJSON] = if case .array(let list) = type { list } else { [type] }
        var types: [String] = []
        for name in names {
            guard case .string(let text) = name, Self.keywords[text] != nil else {
                let known = Self.keywords.keys.sorted().joined(separator: ", ")
                throw refusal(path, "type \(name.spelling) is not supported; use one of: \(known)")
            }
            types.append(text)
        }
        guard !types.isEmpty, Set(types).count == types.count else {
            throw refusal(path, "'type' has to name at least one type, and each only once")
        }
        return types
    }

    private mutating func typed(_ given: [String: OrderedJSON], path: String) throws(GrammarError) -> Int {
        guard let types = try types(given, path: path) else {
            throw refusal(path, "'type' is missing (or 'enum', 'const', 'anyOf', 'oneOf', '$ref')")
        }
        let known = types.reduce(into: Set(["type"])) { $0.formUnion(Self.keywords[$1] ?? []) }
        if let other = given.keys.sorted().first(where: { !known.contains($0) }) {
            throw refusal(
                path, "'\(other)' is not supported here; use: \(known.sorted().joined(separator: ", "))"
            )
        }
        var nodes: [Int] = []
        for type in types {
            switch type {
            case "object": nodes.append(try object(given, path: path))
            case "array": nodes.append(try array(given, path: path))
            case "string": nodes.append(try string(given, path: path))
            case "integer": nodes.append(try integer(given, path: path))
            case "boolean": nodes.append(try literal(of: [.boolean(true), .boolean(false)], path: path))
            default: nodes.append(try literal(of: [.null], path: path))
            }
        }
        return nodes.count == 1 ? nodes[0] : try choice(of: nodes, path: path)
    }

    private mutating func choice(
        among alternatives: OrderedJSON, path: String
    ) throws(GrammarError) -> Int {
        guard case .array(let schemas) = alternatives, !schemas.isEmpty else {
            throw refusal(path, "a list of schemas was expected")
        }
        var nodes: [Int] = []
        for (index, schema) in schemas.enumerated() {
            nodes.append(try read(schema, path: "\(path)/\(index)"))
        }
        return nodes.count == 1 ? nodes[0] : try choice(of: nodes, path: path)
    }

    private mutating func choice(of alternatives: [Int], path: String) throws(GrammarError) -> Int {
        var byFirst: [UInt8: Int] = [:]
        for node in alternatives {
            for byte in nodes[node].firstBytes where byFirst.updateValue(node, forKey: byte) != nil {
                let letter = String(Unicode.Scalar(byte))
                throw refusal(
                    path,
                    "two alternatives begin with '\(letter)': each needs a first character of its own "
                        + "(for fixed texts use one 'enum')")
            }
        }
        let nearest = alternatives.min { nodes[$0].shortest < nodes[$1].shortest } ?? alternatives[0]
        // An alternative such as a number can begin with several bytes; this is the one of its shortest value.
        let node = try add(
            GrammarNode(
                form: .choice(byFirst, nearest: nearestFirstByte(of: nearest)),
                shortest: nodes[nearest].shortest,
                longestRest: alternatives.map { nodes[$0].longestRest }.max() ?? 0), path: path)
        for alternative in alternatives { nodes[alternative].parent = node }
        return node
    }

    private func nearestFirstByte(of node: Int) -> UInt8 {
        let byte: UInt8? =
            switch nodes[node].form {
            case .literal(let trie): trie.nearestByte(from: 0)
            case .integer(let form): form.nearestByte(.start, 0)
            case .choice(_, let nearest): nearest
            case .string, .array, .object: nodes[node].firstBytes.first
            }
        guard let byte else { preconditionFailure("no byte can begin this value") }
        return byte
    }

    private mutating func literal(_ given: [String: OrderedJSON], path: String) throws(GrammarError) -> Int {
        if let other = given.keys.sorted().first(where: { !["enum", "const", "type"].contains($0) }) {
            throw refusal(path, "'\(other)' cannot be combined with fixed values")
        }
        guard given["enum"] == nil || given["const"] == nil else {
            throw refusal(path, "'enum' and 'const' cannot be combined")
        }
        var values = given["const"].map { [$0] } ?? []
        if let list = given["enum"] {
            guard case .array(let items) = list, !items.isEmpty else {
                throw refusal(path, "'enum' has to be a list of at least one value")
            }
            values = items
        }
        if let types = try types(given, path: path) {
            let other = values.first { value in
                let isInteger = value.integer != nil && types.contains("integer")
                return !isInteger && !types.contains(value.typeName)
            }
            if let other { throw refusal(path, "\(other.spelling) is not of type \(types)") }
        }
        return try literal(of: values, path: path)
    }

    private mutating func literal(of values: [OrderedJSON], path: String) throws(GrammarError) -> Int {
        let texts = values.enumerated().map { (Array($0.element.spelling.utf8), $0.offset, 0) }
        let trie = LiteralTrie(texts)
        return try add(
            GrammarNode(
                form: .literal(trie), shortest: trie.nodes[0].distance,
                longestRest: texts.map(\.0.count).max() ?? 0), path: path)
    }

    /// The value of a keyword that counts, such as `maxItems`; nil if it is not given.
    private func count(
        _ name: String, _ given: [String: OrderedJSON], path: String
    ) throws(GrammarError) -> Int? {
        guard let value = given[name] else { return nil }
        guard let count = value.integer, (0...Self.countLimit).contains(count) else {
            throw refusal(path, "'\(name)' has to be a whole number from 0 to \(Self.countLimit)")
        }
        return count
    }

    private func check(
        _ minimum: Int, _ maximum: Int?, _ names: String, path: String
    ) throws(GrammarError) {
        guard let maximum, maximum < minimum else { return }
        throw refusal(path, "nothing fits: \(names) is \(minimum) and \(maximum)")
    }

    private mutating func string(_ given: [String: OrderedJSON], path: String) throws(GrammarError) -> Int {
        let form = StringForm(
            minimum: try count("minLength", given, path: path) ?? 0,
            maximum: try count("maxLength", given, path: path))
        try check(form.minimum, form.maximum, "minLength, maxLength", path: path)
        return try add(
            GrammarNode(
                form: .string(form), shortest: form.minimum + 2,
                longestRest: form.minimum + StringForm.longestRest), path: path)
    }

    private mutating func integer(_ given: [String: OrderedJSON], path: String) throws(GrammarError) -> Int {
        var form = IntegerForm()
        for (name, field) in [("minimum", \IntegerForm.minimum), ("maximum", \IntegerForm.maximum)] {
            guard let value = given[name] else { continue }
            guard let bound = value.integer, (-IntegerForm.limit...IntegerForm.limit).contains(bound) else {
                throw refusal(
                    path, "'\(name)' has to be a whole number of at most 17 digits, not \(value.spelling)")
            }
            form[keyPath: field] = bound
        }
        form.minimum = given["minimum"] == nil ? min(form.minimum, form.maximum) : form.minimum
        form.maximum = given["maximum"] == nil ? max(form.minimum, form.maximum) : form.maximum
        try check(form.minimum, form.maximum, "minimum, maximum", path: path)
        let shortest = form.missingDigits(.start, 0) ?? 0
        return try add(GrammarNode(form: .integer(form), shortest: shortest, longestRest: 20), path: path)
    }

    private mutating func array(_ given: [String: OrderedJSON], path: String) throws(GrammarError) -> Int {
        guard let items = given["items"] else { throw refusal(path, "'items' is missing") }
        guard arrayDepth < Self.arrayDepthLimit else {
            throw refusal(path, "arrays are nested more than \(Self.arrayDepthLimit) deep")
        }
        let minimum = try count("minItems", given, path: path) ?? 0
        let maximum = try count("maxItems", given, path: path)
        try check(minimum, maximum, "minItems, maxItems", path: path)
        let depth = arrayDepth
        arrayDepth += 1
        defer { arrayDepth -= 1 }
        let item = try read(items, path: path + "/items")
        let required = minimum * (nodes[item].shortest + 1)
        let node = try add(
            GrammarNode(
                form: .array(.init(item: item, minimum: minimum, maximum: maximum, depth: depth)),
                shortest: max(2, required + 1), longestRest: required + 2 + nodes[item].longestRest),
            path: path)
        nodes[item].parent = node
        return node
    }

    private mutating func object(_ given: [String: OrderedJSON], path: String) throws(GrammarError) -> Int {
        guard given["additionalProperties"] == .boolean(false) else {
            throw refusal(path, "'additionalProperties' has to be false")
        }
        let members = try properties(given, path: path)
        let required = try required(given, among: members, path: path)
        var properties: [GrammarNode.Property] = []
        for member in members {
            let node = try read(member.value, path: path + "/properties/" + member.name)
            properties.append(
                .init(
                    spelling: Array((OrderedJSON.spelling(of: member.name) + ":").utf8), node: node,
                    isRequired: required.contains(member.name)))
        }
        return try object(properties, path: path)
    }

    private func properties(
        _ given: [String: OrderedJSON], path: String
    ) throws(GrammarError) -> [OrderedJSON.Member] {
        guard let value = given["properties"] else { return [] }
        guard case .object(let members) = value else {
            throw refusal(path, "'properties' has to be an object")
        }
        return members
    }

    private func required(
        _ given: [String: OrderedJSON], among members: [OrderedJSON.Member], path: String
    ) throws(GrammarError) -> Set<String> {
        guard let value = given["required"] else { return [] }
        guard case .array(let names) = value else { throw refusal(path, "'required' has to be a list") }
        var found: Set<String> = []
        for name in names {
            guard case .string(let text) = name, members.contains(where: { $0.name == text }) else {
                throw refusal(path, "'required' names \(name.spelling), which is not among the properties")
            }
            found.insert(text)
        }
        return found
    }

    private mutating func object(
        _ properties: [GrammarNode.Property], path: String
    ) throws(GrammarError) -> Int {
        func bytes(of index: Int) -> Int {
            properties[index].spelling.count + nodes[properties[index].node].shortest
        }
        // Computed from the last property back: the fewest bytes, with the brace, that close the object after each one.
        var rests = [1]
        for property in properties.indices.reversed() {
            rests.insert(
                properties[property].isRequired ? rests[0] + bytes(of: property) + 1 : rests[0], at: 0)
        }
        let names = properties.indices.map { first in
            let last = properties[first...].firstIndex(where: \.isRequired) ?? properties.count - 1
            return LiteralTrie(
                (first...last).map {
                    let cost = nodes[properties[$0].node].shortest + rests[$0 + 1]
                    return (properties[$0].spelling, $0, cost)
                })
        }
        let longest = properties.map { $0.spelling.count + 1 + nodes[$0.node].longestRest }.max() ?? 0
        let shortest = 1 + rests[0] - (rests[0] > 1 ? 1 : 0)
        let node = try add(
            GrammarNode(
                form: .object(.init(properties: properties, names: names)), shortest: shortest,
                longestRest: 2 + rests[0] + longest), path: path)
        for (index, property) in properties.enumerated() {
            nodes[property.node].parent = node
            nodes[property.node].property = index
        }
        return node
    }
}
