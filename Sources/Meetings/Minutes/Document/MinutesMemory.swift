import Transcript

/// What is known of a meeting from the last time that its minutes were made, so that only what is new is read and judged.
///
/// It makes no difference to the minutes: whatever has changed since then is worked out again. Belongs to one meeting
/// and to whoever makes its minutes.
package final class MinutesMemory {
    /// A window that was judged, and what of its words does not change with what is said later.
    struct Window {
        let outcome: MinutesDocument.WindowOutcome
        let checksEvidence: Bool
        /// As the minutes show it, but for ``MinutesWindow/quotes``.
        let shown: MinutesWindow
        /// What its summary lists.
        let items: [MinutesItem]
    }

    /// All of the meeting, as they were read.
    private(set) var utterances: [Utterance] = []
    /// One for each utterance.
    private(set) var readings: [UtteranceReading] = []
    /// By their index.
    private var windows: [Int: Window] = [:]
    /// Words of windows that may name a topic, by the windows' utterances.
    private var topicWords: [Range<Int>: TopicNamer.Counts] = [:]
    /// Words of the speakers' names, which name no topic.
    private var names: Set<String> = []
    /// Utterances read and windows judged so far, for those who want to know what the minutes cost.
    private(set) var work = (readings: 0, judgements: 0)

    /// Knows nothing yet.
    package init() {}

    /// How many utterances it knows.
    package var utteranceCount: Int { utterances.count }

    /// Reads `all` utterances of the meeting; those that are known are not read again.
    func read(_ all: [Utterance]) {
        let same = zip(all, utterances).prefix { $0 == $1 }.count
        utterances = all
        readings.removeLast(readings.count - same)
        readings += all[same...].map(UtteranceReading.init)
        work.readings += all.count - same
        let names = TopicNamer.names(of: all)
        if names != self.names { topicWords = [:] }
        self.names = names
        windows = windows.filter { $0.value.outcome.window.utterances.upperBound <= same }
        topicWords = topicWords.filter { $0.key.upperBound <= same }
    }

    /// The window of `outcome`, judged if it is not known.
    func window(_ outcome: MinutesDocument.WindowOutcome, checksEvidence: Bool) -> Window {
        let index = outcome.window.index
        if let known = windows[index], known.outcome == outcome, known.checksEvidence == checksEvidence {
            return known
        }
        let shown = MinutesWindow(outcome, memory: self, checksEvidence: checksEvidence)
        let window = Window(
            outcome: outcome, checksEvidence: checksEvidence, shown: shown,
            items: StatedItems.items(in: shown.statements ?? []))
        windows[index] = window
        work.judgements += 1
        return window
    }

    /// Words of the utterances of `range` that may name a topic.
    func topicWords(of range: Range<Int>) -> TopicNamer.Counts {
        if let known = topicWords[range] { return known }
        let counts = TopicNamer.Counts(readings[range.clamped(to: readings.indices)], without: names)
        topicWords[range] = counts
        return counts
    }

    /// Compares sentences with the utterances of `range`.
    func evidence(in range: Range<Int>) -> EvidenceFinder {
        EvidenceFinder(
            utterances: utterances[range], first: range.lowerBound, sources: readings[range].map(\.source))
    }
}
