/// One task with its answers: a conversation, perhaps a question about it, and what people wrote.
package struct CorpusExample: Sendable, Hashable, Codable {
    /// What is asked of a summary.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// A short dialogue to be summarised (DialogSum).
        case dialogue
        /// A question about a part of a meeting, with the part's utterances (QMSum, specific queries).
        case query
        /// A part of a meeting to be summarised, as the daemon summarises its windows (QMSum, specific queries that ask
        /// for that).
        case window
        /// A whole meeting to be summarised (QMSum, general queries).
        case meeting
        /// Summaries of a meeting's parts to be made into one, as the daemon ends a meeting (QMSum, the answers to
        /// specific queries and that to a general one).
        case overall
        /// A transcript and its minutes, from the user's own folder.
        case pair
    }

    /// Tells the examples of a corpus apart and stays the same from run to run, such as `qmsum/Bed003/specific/0`.
    package var id: String
    /// What is asked.
    package var kind: Kind
    /// What was said, in order; never empty.
    package var source: [CorpusUtterance]
    /// The question, where the answer is to one.
    package var query: String?
    /// What people wrote; never empty, trimmed, line breaks kept.
    package var references: [String]

    /// Makes an example from its parts.
    package init(id: String, kind: Kind, source: [CorpusUtterance], query: String? = nil, references: [String])
    {
        self.id = id
        self.kind = kind
        self.source = source
        self.query = query
        self.references = references
    }
}

/// One speaker's turn as a corpus has it: words without times.
package struct CorpusUtterance: Sendable, Hashable, Codable {
    /// Who spoke, if the corpus says so.
    package var speaker: String?
    /// What was said: never empty, white space collapsed, no line breaks.
    package var text: String
    /// Its 0-based number in the whole transcript as delivered, before anything was left out.
    package var index: Int

    /// Makes an utterance from its parts.
    package init(speaker: String?, text: String, index: Int) {
        self.speaker = speaker
        self.text = text
        self.index = index
    }
}

/// A meeting with the topics that people found in it.
package struct CorpusMeeting: Sendable, Hashable, Codable {
    /// A topic and where it was talked about.
    package struct Topic: Sendable, Hashable, Codable {
        /// In the words of the annotators.
        package var title: String
        /// Half-open ranges of ``CorpusUtterance/index``, in the order given; they may overlap and leave gaps.
        package var spans: [Range<Int>]

        /// Makes a topic.
        package init(title: String, spans: [Range<Int>]) {
            self.title = title
            self.spans = spans
        }
    }

    /// Such as `qmsum/Bed003`.
    package var id: String
    /// Everything that was said and has words.
    package var utterances: [CorpusUtterance]
    /// Utterances as delivered, those without words included: indices are below it.
    package var deliveredCount: Int
    /// What was talked about.
    package var topics: [Topic]

    /// Makes a meeting.
    package init(id: String, utterances: [CorpusUtterance], deliveredCount: Int, topics: [Topic]) {
        self.id = id
        self.utterances = utterances
        self.deliveredCount = deliveredCount
        self.topics = topics
    }
}
