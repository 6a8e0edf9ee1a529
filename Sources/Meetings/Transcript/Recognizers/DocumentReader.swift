import Foundation
import Language

/// Reads a recogniser's document by its ``DocumentShape``.
struct DocumentReader {
    private let shape: DocumentShape
    private let name: String
    private let unit: Double

    /// What was said, in the order of time where all times are known; nil if no shape fits.
    ///
    /// Throws a refusal if the document says that there is no transcript, or has words of which none can be read.
    static func read(_ node: JSONNode, name: String) throws(TranscriptError) -> TranscriptFile? {
        let known = DocumentShape.all.first { shape in
            shape.marks.allSatisfy { node[$0] != nil }
                && shape.list.map { $0.first(in: node)?.array != nil } != false
                && (shape.format != .whisper || RecognizerEvents.format(of: node) == nil)
        }
        if let known { return try read(node, as: known, name: name) }
        if let status = node["status"]?.text?.lowercased(),
            ["error", "failed", "queued", "processing"].contains(status)
        {
            let reason =
                node[keys: ["error", "failureReason", "FailureReason"]]?.text ?? "no reason is given"
            throw TranscriptError(
                .malformed,
                "\(name) is a recogniser's report without a transcript (\(status)): \(reason.prefix(200))")
        }
        if let rows = SegmentRows.utterances(node, name: name) {
            return TranscriptFile(format: .segments, utterances: rows)
        }
        guard let list = SegmentSearch.list(in: node) else { return nil }
        return try read(list, as: .list("[]"), name: name)
    }

    private static func read(_ node: JSONNode, as shape: DocumentShape, name: String) throws(TranscriptError)
        -> TranscriptFile
    {
        var file = TranscriptFile(format: shape.format)
        if shape.format == .whisper,
            (node["segments"]?.array ?? []).contains(where: { $0["words"] != nil && $0["tokens"] == nil })
        {
            file.format = .whisperX
        }
        let reader = DocumentReader(shape: shape, name: name, unit: shape.unit ?? 1)
        file.utterances = reader.utterances(of: node)
        if shape.unit == nil, TimeRepair.areMilliseconds(file.utterances) {
            for index in file.utterances.indices { file.utterances[index].mapTimes { $0 / 1000 } }
        }
        TimeRepair.unify(&file.utterances)
        guard !file.utterances.isEmpty || !reader.hasPieces(node) else {
            throw TranscriptFormat.refusal(
                name,
                "is JSON as \(shape.format.rawValue) has it, but none of its pieces has a text or a word that can be read"
            )
        }
        // The channels are listed one after the other: sorted by time, they make a conversation.
        if Set(file.utterances.map { $0.start == nil }) == [false] {
            file.utterances = file.utterances.enumerated().sorted {
                ($0.element.start ?? 0, $0.offset) < ($1.element.start ?? 0, $1.offset)
            }.map(\.element)
        }
        return file
    }

    // MARK: - Pieces and words

    private func hasPieces(_ node: JSONNode) -> Bool {
        (shape.pieces + shape.words).contains { !$0.all(in: node).isEmpty }
    }

    private func utterances(of node: JSONNode) -> [Utterance] {
        let groups = shape.groups.map { $0.all(in: node).map(\.node) } ?? []
        for path in shape.pieces {
            var found = path.all(in: node)
            if shape.lastPieceHasAll { found = lastOrAll(found) }
            let said = utterances(of: found, channelCount: groups.count)
            if !said.isEmpty { return said }
        }
        guard !groups.isEmpty else { return utterances(ofGroup: node, named: nil) }
        return groups.enumerated().flatMap { number, group in
            let label = group[shape.groupName]?.text ?? (groups.count > 1 ? "Channel \(number + 1)" : nil)
            return utterances(ofGroup: group, named: label)
        }
    }

