import CKernels
import Gemma

/// Computes the loss and the gradients of some sequences, with the forward pass, the head and the backward pass on all
/// threads.
///
/// One thread handles a sequence's whole forward or backward pass. Each sequence has its own gradients, which are added
/// up in the order of the sequences. If memory cannot hold all sequences, they are handled in groups. There is no
/// padding.
final class BatchPass {
    private let configuration: GemmaConfiguration
    private let layout: LoRALayout
    private let threads: ThreadPool
    private let plan: MemoryPlan
    private let passes: [SequencePass]
    private let head: HeadPass
    private let memory: FloatMemory
    /// The adapter's numbers, arranged by the layout.
    let parameters: FloatMemory
    /// The sum of all gradients of the last run, arranged by the layout.
    let gradients: FloatMemory
    private let dropoutRate: Float

    /// - Parameter tokens: the length of the longest sequence that will come.
    init(
        _ weights: FrozenWeights, _ layout: LoRALayout, lora: LoRAOptions, plan: MemoryPlan, tokens: Int,
        threads: ThreadPool
    ) {
        configuration = weights.model.configuration
        self.layout = layout
        self.threads = threads
        self.plan = plan
        dropoutRate = lora.dropout
        parameters = FloatMemory(layout.count)
        gradients = FloatMemory(layout.count)
        memory = FloatMemory(plan.sequenceFloats)
        let angles = RotaryAngles(configuration, positions: tokens)
        let parameters = parameters
        passes = (0..<threads.threadCount).map { _ in
            SequencePass(
                weights, layout, scale: lora.scale, parameters: parameters, angles: angles, tokens: tokens,
                keepsLayers: plan.keepsActivations)
        }
        head = HeadPass(
            weights, threads: threads, chunkPositions: plan.chunkPositions, panels: passes.map(\.panel))
    }

    /// The number of floats that a sequence takes between its forward and its backward pass, including its gradients.
    static func sequenceFloats(
        _ configuration: GemmaConfiguration, _ layout: LoRALayout, tokens: Int, keepsLayers: Bool
    ) -> Int {
        var cutter = FloatCutter(nil)
        _ = Slot(configuration, layout, tokens: tokens, keepsLayers: keepsLayers, cutter: &cutter)
        return cutter.used
    }

    /// The number of floats that each thread needs for itself.
    static func scratchFloats(
        _ configuration: GemmaConfiguration, _ layout: LoRALayout, tokens: Int, keepsLayers: Bool
    ) -> Int {
        SequencePass.scratchFloats(configuration, layout, tokens: tokens, keepsLayers: keepsLayers)
    }

    /// The memory of one sequence.
    private struct Slot {
        let activations: SequenceActivations
        /// The gradient with respect to the residual after the last layer, `[tokens, hiddenSize]`.
        let gradient: MatrixView
        /// The gradients of the adapter's numbers, arranged by the layout.
        let adapterGradients: MatrixView

        init(
            _ configuration: GemmaConfiguration, _ layout: LoRALayout, tokens: Int, keepsLayers: Bool,
            cutter: inout FloatCutter
        ) {
            activations = SequenceActivations(
                configuration, layout, tokens: tokens, keepsLayers: keepsLayers, cutter: &cutter)
            gradient = cutter.matrix(tokens, configuration.hiddenSize)
            adapterGradients = cutter.matrix(1, layout.count)
        }
    }

    /// Returns the sum of the losses of all targets.
    ///
    /// - Parameter gradientScale: if given, ``gradients`` receives the gradient of the sum times this factor.
    /// - Parameter dropoutKey: decides which inputs are dropped; nil drops none.
    func run(_ sequences: [TrainingExample], gradientScale: Float?, dropoutKey: UInt64?) -> Double {
        if gradientScale != nil { gradients.floats.update(repeating: 0) }
        var loss = 0.0
        var next = 0
        while next < sequences.count {
            var cutter = FloatCutter(memory.start)
            var slots: [Slot] = []
            while next + slots.count < sequences.count {
                let tokens = sequences[next + slots.count].inputs.count
                let needed = Self.sequenceFloats(
                    configuration, layout, tokens: tokens, keepsLayers: plan.keepsActivations)
                guard slots.isEmpty || cutter.used + needed <= memory.count else { break }
                precondition(cutter.used + needed <= memory.count, "a sequence of \(tokens) tokens")
                slots.append(
                    Slot(
                        configuration, layout, tokens: tokens, keepsLayers: plan.keepsActivations,
                        cutter: &cutter))
            }
            let group = sequences[next..<next + slots.count]
            let dropouts = group.indices.map { index in
                dropoutKey.flatMap {
                    AdaptedProduct.Dropout(
                        rate: dropoutRate, key: SplitMix64.mixed($0, UInt64(index)))
                }
            }
            loss += run(Array(group), slots, dropouts, gradientScale)
            next += slots.count
        }
        return loss
    }

    private func run(
        _ group: [TrainingExample], _ slots: [Slot], _ dropouts: [AdaptedProduct.Dropout?],
        _ gradientScale: Float?
    ) -> Double {
        // The longest come first, so that the threads finish at about the same time.
        let order = group.indices.sorted {
            (-group[$0].inputs.count, $0) < (-group[$1].inputs.count, $1)
        }
        threads.forEach(order.count) { thread, item in
            let index = order[item]
            passes[thread].forward(
                group[index].inputs, slots[index].activations, dropout: dropouts[index])
        }
        var positions: [HeadPass.Position] = []
        for (example, slot) in zip(group, slots) {
            guard let last = slot.activations.residuals.last else { continue }
            if gradientScale != nil { slot.gradient.clear() }
            for target in example.targets {
                positions.append(
                    HeadPass.Position(
                        residual: last.row(target.position),
                        gradient: gradientScale == nil ? nil : slot.gradient.row(target.position),
                        target: target.token))
            }
        }
        let loss = head.run(positions, scale: gradientScale ?? 1)
        guard gradientScale != nil else { return loss }
        threads.forEach(order.count) { thread, item in
            let slot = slots[order[item]]
            passes[thread].backward(
                slot.activations, gradient: slot.gradient, gradients: slot.adapterGradients.start,
                dropout: dropouts[order[item]])
        }
        for slot in slots { ck_add(gradients.start, slot.adapterGradients.start, layout.count) }
        return loss
    }
}
