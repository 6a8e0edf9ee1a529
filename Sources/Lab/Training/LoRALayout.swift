import Gemma

/// The position of each of the adapter's factors in one vector of numbers.
///
/// Parameters, gradients and the optimiser's moments all have this layout. The factors A of matrices with the same
/// input are adjacent, so that they can be multiplied as one matrix.
struct LoRALayout: Sendable, Hashable {
    /// The adapted matrices of a layer that have the same input.
    struct Group: Sendable, Hashable {
        /// An adapted matrix, and the columns of its output in the stacked product.
        struct Member: Sendable, Hashable {
            var target: LoRAAdapter.Target
            var columns: Range<Int>
            /// The offset of its factor B, `[columns.count, rank]`.
            var b: Int
        }

        var members: [Member]
        /// The offset of all members' factors A, `[members.count * rank, inputSize]`.
        var a: Int
        var inputSize: Int
    }

    let rank: Int
    /// The groups, by layer and then by ``FrozenWeights/Site``.
    let groups: [[Group]]
    /// The length of the vector.
    let count: Int

    init(_ configuration: GemmaConfiguration, rank: Int, targets: [LoRAAdapter.Target]) {
        var offset = 0
        func group(_ layer: Int, _ candidates: [LoRAAdapter.Target]) -> Group {
            let inputSize = candidates[0].shape(in: configuration, layer: layer).inputSize
            var members: [Group.Member] = []
            var column = 0
            let a = offset
            for target in candidates {
                let outputSize = target.shape(in: configuration, layer: layer).outputSize
                if targets.contains(target), target.exists(in: configuration) {
                    members.append(
                        Group.Member(target: target, columns: column..<column + outputSize, b: 0))
                    offset += rank * inputSize
                }
                column += outputSize
            }
            for index in members.indices {
                members[index].b = offset
                offset += rank * members[index].columns.count
            }
            return Group(members: members, a: a, inputSize: inputSize)
        }
        groups = configuration.layers.indices.map { layer in
            FrozenWeights.Site.allCases.map { site in
                switch site {
                case .attnInput:
                    group(
                        layer,
                        configuration.layers[layer].keyValueLayer == nil
                            ? [.attnQ, .attnK, .attnV] : [.attnQ])
                case .attnOutput: group(layer, [.attnOutput])
                case .ffnInput: group(layer, [.ffnGate, .ffnUp])
                case .ffnOutput: group(layer, [.ffnDown])
                case .inputGate: group(layer, [.inputGate])
                case .inputProjection: group(layer, [.inputProjection])
                }
            }
        }
        self.rank = rank
        count = offset
    }

    func group(_ site: FrozenWeights.Site, layer: Int) -> Group { groups[layer][site.rawValue] }

    /// The largest number of columns that a group's products with A have.
    var largestRankSum: Int { groups.joined().map { $0.members.count * rank }.max() ?? 0 }

    /// All factors with their offsets and shapes, layer by layer.
    var factors: [(site: LoRAAdapter.Site, isA: Bool, offset: Int, rows: Int, columns: Int)] {
        groups.enumerated().flatMap { layer, groups in
            groups.flatMap { group in
                group.members.enumerated().flatMap { index, member in
                    let site = LoRAAdapter.Site(layer: layer, target: member.target)
                    let a = group.a + index * rank * group.inputSize
                    return [
                        (site, true, a, rank, group.inputSize),
                        (site, false, member.b, member.columns.count, rank),
                    ]
                }
            }
        }
    }
}
