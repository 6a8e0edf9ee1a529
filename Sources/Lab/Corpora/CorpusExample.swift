/// A task with its reference answers: a conversation, perhaps a question about it, and what people wrote.
package struct CorpusExample: Sendable, Hashable, Codable {
    /// The kinds of tasks.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// Summarising a short dialogue (DialogSum).
        case dialogue
        /// Answering a question about a part of a meeting, given that part (QMSum, specific queries).
        case query
        /// Summarising a part of a meeting, as the daemon summarises a window (QMSum, those specific queries that ask
        /// for a summary).
        case window
        /// Summarising a whole meeting (QMSum, general queries).
        case meeting
        /// Combining the summaries of a meeting's parts into one, as the daemon does at the end of a meeting (QMSum,
        /// with the answers to specific queries as the source and the answer to a general one as the reference).
        case overall
        /// Summarising a transcript from the user's own folder.
        case pair
    }

    /// A unique name that is the same in every run, such as `qmsum/Bed003/specific/0`.
    package var id: String
    /// The kind of task.
    package var kind: Kind
    /// The utterances of the conversation, in order; never empty.
    package var source: [CorpusUtterance]
    /// The question or request that the answer is for; nil if the data has none.
    package var query: String?
    /// The answers that people wrote, at least one; trimmed, but with their line breaks.
    package var references: [String]
}

/// One speaker's turn in a corpus, which has no times.
package struct CorpusUtterance: Sendable, Hashable, Codable {
    /// The speaker; nil if the corpus does not name one.
    package var speaker: String?
    /// What was said: never empty, with single blanks and no line breaks.
    package var text: String
    /// Its number, from 0, in the original transcript, before anything was left out.
    package var index: Int

    /// Creates an utterance; `text` is not checked.
    package init(speaker: String?, text: String, index: Int) {
        self.speaker = speaker
        self.text = text
        self.index = index
    }
}

/// A meeting with the topics that annotators found in it.
package struct CorpusMeeting: Sendable, Hashable, Codable {
    /// A topic and the parts of the meeting where people talked about it.
    package struct Topic: Sendable, Hashable, Codable {
        /// The topic in the annotators' words.
        package var title: String
        /// The ranges of ``CorpusUtterance/index`` that belong to the topic, in the data's order; they may overlap and
        /// leave gaps.
        package var spans: [Range<Int>]
    }

    /// A unique name, such as `qmsum/Bed003`.
    package var id: String
    /// The utterances that have words.
    package var utterances: [CorpusUtterance]
    /// The number of utterances in the original transcript, including those without words; every index is below it.
    package var deliveredCount: Int
    /// The topics of the meeting.
    package var topics: [Topic]
}
