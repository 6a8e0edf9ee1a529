import Foundation

/// Reads QMSum (Zhong et al., 2021): one meeting in each file, with `meeting_transcripts`, `specific_query_list`,
/// `general_query_list` and `topic_list`.
enum QMSumReader {
    private struct Meeting: Decodable {
        var meeting_transcripts: [Entry]
        var specific_query_list: [Query]?
        var general_query_list: [Query]?
        var topic_list: [Topic]?
    }

    private struct Entry: Decodable {
        var speaker: String
        var content: String
    }

    private struct Query: Decodable {
        var query: String
        var answer: String
        var relevant_text_span: [[Bound]]?
    }

    private struct Topic: Decodable {
        var topic: String
        var relevant_text_span: [[Bound]]
    }

    /// An end of a span; the files write it as a string such as `"12"`, but a number is accepted as well.
    private struct Bound: Decodable {
        var value: Int

        init(from decoder: any Decoder) throws {
            let container = try decoder.singleValueContainer()
            if let number = try? container.decode(Int.self) {
                value = number
            } else if let number = Int(try container.decode(String.self)) {
                value = number
            } else {
                throw DecodingError.dataCorrupted(
                    .init(codingPath: decoder.codingPath, debugDescription: "a span's end is not a number"))
            }
        }
    }

    static func read(_ path: String, isCleaned: Bool) throws(CorporaError) -> Corpus {
        let meeting = try CorpusFile.decode(Meeting.self, from: try CorpusFile.bytes(path), place: path)
        let utterances = meeting.meeting_transcripts.enumerated().compactMap { index, entry in
            utterance(entry, index: index, isCleaned: isCleaned)
        }
        let id = "qmsum/" + CorpusFile.stem(path)
        let count = meeting.meeting_transcripts.count
        var corpus = Corpus()
        var empty = 0
        var windows: [CorpusExample] = []
        for (number, query) in (meeting.specific_query_list ?? []).enumerated() {
            let spans = try ranges(
                query.relevant_text_span ?? [], count: count, place: "\(path): \(query.query)")
            let source = utterances.filter { utterance in spans.contains { $0.contains(utterance.index) } }
            let example = example(query, id: "\(id)/specific/\(number)", kind: .query, source: source)
            guard let example else {
                empty += 1
                continue
            }
            corpus.examples.append(example)
            if asksForSummary(query.query) { windows.append(window(example, id: "\(id)/window/\(number)")) }
        }
        // The daemon has the same at the end of a meeting: one line for each part.
        let parts = corpus.examples.map { CorpusUtterance(speaker: nil, text: $0.references[0], index: 0) }
        corpus.examples += windows
        for (number, query) in (meeting.general_query_list ?? []).enumerated() {
            let example = example(query, id: "\(id)/general/\(number)", kind: .meeting, source: utterances)
            guard let example else {
                empty += 1
                continue
            }
            corpus.examples.append(example)
            if parts.count > 1 {
                corpus.examples.append(
                    CorpusExample(
                        id: "\(id)/overall/\(number)", kind: .overall, source: parts,
                        references: example.references))
            }
        }
        var topics: [CorpusMeeting.Topic] = []
        for topic in meeting.topic_list ?? [] {
            let spans = try ranges(topic.relevant_text_span, count: count, place: "\(path): \(topic.topic)")
            topics.append(CorpusMeeting.Topic(title: topic.topic.collapsed, spans: spans))
        }
        corpus.meetings = [
            CorpusMeeting(id: id, utterances: utterances, deliveredCount: count, topics: topics)
        ]
        if empty > 0 {
            corpus.notes.append("\(path): \(empty) queries without utterances or answer left out")
        }
        return corpus
    }

    private static func utterance(_ entry: Entry, index: Int, isCleaned: Bool) -> CorpusUtterance? {
        let text = isCleaned ? QMSumText.cleaned(entry.content) : entry.content.collapsed
        guard !text.isEmpty else { return nil }
        let speaker = isCleaned ? QMSumText.name(entry.speaker) : entry.speaker.collapsed
        return CorpusUtterance(speaker: speaker, text: text, index: index)
    }

    private static func example(
        _ query: Query, id: String, kind: CorpusExample.Kind, source: [CorpusUtterance]
    ) -> CorpusExample? {
        let answer = query.answer.collapsed
        guard !source.isEmpty, !answer.isEmpty else { return nil }
        return CorpusExample(
            id: id, kind: kind, source: source, query: query.query.collapsed, references: [answer])
    }

    /// Whether `query` asks for a summary of its passage, rather than for somebody's opinion or reasons.
    private static func asksForSummary(_ query: String) -> Bool {
        let words = query.lowercased().split(whereSeparator: \.isWhitespace)
        return words.first == "summarize"
            || [
                "what did the group", "what did the team", "what did the meeting", "what was said",
                "what was discussed",
            ]
            .contains { words.joined(separator: " ").hasPrefix($0 + " ") }
    }

    private static func window(_ query: CorpusExample, id: String) -> CorpusExample {
        CorpusExample(id: id, kind: .window, source: query.source, references: query.references)
    }

    /// Converts spans, which include both ends in the files, to ranges; throws if one is not inside the meeting.
    private static func ranges(_ spans: [[Bound]], count: Int, place: String) throws(CorporaError) -> [Range<
        Int
    >] {
        var ranges: [Range<Int>] = []
        for span in spans {
            guard span.count == 2, 0 <= span[0].value, span[0].value <= span[1].value, span[1].value < count
            else {
                throw CorporaError(
                    .malformed,
                    "\(place): the span \(span.map { "\($0.value)" }.joined(separator: " to ")) is not in the meeting's \(count) utterances"
                )
            }
            ranges.append(span[0].value..<(span[1].value + 1))
        }
        return ranges
    }
}
