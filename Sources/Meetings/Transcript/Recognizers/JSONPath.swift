/// Where in a JSON document something is found: `results.channels[].alternatives[0].words[]`.
struct JSONPath: ExpressibleByStringLiteral, Sendable {
    private enum Step: Sendable {
        case member(String)
        case first
        case each
    }

    private let steps: [Step]

    init(stringLiteral text: String) {
        var steps: [Step] = []
        for part in text.split(separator: ".") {
            var rest = part
            var ends: [Step] = []
            while rest.hasSuffix("]") {
                let isFirst = rest.hasSuffix("[0]")
                ends.append(isFirst ? .first : .each)
                rest = rest.dropLast(isFirst ? 3 : 2)
            }
            if !rest.isEmpty { steps.append(.member(String(rest))) }
            steps += ends.reversed()
        }
        self.steps = steps
    }

    /// The member of that name, whatever it is called.
    init(member name: String) { steps = [.member(name)] }

    /// A value, and the element of the outer list that it is in.
    struct Found {
        var node: JSONNode
        var outer: JSONNode?
        fileprivate var isElement = false

        init(node: JSONNode, outer: JSONNode? = nil) { (self.node, self.outer) = (node, outer) }
    }

    /// The first value; nil for null or nothing.
    func first(in node: JSONNode) -> JSONNode? {
        var node = node
        for step in steps {
            switch step {
            case .member(let name):
                guard let next = node[name] else { return nil }
                node = next
            case .first, .each:
                guard let next = node.firstElement else { return nil }
                node = next
            }
        }
        return node
    }

    /// All values, in the order of the document.
    func all(in node: JSONNode) -> [Found] {
        var found = [Found(node: node)]
        for step in steps {
            switch step {
            case .member(let name):
                found = found.compactMap { one in
                    one.node[name].map { Found(node: $0, outer: one.isElement ? one.node : one.outer) }
                }
            case .first:
                found = found.compactMap { one in
                    one.node.firstElement.map { Found(node: $0, outer: one.isElement ? one.node : one.outer) }
                }
            case .each:
                found = found.flatMap { one in
                    (one.node.array ?? []).map {
                        Found(node: $0, outer: one.isElement ? one.node : one.outer)
                    }
                }
                for index in found.indices { found[index].isElement = true }
            }
        }
        return found
    }
}

extension JSONNode {
    /// The value at the first of these places that has one.
    subscript(paths: [JSONPath]) -> JSONNode? {
        for path in paths {
            if let found = path.first(in: self) { return found }
        }
        return nil
    }
}
