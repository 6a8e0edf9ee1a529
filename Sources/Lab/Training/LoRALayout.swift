import Gemma

/// Where each factor of the adapter lies in one vector of numbers.
///
/// Parameters, gradients and the optimiser's moments all have this layout. The A factors of matrices that read
/// the same input follow each other, so that they are multiplied as one.
struct LoRALayout: Sendable, Hashable {
    /// The adapted matrices of one layer that read the same input.
    struct Group: Sendable, Hashable {
        /// Which of them, and where their outputs stand among the columns of the stacked product.
        struct Member: Sendable, Hashable {
            var target: LoRAAdapter.Target
            var columns: Range<Int>
            /// Offset of `B`, `[columns.count, rank]`.
            var b: Int
        }

        var members: [Member]
        /// Offset of the members' `A`, `[members.count * rank, inputSize]`.
        var a: Int
        var inputSize: Int
    }

    let rank: Int
    /// By layer, then by site.
    let groups: [[Group]]
    /// Numbers in all.
    let count: Int

    init(_ configuration: GemmaConfiguration, rank: Int, targets: [LoRAAdapter.Target]) {
        var offset = 0
        func group(_ candidates: [LoRAAdapter.Target]) -> Group {
            let inputSize = candidates[0].shape(in: configuration).inputSize
            var members: [Group.Member] = []
            var column = 0
            let a = offset
            for target in candidates {
                let outputSize = target.shape(in: configuration).outputSize
                if targets.contains(target) {
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
        groups = configuration.layers.map { _ in
            FrozenWeights.Site.allCases.map { site in
                switch site {
                case .attnInput: group([.attnQ, .attnK, .attnV])
                case .attnOutput: group([.attnOutput])
                case .ffnInput: group([.ffnGate, .ffnUp])
                case .ffnOutput: group([.ffnDown])
                }
            }
        }
        self.rank = rank
        count = offset
    }

    func group(_ site: FrozenWeights.Site, layer: Int) -> Group { groups[layer][site.rawValue] }

    /// The most columns that the products with A of one site have.
    var largestRankSum: Int { groups.joined().map { $0.members.count * rank }.max() ?? 0 }

    /// Every factor with its offset and shape, in the order of the layout.
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
