import Language
import Transcript

/// How a window is put to a model that picks: as it was said, then, below a rule, each sentence of it once more, after
/// which a label is asked for.
///
/// The model reads the whole window before it comes to a sentence's repetition, so that what is said later counts too
/// ("Yeah, fine." makes a decision of a proposal). Two labels are asked for, one after the other: what the sentence is
/// worth, and whether another matter begins with it. None is given back to it, so all are asked for in one pass.
/// Training and asking share this type.
package struct PickPrompt: Sendable, Hashable {
    /// A sentence that a label is asked for.
    package struct Place: Sendable, Hashable, Codable, Comparable {
        /// The number of its utterance in the window, from 0.
        package var utterance: Int
        /// Its number in the utterance's reading.
        package var sentence: Int

        package static func < (one: Place, other: Place) -> Bool {
            (one.utterance, one.sentence) < (other.utterance, other.sentence)
        }
    }

    /// A sentence and the piece of the prompt after which its label is asked for.
    package struct Line: Sendable, Hashable {
        package var place: Place
        package var text: String
    }

    /// Fewer words make no statement.
    package static let leastWords = 4
    /// A sentence is repeated up to so many characters: what follows was read in the window.
    private static let repeatedLength = 320

    /// Tokens of a prompt beside the window and its sentences, and some to spare.
    static let spareTokens = 16

    /// The piece between the window and its sentences.
    package static let rule = "---"

    /// The piece behind a sentence's repetition after which a ``MatterLabel`` is asked for.
    package static let matter = " /"

    /// The sentences of a window that may be worth something.
    package static func lines(of window: [ReadUtterance]) -> [Line] {
        window.enumerated().flatMap { number, read -> [Line] in
            let reading = read.reading
            return reading.sentences.indices.compactMap { sentence -> Line? in
                guard reading.words(ofSentence: sentence).count >= leastWords else { return nil }
                let text = reading.text(reading.sentences[sentence])
                return Line(
                    place: Place(utterance: number, sentence: sentence),
                    text: "\n"
                        + Prompts.spelled(
                            speaker: read.utterance.speaker, text: String(text.prefix(repeatedLength)) + " ="
                        )
                        .dropLast())
            }
        }
    }
}
