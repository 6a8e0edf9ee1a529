/// A few fixed texts as an automaton over bytes; each text has a number, its label.
struct LiteralTrie {
    struct Node {
        var children: [(byte: UInt8, node: Int)] = []
        /// The label of the text that ends here, if one does.
        var label: Int?
        /// The least cost from here: the remaining bytes of a text plus the cost of what follows that text.
        var distance = Int.max
    }

    private(set) var nodes = [Node()]

    /// - Parameter texts: the texts; the cost of each is how many bytes have to follow it, which decides which text is
    ///   the cheapest to complete.
    init(_ texts: [(bytes: [UInt8], label: Int, cost: Int)]) {
        for text in texts { insert(text.bytes, label: text.label, cost: text.cost) }
    }

    private mutating func insert(_ bytes: [UInt8], label: Int, cost: Int) {
        var node = 0
        nodes[0].distance = min(nodes[0].distance, bytes.count + cost)
        for (index, byte) in bytes.enumerated() {
            if let next = child(of: node, byte) {
                node = next
            } else {
                nodes.append(Node())
                nodes[node].children.append((byte, nodes.count - 1))
                node = nodes.count - 1
            }
            nodes[node].distance = min(nodes[node].distance, bytes.count - index - 1 + cost)
        }
        if nodes[node].label == nil { nodes[node].label = label }
    }

    func child(of node: Int, _ byte: UInt8) -> Int? {
        nodes[node].children.first { $0.byte == byte }?.node
    }

    /// The next byte of the text that is cheapest to complete; nil if a text ends here and none goes on.
    func nearestByte(from node: Int) -> UInt8? {
        nodes[node].children.min { nodes[$0.node].distance < nodes[$1.node].distance }?.byte
    }

    var firstBytes: [UInt8] { nodes[0].children.map(\.byte) }
}
