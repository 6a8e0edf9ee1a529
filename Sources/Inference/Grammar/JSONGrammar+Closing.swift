/// The shortest way from any state to the end of a document.
///
/// It is a fixed one: after its first byte it goes on as the shortest way from there does.
extension JSONGrammar {
    /// The first byte of the shortest way; nil if the document may end.
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

    /// The bytes of the shortest way.
    func closing(from state: GrammarState) -> [UInt8] {
        var bytes: [UInt8] = []
        var state = state
        while let byte = nearestByte(state) {
            guard let next = next(state, byte) else { preconditionFailure("the shortest way is none") }
            bytes.append(byte)
            state = next
        }
        return bytes
    }

    /// The bytes that have to follow because nothing else may, `limit` at most.
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

    /// Whether a document is one of the grammar's.
    package func accepts(_ bytes: some Sequence<UInt8>) -> Bool {
        var state = start
        for byte in bytes {
            guard let next = next(state, byte) else { return false }
            state = next
        }
        return isComplete(state)
    }
}
