import Foundation
import Language

/// How a transcript was read, for whoever has to tell whether it was read right.
package struct TranscriptFacts: Sendable, Hashable, Codable {
    /// Somebody who speaks in it.
    package struct Speaker: Sendable, Hashable, Codable {
        /// The name in the transcript.
        package var name: String
        /// How many utterances are theirs.
        package var turns: Int
    }

    /// The raw value of the ``TranscriptFormat``.
    package var format: String
    /// What the bytes were read as.
    package var encoding: String
    /// The language in which most was said; nil if none was recognised.
    package var language: LanguageCode?
    /// How many utterances it has.
    package var utterances: Int
    /// Who speaks, whoever has most turns first; 50 at most.
    package var speakers: [Speaker]
    /// How many utterances have no speaker.
    package var withoutSpeaker: Int
    /// Seconds from the meeting's start to the first utterance that has a time, and to the end of the last.
    package var firstTime, lastTime: Double?
    /// How much of the text was passed over, in percent, rounded up.
    package var skippedPercent: Int
    /// What was skipped or guessed, with counts, in English.
    package var notes: [String]
    /// The first three utterances, shortened, as `speaker: text`.
    package var opening: [String]

    private static let speakerLimit = 50
    private static let sampleLimit = 200

    /// What a file was read as.
    ///
    /// `encoding` names what its bytes were.
    package init(_ file: TranscriptFile, encoding: String) {
        let said = file.utterances
        format = file.format.rawValue
        self.encoding = encoding
        language = Self.language(of: said)
        utterances = said.count
        var turns: [String: Int] = [:]
        for utterance in said {
            if let speaker = utterance.speaker { turns[speaker, default: 0] += 1 }
        }
        speakers = turns.map { Speaker(name: $0.key, turns: $0.value) }
            .sorted { ($1.turns, $0.name) < ($0.turns, $1.name) }
            .prefix(Self.speakerLimit).map { $0 }
        withoutSpeaker = said.count { $0.speaker == nil }
        firstTime = said.lazy.compactMap(\.start).min()
        lastTime = said.lazy.compactMap { $0.end ?? $0.start }.max()
        skippedPercent = file.skippedPercent
        notes = file.notes.map(\.description)
        opening = said.prefix(3).map { utterance in
            "\(utterance.speaker ?? "-"): \(utterance.text.shortened(toCharacters: 120, bytes: 480))"
        }
    }

    /// The language of most words in a sample that is spread over the meeting.
    private static func language(of said: [Utterance]) -> LanguageCode? {
        var words: [LanguageCode: Int] = [:]
        let step = max(1, said.count / sampleLimit)
        for index in stride(from: 0, to: said.count, by: step) {
            let language = said[index].language ?? LanguageIdentifier.language(of: said[index].text)
            guard language != .undetermined else { continue }
            words[language, default: 0] += WordOverlap.wordCount(said[index].text)
        }
        return words.max { ($0.value, $1.key.rawValue) < ($1.value, $0.key.rawValue) }?.key
    }
}
