/// One place for a value in the documents of a grammar, and the values that are allowed there.
struct GrammarNode {
    enum Form {
        /// One of some fixed texts.
        case literal(LiteralTrie)
        case string(StringForm)
        case integer(IntegerForm)
        case array(ArrayForm)
        case object(ObjectForm)
        /// One of several alternatives, each with first bytes that no other has.
        case choice([UInt8: Int], nearest: UInt8)
    }

    struct ArrayForm {
        var item: Int
        var minimum: Int
        var maximum: Int?
        /// How many arrays enclose this one.
        var depth: Int
    }

    /// Properties in a fixed order; those that are not required may be left out.
    struct ObjectForm {
        var properties: [Property]
        /// For each property the names that may come next when it is its turn: its own, and those after it up to the
        /// next required one.
        var names: [LiteralTrie]

        /// Whether the object may end before property `index`.
        func mayEnd(before index: Int) -> Bool { !properties[index...].contains(where: \.isRequired) }
    }

    struct Property {
        /// The name in quotes, followed by the colon.
        var spelling: [UInt8]
        var node: Int
        var isRequired: Bool
    }

    var form: Form
    /// The node that contains this one; -1 for the document itself.
    var parent = -1
    /// Its index among the properties of the object that contains it.
    var property = 0
    /// How many bytes the shortest value has.
    var shortest: Int
    /// The most bytes that it takes to complete the value from any state inside it.
    var longestRest: Int

    /// The bytes that a value may begin with.
    var firstBytes: [UInt8] {
        switch form {
        case .literal(let trie): trie.firstBytes
        case .string: [UInt8(ascii: "\"")]
        case .integer(let form): "-0123456789".utf8.filter { form.next(.start, 0, $0) != nil }
        case .array: [UInt8(ascii: "[")]
        case .object: [UInt8(ascii: "{")]
        case .choice(let nodes, _): Array(nodes.keys)
        }
    }
}
