import Foundation
import Language
import Transcript

/// How likely a sentence decides something or raises what stays open: by what a model makes of it, by its wording, and
/// by what is said before and after it.
///
/// "Then the second one." decides if others agree to it; "Who pays for that?" stays open if somebody answers that this
/// cannot be said today. The weights are logistic regressions on the meetings with notes that the shipped adapter was
/// trained on (what was said), and on others (what the model makes of it).
struct ItemLikelihood {
    /// What of a sentence's phrases counts.
    static let cues: Set<LanguageData.Section> = [.decision, .agreement, .doubt, .objection, .question]

    /// What is said around an utterance.
    struct Surroundings {
        /// Whether the utterance before is somebody else's, and agrees or asks.
        private(set) var (agreed, asked) = (false, false)
        /// Whether others agree in the next utterance and in the one after it, there in a few words.
        private(set) var (agree, agreeLater, agreeLaterBriefly) = (false, false, false)
        /// Whether somebody else's next turn that says something puts something off.
        private(set) var putOff = false

        /// Reads what is around the utterance at `place` of `readings`; nothing if nobody knows who speaks.
        init(_ place: Int, of readings: [UtteranceReading]) {
            let speaker = readings[place].utterance.speaker
            func other(_ place: Int) -> UtteranceReading? {
                guard readings.indices.contains(place) else { return nil }
                return readings[place].utterance.speaker == speaker ? nil : readings[place]
            }
            if let before = other(place - 1) {
                agreed = before.assents
                asked = before.sentences.suffix(2).contains(where: \.isQuestion)
            }
            agree = other(place + 1)?.assents == true
            let later = other(place + 2)
            agreeLater = later?.assents == true
            agreeLaterBriefly = agreeLater && later.map { $0.wordCount <= Self.fewWords } == true
            let next = readings[(place + 1)...].prefix(2).first { !$0.isBare }
            putOff =
                next?.utterance.speaker != speaker
                && next?.sentences.contains { $0.cues.contains(.question) } == true
        }

        private static let fewWords = 6
    }

    /// How far above (or below) what is shown as a decision a sentence is, in units of log-odds; `next` is the sentence
    /// after it in the same utterance ("Are we agreed?").
    ///
    /// Below everything if the model finds that unlikely, or if it says that nothing is decided, or asks without an
    /// answer.
    static func decision(
        _ weight: WeighedSentence, _ sentence: SentenceReading, next: SentenceReading?, _ around: Surroundings
    ) -> Double {
        let settles: Set<LanguageData.Section> = [.decision, .agreement]
        let settlesNext = next.map { !$0.cues.isDisjoint(with: settles) } == true
        let isWorded = settlesNext || !sentence.cues.isDisjoint(with: settles)
        if weight[.decision] < leastDecision || sentence.cues.contains(.question)
            || sentence.isQuestion && !(isWorded && around.agree)
        {
            return -.infinity
        }
        return 0.1 * logit(weight[.decision]) + 0.3 * logit(weight.worth) + 0.25
            + sum([
                (1.09, sentence.cues.contains(.decision)), (0.51, sentence.cues.contains(.agreement)),
                (0.51, settlesNext), (0.25, around.agree), (0.46, around.agreeLater), (0.31, around.agreed),
                (-0.11, sentence.cues.contains(.doubt)), (-0.15, sentence.cues.contains(.objection)),
                // What nobody puts as a decision is mostly a figure that others nod at.
                (-0.75, !isWorded),
            ])
    }

    /// Less likely decisions are what somebody thinks or reports, however it is worded: "We agree with you that …".
    static let leastDecision = 0.13

    /// How far above (or below) what is shown as something to do a sentence is, in units of log-odds; `isWorded` if it
    /// is also put as a promise or a request, `isDue` if it says by when.
    ///
    /// The weights are a logistic regression on what readers found of 143 lines of other meetings. Below nought more
    /// than half of what they read was nothing to do.
    static func action(_ weight: WeighedSentence, isWorded: Bool, isDue: Bool) -> Double {
        logit(weight[.action]) - 0.35 * logit(weight[.nothing]) + 0.5
            + sum([(1.7, isWorded), (0.55, isDue)])
    }

    /// How far above (or below) what is shown as an open question a sentence is, in units of log-odds.
    ///
    /// Below everything if it neither asks nor puts off.
    static func question(
        _ weight: WeighedSentence, _ sentence: SentenceReading, _ around: Surroundings
    ) -> Double {
        guard sentence.isQuestion || sentence.cues.contains(.question),
            weight[.question] >= leastQuestion
        else { return -.infinity }
        return 0.25 * logit(weight[.question]) - 0.72
            + sum([
                (1.64, sentence.cues.contains(.question)), (0.62, sentence.isQuestion),
                (0.48, around.asked), (2.36, around.putOff), (-0.72, around.agreeLaterBriefly),
            ])
    }

    /// What a model is surer of is small talk, however it is answered.
    private static let leastQuestion = 0.002

    private static func sum(_ terms: [(weight: Double, holds: Bool)]) -> Double {
        terms.reduce(0) { $0 + ($1.holds ? $1.weight : 0) }
    }

    private static func logit(_ likelihood: Double) -> Double {
        let bounded = min(max(likelihood, 1e-4), 1 - 1e-4)
        return log(bounded / (1 - bounded))
    }
}
