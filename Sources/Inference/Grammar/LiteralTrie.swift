/// A few fixed texts as an automaton over bytes; each has a number.
struct LiteralTrie {
    struct Node {
        var children: [(byte: UInt8, node: Int)] = []
        /// The number of the text that ends here.
        var label: Int?
        /// Bytes of the cheapest way to an end, and what the text's end costs.
        var distance = Int.max
    }

    private(set) var nodes = [Node()]

    /// - Parameter texts: with what comes after each, in bytes, by which the shortest way is chosen.
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

    /// The next byte on the cheapest way to an end.
    func nearestByte(from node: Int) -> UInt8? {
        nodes[node].children.min { nodes[$0.node].distance < nodes[$1.node].distance }?.byte
    }

    var firstBytes: [UInt8] { nodes[0].children.map(\.byte) }
}
