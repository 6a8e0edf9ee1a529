import Language
import Transcript

extension Summarizer {
    /// Has the model say what each sentence of a window is worth; `utterances` are the window's.
    ///
    /// Nothing is written by the model: the summary of such a window is what of it is chosen, as it was said. A window that
    /// does not fit into the model's context is weighed in parts.
    func weigh(
        _ utterances: [ReadUtterance], window number: Int, timeline: String
    ) async throws -> (sentences: [WeighedSentence], cost: Cost) {
        var weighed: [WeighedSentence] = []
        var cost = Cost()
        let marks = style == .pointing ? [PickPrompt.matter] : []
        for part in try pickedParts(of: utterances) {
            let lines = PickPrompt.lines(of: Array(utterances[part]))
            guard !lines.isEmpty else { continue }
            let prompt = prompts.window(
                number: number, earlier: [],
                pieces: part.map { prompts.utterance(utterances[$0].utterance, number: $0 + 1) })
            let weighing = try await model.weigh(
                PickLabel.allCases.map(\.rawValue) + MatterLabel.allCases.map(\.rawValue),
                after: lines.flatMap { [$0.text] + marks },
                of: prompt + [.text(PickPrompt.rule)], timeline: timeline)
            cost.promptTokens += weighing.promptTokens
            cost.reusedTokens += weighing.reusedTokens
            cost.seconds += weighing.seconds
            let picked = PickLabel.allCases.count
            for (number, line) in lines.enumerated() {
                var place = line.place
                place.utterance += part.lowerBound
                let first = number * (1 + marks.count)
                let own = Array(weighing.logits[first].prefix(picked))
                let matter = marks.isEmpty ? nil : Array(weighing.logits[first + 1].dropFirst(picked))
                weighed.append(WeighedSentence(place: place, logits: own, matterLogits: matter))
            }
        }
        return (weighed, cost)
    }

    /// The utterances in parts that fit into the context, each read twice; one, unless the window is very long.
    private func pickedParts(of utterances: [ReadUtterance]) throws -> [Range<Int>] {
        let limit = model.profile.contextLength - PickPrompt.spareTokens
        let sizes = try utterances.map { read in
            let once = try tokenCount(of: read.utterance)
            return try once
                + PickPrompt.lines(of: [read]).reduce(0) {
                    try $0 + model.tokenCount(of: $1.text) + model.tokenCount(of: PickPrompt.matter)
                }
        }
        return TokenPacker.packed(Array(sizes.indices), limit: limit) { sizes[$0] }
            .map { $0[0]..<$0[0] + $0.count }
    }
}