    private func utterances(of found: [JSONPath.Found], channelCount: Int) -> [Utterance] {
        // Without speakers, each channel is one.
        let numbers = found.map { $0.node[shape.keys.channel]?.channelNumber }
        let areSpeakers = channelCount == 0 && Set(numbers.compactMap { $0 }).count > 1
        let first = numbers.contains(0) ? 1 : 0
        return found.enumerated().flatMap { index, piece -> [Utterance] in
            let own =
                speaker(of: piece.node) ?? piece.outer.flatMap(speaker)
                ?? (areSpeakers ? numbers[index].map { "Channel \($0 + first)" } : nil)
            let channel =
                channelCount > 1 ? "Channel \((piece.node[shape.keys.channel]?.channelNumber ?? 0) + 1)" : nil
            let named = [channel, own].compactMap { $0 }.joined(separator: ", ")
            return utterances(ofPiece: piece.node, named.isEmpty ? nil : named, index)
        }
    }

    private func utterances(ofGroup group: JSONNode, named label: String?) -> [Utterance] {
        for path in shape.groupPieces {
            let said = path.all(in: group).enumerated().flatMap { index, piece in
                let own = speaker(of: piece.node) ?? piece.outer.flatMap(speaker)
                return utterances(
                    ofPiece: piece.node, [label, own].compactMap { $0 }.joined(separator: ", ").nonEmpty,
                    index)
            }
            if !said.isEmpty { return said }
        }
        let speakers = shape.format == .awsTranscribe ? AWSSpeakers(group) : nil
        for path in shape.words {
            let words = path.all(in: group).compactMap { found -> SpokenWord? in
                guard var word = word(found.node) else { return nil }
                let own = word.speaker ?? speakers?.speaker(of: found.node)
                word.speaker = [label, own].compactMap { $0 }.joined(separator: ", ").nonEmpty
                return word
            }
            if !words.isEmpty { return words.utterances(at: place(0)) }
        }
        return [
            Utterance(
                recognized: group[shape.whole]?.text, speaker: label, start: nil, end: nil, at: place(0))
        ].compactMap { $0 }
    }

    private func utterances(ofPiece piece: JSONNode, _ speaker: String?, _ index: Int) -> [Utterance] {
        var words: [SpokenWord] = []
        for path in shape.words where words.isEmpty {
            words = path.all(in: piece).compactMap { found in
                guard var word = word(found.node) else { return nil }
                if word.speaker == nil { word.speaker = speaker }
                return word
            }
        }
        let text = piece[shape.keys.text]?.text
        if !words.isEmpty, text == nil || Set(words.map(\.speaker)).count > 1 {
            return words.utterances(at: place(index))
        }
        let times = times(of: piece)
        return [
            Utterance(
                recognized: text, speaker: speaker ?? words.first?.speaker,
                start: times.start ?? words.lazy.compactMap(\.start).first,
                end: times.end ?? words.reversed().lazy.compactMap(\.end).first, at: place(index))
        ].compactMap { $0 }
    }

    private func word(_ node: JSONNode) -> SpokenWord? {
        let type = node["type"]?.text
        guard type != "spacing", type != "audio_event", let text = node[shape.keys.text]?.text else {
            return nil
        }
        let times = times(of: node)
        return SpokenWord(
            text: text, start: times.start, end: times.end, speaker: speaker(of: node),
            isPunctuation: type == "punctuation" || type == "punct")
    }

    /// Google's last result has the words of all, with their speakers.
    private func lastOrAll(_ found: [JSONPath.Found]) -> [JSONPath.Found] {
        guard found.count > 1, let last = found.last else { return found }
        func words(_ one: JSONPath.Found) -> [JSONNode] {
            shape.words.first?.all(in: one.node).map(\.node) ?? []
        }
        func named(_ words: [JSONNode]) -> Int { words.count { speaker(of: $0) != nil } }
        let (all, before) = (words(last), found.dropLast().map(words))
        let isWhole =
            named(all) > 0 && before.allSatisfy { named($0) == 0 }
            && all.count >= before.reduce(0) { $0 + $1.count }
        return isWhole ? [last] : found
    }

    // MARK: - Keys

