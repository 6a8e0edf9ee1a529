/// One value of a document: what may stand there.
struct GrammarNode {
    enum Form {
        /// One of some fixed texts.
        case literal(LiteralTrie)
        case string(StringForm)
        case integer(IntegerForm)
        case array(ArrayForm)
        case object(ObjectForm)
        /// One of several, told apart by the first byte.
        case choice([UInt8: Int], nearest: UInt8)
    }

    struct ArrayForm {
        var item: Int
        var minimum: Int
        var maximum: Int?
        /// How many arrays it is in.
        var depth: Int
    }

    /// Properties in a fixed order, of which some may be left out.
    struct ObjectForm {
        var properties: [Property]
        /// For each property the names of those that may come next from there: itself, and what follows up to the next
        /// one that is required.
        var names: [LiteralTrie]

        /// Whether the object may end before property `index`.
        func mayEnd(before index: Int) -> Bool { !properties[index...].contains(where: \.isRequired) }
    }

    struct Property {
        /// The name in quotes, and the colon.
        var spelling: [UInt8]
        var node: Int
        var isRequired: Bool
    }

    var form: Form
    /// What it is part of; -1 for the document itself.
    var parent = -1
    /// Which of an object's properties it is.
    var property = 0
    /// Bytes of the shortest value.
    var shortest: Int
    /// No state inside has a shortest way to the value's end that is longer.
    var longestRest: Int

    /// Bytes that a value may begin with.
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
