import Minutes
import Transcript

/// Utterances of `count` × about `words` words each, every one different.
func talk(_ count: Int, words: Int = 15, from first: Int = 0) -> [Utterance] {
    (first..<(first + count)).map { number in
        let text = (0..<words).map { "word\(number)x\($0)" }.joined(separator: " ")
        return Utterance(
            speaker: ["Jane", "Bob", "Carla"][number % 3], start: Double(number * 10),
            end: Double(number * 10 + 8), text: text + ".",
            source: SourcePosition(name: "talk", line: number + 1))
    }
}

func window(_ index: Int, _ utterances: Range<Int>) -> Window {
    Window(index: index, utterances: utterances, tokenCount: 100, closedBy: .size)
}

func summary(_ window: Int, _ text: String, model: String = "scripted") -> WindowSummary {
    WindowSummary(
        window: window, text: text, model: model, promptTokens: 100, reusedTokens: 60, generatedTokens: 20,
        seconds: 1.5)
}
