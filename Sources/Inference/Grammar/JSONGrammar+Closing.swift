/// The shortest completion of a document from any state.
///
/// It is always the same one: its remaining bytes are the shortest completion from the state after its first byte.
extension JSONGrammar {
    /// The first byte of the shortest completion; nil if the document may end here.
    func nearestByte(_ state: GrammarState) -> UInt8? {
        var state = state
        while state.node >= 0 {
            switch nodes[Int(state.node)].form {
            case .literal(let trie):
                guard trie.nodes[Int(state.phase)].label != nil else {
                    return trie.nearestByte(from: Int(state.phase))
                }
                state = finished(state)
            case .integer(let form):
                let phase = IntegerForm.Phase(rawValue: state.phase) ?? .start
                guard form.isWhole(phase, state.value) else { return form.nearestByte(phase, state.value) }
                state = finished(state)
            case .string(let form):
                return form.nearestByte(StringForm.Phase(rawValue: state.phase) ?? .start, used: state.value)
            case .choice(_, let nearest): return nearest
            case .array(let form):
                let count = Int(state.counts[form.depth])
                switch state.phase {
                case ContainerPhase.start: return UInt8(ascii: "[")
                case _ where count >= form.minimum: return UInt8(ascii: "]")
                case ContainerPhase.afterValue: return UInt8(ascii: ",")
                default: state = GrammarState(node: Int32(form.item), counts: state.counts)
                }
            case .object(let form): return nearestByte(form, state)
            }
        }
        return nil
    }

    private func nearestByte(_ form: GrammarNode.ObjectForm, _ state: GrammarState) -> UInt8? {
        switch state.phase {
        case ContainerPhase.start: UInt8(ascii: "{")
        case ContainerPhase.opened: form.mayEnd(before: 0) ? UInt8(ascii: "}") : UInt8(ascii: "\"")
        case ContainerPhase.afterValue:
            form.mayEnd(before: state.value + 1) ? UInt8(ascii: "}") : UInt8(ascii: ",")
        default:
            form.names[state.value].nearestByte(from: Int(state.phase - ContainerPhase.inName))
        }
    }

    /// The bytes of the shortest completion.
    func closing(from state: GrammarState) -> [UInt8] {
        var bytes: [UInt8] = []
        var state = state
        while let byte = nearestByte(state) {
            guard let next = next(state, byte) else { preconditionFailure("a byte outside the grammar") }
            bytes.append(byte)
            state = next
        }
        return bytes
    }

    /// The bytes that must come next because the grammar leaves no choice, at most `limit` of them.
    func forcedBytes(from state: GrammarState, limit: Int) -> [UInt8] {
        var bytes: [UInt8] = []
        var state = state
        while bytes.count < limit, !isComplete(state), let byte = nearestByte(state) {
            for other in UInt8.min...UInt8.max where other != byte && next(state, other) != nil {
                return bytes
            }
            guard let next = next(state, byte) else { return bytes }
            bytes.append(byte)
            state = next
        }
        return bytes
    }

    /// Whether `bytes` are a complete document of the grammar.
    package func accepts(_ bytes: some Sequence<UInt8>) -> Bool {
        var state = start
        for byte in bytes {
            guard let next = next(state, byte) else { return false }
            state = next
        }
        return isComplete(state)
    }
}
