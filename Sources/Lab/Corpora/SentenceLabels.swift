import Foundation
import Language

extension NotedMeeting {
    /// What a sentence is worth by the notes that people took.
    package struct SentenceLabel: Sendable, Hashable {
        /// 0 for nothing, else the worth of the best note that rests on it.
        package var worth = 0
        /// What it brings about, if anything.
        package var item: Item.Kind?
        /// Whether the meeting turns to another matter with it; nil if nobody marked that.
        package var opensMatter: Bool?
    }

    /// Labels of the sentences of each utterance of each window, as ``TextReader`` finds them.
    ///
    /// People cite turns. Of a turn of several sentences that is cited, those count that share most with the note,
    /// rare words counting more; the others are worth a detail at most.
    package func sentenceLabels() -> [[[SentenceLabel]]] {
        let read = windows.map { window in
            window.utterances.map { TextReader.read($0.text, language: language) }
        }
        var counts: [String: Int] = [:]
        for reading in read.joined() { for stem in Set(reading.stems) { counts[stem, default: 0] += 1 } }
        let total = Double(read.joined().count)
        func weight(_ stem: String) -> Double { log(1 + total / Double(1 + counts[stem, default: 0])) }
        var labels = read.map {
            $0.map {
                let label = SentenceLabel(opensMatter: openings == nil ? nil : false)
                return [SentenceLabel](repeating: label, count: $0.sentences.count)
            }
        }
        var places: [Int: (window: Int, utterance: Int)] = [:]
        for (number, window) in windows.enumerated() {
            for (offset, utterance) in window.utterances.enumerated() {
                places[utterance.index] = (number, offset)
            }
        }

        /// Changes the labels of the sentences of `turns` that `text` is about, each by its share of the best one's
        /// likeness.
        func mark(_ turns: [Int], _ text: String, _ change: (inout SentenceLabel, Double) -> Void) {
            let wanted = Set(TextReader.read(text, language: language).stems)
            var found: [(window: Int, utterance: Int, sentence: Int, likeness: Double)] = []
            for turn in turns {
                guard let (window, utterance) = places[turn] else { continue }
                let reading = read[window][utterance]
                for sentence in reading.sentences.indices {
                    let words = reading.words(ofSentence: sentence)
                    let shared = Set(words.filter(\.carriesMeaning).map(\.stem)).intersection(wanted)
                    // A long sentence shares more by chance.
                    let likeness =
                        (shared.reduce(0) { $0 + weight($1) } + 0.01 * Double(words.count))
                        / max(1, Double(words.count)).squareRoot().squareRoot()
                    found.append((window, utterance, sentence, likeness))
                }
            }
            guard let best = found.map(\.likeness).max(), best > 0 else { return }
            for place in found {
                change(&labels[place.window][place.utterance][place.sentence], place.likeness / best)
            }
        }

        for window in windows {
            for note in window.notes {
                mark(note.turns, note.text) { label, share in
                    let worth = share >= 0.6 ? note.worth : share >= 0.3 ? min(1, note.worth) : 0
                    label.worth = max(label.worth, worth)
                }
            }
        }
        for item in items {
            mark(item.turns, item.text) { label, share in
                if share >= 0.85 { label.item = label.item ?? item.kind }
            }
        }
        for opening in openings ?? [] {
            guard let (window, utterance) = places[opening.turn] else { continue }
            let reading = read[window][utterance]
            guard let words = reading.text.range(of: opening.words) else { continue }
            let place = reading.text.utf8.distance(from: reading.text.startIndex, to: words.lowerBound)
            guard let sentence = reading.sentences.lastIndex(where: { $0.lowerBound <= place }) else {
                continue
            }
            labels[window][utterance][sentence].opensMatter = true
        }
        return labels
    }
}
