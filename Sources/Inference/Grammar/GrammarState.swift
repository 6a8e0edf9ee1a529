/// How far a document is: all that decides what may come next.
struct GrammarState: Hashable {
    /// The value at hand; -1 behind the document's end.
    var node: Int32
    /// How far it is: by its form a phase, or a place in a trie.
    var phase: Int32 = 0
    /// By its form: characters, a number's digits so far, an object's property.
    var value = 0
    /// Items so far of the arrays around it and of itself, the outermost first.
    var counts = SIMD8<UInt16>()

    static let end = Self(node: -1)
}
