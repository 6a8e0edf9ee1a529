@testable import Transcript

/// What an utterance promises.
func isSound(_ utterance: Utterance) -> Bool {
    let times = [utterance.start, utterance.end].compactMap { $0 }
    return !utterance.text.isEmpty && utterance.text == utterance.text.collapsed
        && utterance.speaker.map {
            !$0.isEmpty && $0.count <= 100 && $0.utf8.count <= 200 && $0 == $0.collapsed
        }
            != false
        && utterance.source.line > 0
        && times.allSatisfy { $0.isFinite && $0 >= 0 } && times == times.sorted()
        && utterance.repeatCount >= 0
}
