/// The compact documents that a JSON Schema describes, as an automaton over bytes.
///
/// The supported keywords are `type` (`object`, `array`, `string`, `integer`, `boolean`, `null`, or a list of them),
/// `properties` with `required` and `additionalProperties: false`, `items` with `minItems` and `maxItems`, `minLength`
/// and `maxLength` (in Unicode scalars), `minimum` and `maximum`, `enum`, `const`, `anyOf` and `oneOf` if their
/// alternatives differ in the first byte, and `$ref` into the same schema unless it leads back to itself. Annotations
/// are ignored; everything else is refused.
///
/// A document has no white space outside strings, and its properties come in the schema's order. Integers without
/// bounds are limited to the magnitude that every reader keeps exactly, 2^53 - 1. Property names and fixed values have
/// exactly one spelling; other strings may use all of JSON's escapes, with surrogates only in pairs.
package final class JSONGrammar: Sendable {
    /// The JSON Schema that the grammar was built from.
    package let schema: String
    // Immutable after initialization.
    let nodes: [GrammarNode]
    let start: GrammarState
    /// The most bytes that the shortest completion takes from any state.
    let longestRest: Int

    /// Builds the automaton; throws `malformed` or `unsupported` with the place in the schema that is at fault.
    package init(schema: String) throws(GrammarError) {
        var reader = SchemaReader(try OrderedJSON(schema))
        let root = try reader.document()
        self.schema = schema
        nodes = reader.nodes
        start = GrammarState(node: Int32(root))
        longestRest = nodes[root].longestRest
    }

    /// The state after one more byte; nil if no document continues with it.
    func next(_ state: GrammarState, _ byte: UInt8) -> GrammarState? {
        var state = state
        while state.node >= 0 {
            switch nodes[Int(state.node)].form {
            case .literal(let trie):
                if let node = trie.child(of: Int(state.phase), byte) {
                    state.phase = Int32(node)
                    return isEnd(trie.nodes[node]) ? finished(state) : state
                }
                guard trie.nodes[Int(state.phase)].label != nil else { return nil }
                state = finished(state)
            case .integer(let form):
                let phase = IntegerForm.Phase(rawValue: state.phase) ?? .start
                if let next = form.next(phase, state.value, byte) {
                    (state.phase, state.value) = (next.phase.rawValue, next.magnitude)
                    return state
                }
                guard form.isWhole(phase, state.value) else { return nil }
                state = finished(state)
            case .string(let form):
                let phase = StringForm.Phase(rawValue: state.phase) ?? .start
                switch form.next(phase, used: state.value, byte) {
                case .goOn(let phase, let used):
                    (state.phase, state.value) = (phase.rawValue, used)
                    return state
                case .end: return finished(state)
                case nil: return nil
                }
            case .choice(let nodes, _):
                guard let node = nodes[byte] else { return nil }
                state = entered(node, from: state)
            case .array(let form):
                guard let next = step(form, state, byte) else { return nil }
                guard let rest = next.rest else { return next.state }
                state = rest
            case .object(let form): return step(form, state, byte)
            }
        }
        return nil
    }

    private func isEnd(_ node: LiteralTrie.Node) -> Bool { node.label != nil && node.children.isEmpty }

    /// The state at the beginning of the value `node`.
    private func entered(_ node: Int, from state: GrammarState) -> GrammarState {
        GrammarState(node: Int32(node), counts: state.counts)
    }

    /// The state after the value at hand: in the array or object that contains it, or at the document's end.
    func finished(_ state: GrammarState) -> GrammarState {
        var state = state
        while true {
            let node = nodes[Int(state.node)]
            guard node.parent >= 0 else { return .end }
            state.node = Int32(node.parent)
            switch nodes[node.parent].form {
            case .array(let form):
                let count = state.counts[form.depth]
                // Counting further would make states differ that allow the same continuations.
                let limit = UInt16(form.maximum ?? form.minimum)
                state.counts[form.depth] = min(count + 1, limit)
                (state.phase, state.value) = (ContainerPhase.afterValue, 0)
                return state
            case .object:
                (state.phase, state.value) = (ContainerPhase.afterValue, node.property)
                return state
            default: continue  // a choice ends with its alternative
            }
        }
    }

    /// Phases of arrays and objects; from `inName` on, the phase is `inName` plus a node of the trie of property names.
    enum ContainerPhase {
        static let start: Int32 = 0
        static let opened: Int32 = 1
        static let afterValue: Int32 = 2
        static let inName: Int32 = 3
    }

    /// The state after a bracket or comma; `rest` is the state of the item that `byte` begins, if it begins one.
    private func step(
        _ form: GrammarNode.ArrayForm, _ state: GrammarState, _ byte: UInt8
    ) -> (state: GrammarState, rest: GrammarState?)? {
        var next = state
        let count = Int(state.counts[form.depth])
        switch (state.phase, byte) {
        case (ContainerPhase.start, UInt8(ascii: "[")):
            next.phase = ContainerPhase.opened
            next.counts[form.depth] = 0
            return (next, nil)
        case (ContainerPhase.opened, UInt8(ascii: "]")), (ContainerPhase.afterValue, UInt8(ascii: "]")):
            guard count >= form.minimum else { return nil }
            next.counts[form.depth] = 0
            return (finished(next), nil)
        case (ContainerPhase.opened, _):
            guard form.maximum != 0 else { return nil }
            return (next, entered(form.item, from: state))
        case (ContainerPhase.afterValue, UInt8(ascii: ",")):
            if let maximum = form.maximum, count >= maximum { return nil }
            return (entered(form.item, from: state), nil)
        default: return nil
        }
    }

    private func step(_ form: GrammarNode.ObjectForm, _ state: GrammarState, _ byte: UInt8) -> GrammarState? {
        var next = state
        let following = state.phase == ContainerPhase.afterValue ? state.value + 1 : 0
        switch state.phase {
        case ContainerPhase.start:
            guard byte == UInt8(ascii: "{") else { return nil }
            next.phase = ContainerPhase.opened
            return next
        case ContainerPhase.opened, ContainerPhase.afterValue:
            if byte == UInt8(ascii: "}") {
                return form.mayEnd(before: following) ? finished(next) : nil
            }
            guard following < form.properties.count else { return nil }
            (next.phase, next.value) = (ContainerPhase.inName, following)
            if state.phase == ContainerPhase.opened { return step(form, next, byte) }
            return byte == UInt8(ascii: ",") ? next : nil
        default:
            let trie = form.names[state.value]
            guard let node = trie.child(of: Int(state.phase - ContainerPhase.inName), byte) else {
                return nil
            }
            if let label = trie.nodes[node].label { return entered(form.properties[label].node, from: state) }
            next.phase = ContainerPhase.inName + Int32(node)
            return next
        }
    }

    /// Whether a document may end here.
    func isComplete(_ state: GrammarState) -> Bool {
        guard state.node >= 0 else { return true }
        switch nodes[Int(state.node)].form {
        case .literal(let trie) where trie.nodes[Int(state.phase)].label != nil: break
        case .integer(let form)
        where form.isWhole(IntegerForm.Phase(rawValue: state.phase) ?? .start, state.value): break
        default: return false
        }
        return finished(state).node < 0
    }
}

extension JSONGrammar: Hashable {
    /// Whether both grammars were built from the same text.
    package static func == (a: JSONGrammar, b: JSONGrammar) -> Bool { a.schema == b.schema }

    /// Hashes the schema's text.
    package func hash(into hasher: inout Hasher) { hasher.combine(schema) }
}
