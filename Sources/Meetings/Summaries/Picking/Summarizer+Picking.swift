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
        for part in try pickedParts(of: utterances) {
            let lines = PickPrompt.lines(of: Array(utterances[part]))
            guard !lines.isEmpty else { continue }
            let prompt = prompts.window(
                number: number, earlier: [],
                pieces: part.map { prompts.utterance(utterances[$0].utterance, number: $0 + 1) })
            let weighing = try await model.weigh(
                PickLabel.allCases.map(\.rawValue), after: lines.map(\.text),
                of: prompt + [.text(PickPrompt.rule)], timeline: timeline)
            cost.promptTokens += weighing.promptTokens
            cost.reusedTokens += weighing.reusedTokens
            cost.seconds += weighing.seconds
            weighed += zip(lines, weighing.logits).map { line, logits in
                var place = line.place
                place.utterance += part.lowerBound
                return WeighedSentence(place: place, logits: logits)
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
                + PickPrompt.lines(of: [read]).reduce(0) { try $0 + model.tokenCount(of: $1.text) }
        }
        return TokenPacker.packed(Array(sizes.indices), limit: limit) { sizes[$0] }
            .map { $0[0]..<$0[0] + $0.count }
    }
}