    private func speaker(of node: JSONNode) -> String? {
        guard let found = node[shape.keys.speaker] else { return nil }
        // A number that Google gives to words without a speaker.
        if found.number == 0, shape.lastPieceHasAll { return nil }
        guard let label = found.speaker(), label != shape.nobody else { return nil }
        if label.hasPrefix("spk_") { return "Speaker \(label.dropFirst(4))" }
        let isLetter = label.count <= 2 && label.allSatisfy { $0.isASCII && $0.isUppercase }
        return isLetter ? "Speaker \(label)" : label
    }

    private func times(of node: JSONNode) -> (start: Double?, end: Double?) {
        let keys = shape.keys
        if let start = node[keys.milliseconds.start]?.milliseconds {
            let end = node[keys.milliseconds.end]?.milliseconds
            return (start, end ?? node[keys.milliseconds.duration]?.milliseconds.map { start + $0 })
        }
        if let start = node[keys.ticks.start]?.seconds(unit: 1e-7) {
            return (start, node[keys.ticks.duration]?.seconds(unit: 1e-7).map { start + $0 })
        }
        let start = node[keys.start]?.seconds(unit: unit)
        let end = node[keys.end]?.seconds(unit: unit)
        return (
            start,
            end ?? start.flatMap { start in node[keys.duration]?.seconds(unit: unit).map { start + $0 } }
        )
    }

    private func place(_ index: Int) -> SourcePosition { SourcePosition(name: name, line: index + 1) }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
}

/// The speakers of AWS's words where they are listed apart from them.
private struct AWSSpeakers {
    private var speakers: [String: String] = [:]

    init(_ node: JSONNode) {
        for segment in node["results"]?["speaker_labels"]?["segments"]?.array ?? [] {
            for item in segment["items"]?.array ?? [] {
                guard let start = item["start_time"]?.identifier,
                    let label = (item["speaker_label"] ?? segment["speaker_label"])?.text
                else { continue }
                speakers[start] = label.hasPrefix("spk_") ? "Speaker \(label.dropFirst(4))" : label
            }
        }
    }

    func speaker(of word: JSONNode) -> String? { word["start_time"]?.identifier.flatMap { speakers[$0] } }
}

/// Lists of segments as rows without names: `[1, 0, 0.0, 3.2, "text", …]`, as faster-whisper's are written by some.
enum SegmentRows {
    /// Nil unless every row has a text with two numbers directly before it.
    static func utterances(_ node: JSONNode, name: String) -> [Utterance]? {
        let list = node.array ?? node["segments"]?.array ?? []
        guard let first = list.first, first.kind == .array else { return nil }
        var utterances: [Utterance] = []
        for (index, row) in list.enumerated() {
            guard let cells = row.array, let place = cells.firstIndex(where: { $0.kind == .string }),
                place >= 2,
                let start = cells[place - 2].seconds, let end = cells[place - 1].seconds
            else { return nil }
            guard let text = cells[place].text else { continue }
            utterances.append(
                Utterance(
                    start: start, end: end, text: text, source: SourcePosition(name: name, line: index + 1)))
        }
        return utterances.isEmpty ? nil : utterances
    }
}

/// Finds the list of utterances in a document of a program that is not known.
enum SegmentSearch {
    private static let depthLimit = 4
    private static let keys = DocumentShape.Keys()

    /// The longest list of objects most of which have a text, and a speaker or a time.
    static func list(in node: JSONNode, depth: Int = 0) -> JSONNode? {
        guard depth <= depthLimit else { return nil }
        if let elements = node.array {
            let sample = elements.prefix(200)
            let fitting = sample.count { isUtterance($0) }
            return !sample.isEmpty && fitting * 10 >= sample.count * 6 ? node : nil
        }
        return node.values.compactMap { list(in: $0, depth: depth + 1) }
            .max { ($0.array?.count ?? 0) < ($1.array?.count ?? 0) }
    }

    private static func isUtterance(_ node: JSONNode) -> Bool {
        guard node.isObject else { return false }
        let hasText = node[keys.text]?.text != nil || !DocumentShape.words.all(in: node).isEmpty
        let times = keys.start + keys.milliseconds.start + keys.ticks.start
        return hasText && (node[keys.speaker]?.speaker() != nil || node[times]?.seconds != nil)
    }
}
