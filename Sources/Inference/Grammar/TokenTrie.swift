import Tokenizer

/// Tokens by their bytes, in depth-first order: a walk over all of them reads memory from front to back, and skips
/// whole subtrees whose first bytes are not allowed.
struct TokenTrie {
    struct Node {
        var byte: UInt8
        /// How many bytes lead here, this one included.
        var depth: UInt16
        /// The first node after this one's subtree.
        var end: Int32
        /// The range of ``TokenTrie/tokens`` that end here, up to and excluding `lastToken`.
        var firstToken: Int32
        var lastToken: Int32
    }

    private(set) var nodes: [Node] = []
    private(set) var tokens: [TokenID] = []
    private(set) var deepest = 0

    /// - Parameter ids: tokens of `spellings`, in any order; each has at least one byte.
    init(_ ids: [TokenID], spellings: TokenSpellings) {
        let sorted = ids.sorted { spellings.isOrdered($0, $1) }
        tokens.reserveCapacity(sorted.count)
        var open: [Int] = []
        for id in sorted {
            spellings.withBytes(of: id) { bytes in
                var shared = 0
                while shared < min(open.count, bytes.count), nodes[open[shared]].byte == bytes[shared] {
                    shared += 1
                }
                close(&open, to: shared)
                for index in shared..<bytes.count {
                    open.append(nodes.count)
                    nodes.append(
                        Node(
                            byte: bytes[index], depth: UInt16(index + 1), end: 0,
                            firstToken: Int32(tokens.count), lastToken: Int32(tokens.count)))
                }
                deepest = max(deepest, bytes.count)
                tokens.append(id)
                nodes[open[open.count - 1]].lastToken = Int32(tokens.count)
            }
        }
        close(&open, to: 0)
    }

    private mutating func close(_ open: inout [Int], to count: Int) {
        while open.count > count { nodes[open.removeLast()].end = Int32(nodes.count) }
    }

    /// The longest token that `bytes` begin with, and its length.
    func longestToken(_ bytes: ArraySlice<UInt8>) -> (token: TokenID, count: Int)? {
        var found: (TokenID, Int)?
        var (index, end) = (0, nodes.count)
        for (depth, byte) in bytes.enumerated() {
            while index < end, nodes[index].byte != byte { index = Int(nodes[index].end) }
            guard index < end else { break }
            let node = nodes[index]
            if node.firstToken < node.lastToken { found = (tokens[Int(node.firstToken)], depth + 1) }
            end = Int(node.end)
            index += 1
        }
        return found
    }
}

/// The bytes of all tokens of a vocabulary, concatenated.
struct TokenSpellings: Sendable {
    private var bytes: [UInt8] = []
    private var starts: [Int32] = [0]

    /// Tokens that stand for no text, such as control tokens, get no bytes.
    init(_ tokenizer: SentencePieceTokenizer) {
        bytes.reserveCapacity(tokenizer.vocabularySize * 8)
        starts.reserveCapacity(tokenizer.vocabularySize + 1)
        for id in 0..<tokenizer.vocabularySize {
            bytes.append(contentsOf: tokenizer.bytes(of: TokenID(id)))
            starts.append(Int32(bytes.count))
        }
    }

    var count: Int { starts.count - 1 }

    func withBytes<Result>(of id: TokenID, _ body: (UnsafeBufferPointer<UInt8>) -> Result) -> Result {
        bytes.withUnsafeBufferPointer {
            body(UnsafeBufferPointer(rebasing: $0[Int(starts[Int(id)])..<Int(starts[Int(id) + 1])]))
        }
    }

    func isEmpty(_ id: TokenID) -> Bool { starts[Int(id)] == starts[Int(id) + 1] }

    func isOrdered(_ a: TokenID, _ b: TokenID) -> Bool {
        withBytes(of: a) { a in withBytes(of: b) { a.lexicographicallyPrecedes($0) } }
    }
}
