/// How far a document has been written: everything that decides what may come next.
struct GrammarState: Hashable {
    /// The node of the value at hand; -1 after the document's end.
    var node: Int32
    /// How far that value has been spelled: a phase of its form, or a node of a trie.
    var phase: Int32 = 0
    /// Depends on the value's form: a string's characters so far, a number's magnitude, or an object's property.
    var value = 0
    /// How many items the enclosing arrays and the value itself have so far, the outermost first.
    var counts = SIMD8<UInt16>()

    static let end = Self(node: -1)
}
