@testable import Transcript

/// What an utterance promises.
func isSound(_ utterance: Utterance) -> Bool {
    let times = [utterance.start, utterance.end].compactMap { $0 }
    return !utterance.text.isEmpty && utterance.text == utterance.text.collapsed
        && utterance.speaker?.isEmpty != true && utterance.source.line > 0
        && times.allSatisfy { $0.isFinite && $0 >= 0 } && times == times.sorted()
        && utterance.repeatCount >= 0
}
