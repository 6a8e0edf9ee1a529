import Foundation
import Language

/// Reads a recogniser's document by its ``DocumentShape``.
struct DocumentReader {
    private let shape: DocumentShape
    private let name: String
    private let unit: Double
    /// Who the speakers' labels stand for, where the document says so elsewhere.
    private let names: SpeakerNames

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
        // Messages are read one after the other, since later ones may take earlier ones back.
        guard RecognizerEvents.format(of: node) == nil else { return nil }
        if let rows = SegmentRows.utterances(node, name: name) {
            return TranscriptFile(format: .segments, utterances: rows)
        }
        guard let found = SegmentSearch.found(in: node) else { return nil }
        return file(found, SpeakerNames(node), name: name)
    }

    /// Utterances from a program that is not known, an object a line.
    static func read(lines nodes: [JSONNode], name: String) -> TranscriptFile? {
        SegmentSearch.found(among: nodes).flatMap { file($0, SpeakerNames(), name: name) }
    }

    private static func file(_ found: SegmentSearch.Found, _ names: SpeakerNames, name: String)
        -> TranscriptFile?
    {
        let reader = DocumentReader(
            shape: .segments(found.keys), name: name, unit: 1, names: names)
        var file = TranscriptFile(format: .segments)
        file.utterances =
            found.areWords
            ? reader.utterances(ofTokens: found.pieces) : reader.utterances(of: found.pieces, channelCount: 0)
        if found.areWritten {
            for index in file.utterances.indices { file.utterances[index].isWritten = true }
        }
        file.noteChat()
        settleTimes(&file, unit: nil)
        return file.utterances.isEmpty ? nil : file
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
        let reader = DocumentReader(
            shape: shape, name: name, unit: shape.unit ?? 1, names: SpeakerNames(node))
        file.utterances = reader.utterances(of: node)
        guard !file.utterances.isEmpty || !reader.hasPieces(node) else {
            throw TranscriptFormat.refusal(
                name,
                "is JSON as \(shape.format.rawValue) has it, but none of its pieces has a text or a word that can be read"
            )
        }
        file.noteChat()
        settleTimes(&file, unit: shape.unit)
        return file
    }

    /// Brings times to seconds, and what was said into their order.
    private static func settleTimes(_ file: inout TranscriptFile, unit: Double?) {
        if unit == nil, TimeRepair.areMilliseconds(file.utterances) {
            for index in file.utterances.indices { file.utterances[index].mapTimes { $0 / 1000 } }
        }
        TimeRepair.unify(&file.utterances)
        // The channels are listed one after the other: sorted by time, they make a conversation.
        if Set(file.utterances.map { $0.start == nil }) == [false] {
            file.utterances = file.utterances.enumerated().sorted {
                ($0.element.start ?? 0, $0.offset) < ($1.element.start ?? 0, $1.offset)
            }.map(\.element)
        }
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
        var lastOuterStart: Double?
        return found.enumerated().flatMap { index, piece -> [Utterance] in
            let own =
                speaker(of: piece.node) ?? piece.outer.flatMap(speaker)
                ?? (areSpeakers ? numbers[index].map { "Channel \($0 + first)" } : nil)
            let channel =
                channelCount > 1 ? "Channel \((piece.node[shape.keys.channel]?.channelNumber ?? 0) + 1)" : nil
            let named = [channel, own].compactMap { $0 }.joined(separator: ", ")
            var said = utterances(ofPiece: piece.node, named.isEmpty ? nil : named, index)
            if SegmentSearch.isChat(piece.node) {
                for place in said.indices { said[place].isWritten = true }
            }
            // Where only whole turns have times, their first sentence has the turn's.
            if let outer = piece.outer, let start = times(of: outer).start, start != lastOuterStart {
                lastOuterStart = start
                if let first = said.first, first.start == nil {
                    said[0].setTimes(start: start, end: first.end)
                }
            }
            return said
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
        for path in shape.words {
            let words = path.all(in: group).compactMap { found -> SpokenWord? in
                guard var word = word(found.node) else { return nil }
                let own = word.speaker ?? word.start.flatMap(names.speaker(at:))
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
                if word.speaker == nil { word.speaker = speaker ?? word.start.flatMap(names.speaker(at:)) }
                return word
            }
        }
        let text = piece[shape.keys.text]?.writtenText
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
        if let row = node.array {
            // `["shall", 0.1, 0.4]`
            guard row.count >= 3, let text = row[0].text else { return nil }
            return SpokenWord(
                text: text, start: row[1].seconds(unit: unit), end: row[2].seconds(unit: unit))
        }
        let type = node["type"]?.text
        guard type != "spacing", type != "audio_event", let text = node[shape.keys.text]?.text else {
            return nil
        }
        let times = times(of: node)
        return SpokenWord(
            text: text, start: times.start, end: times.end, speaker: speaker(of: node),
            isPunctuation: type == "punctuation" || type == "punct")
    }

    /// Makes words of what may be parts of words, with the blanks between them, and utterances of these.
    private func utterances(ofTokens tokens: [JSONPath.Found]) -> [Utterance] {
        let spellsBlanks = tokens.contains { token in
            token.node[shape.keys.text]?.string.map { $0.first == " " || $0.last == " " } == true
        }
        var words: [SpokenWord] = []
        var isOpen = false
        for token in tokens {
            guard let spelled = token.node[shape.keys.text]?.string else { continue }
            let text = spelled.collapsed
            let (times, own) = (
                times(of: token.node), speaker(of: token.node) ?? token.outer.flatMap(speaker)
            )
            let goesOn = spellsBlanks && isOpen && spelled.first?.isWhitespace == false
            isOpen = spelled.last?.isWhitespace == false
            guard !text.isEmpty, !(text.first == "<" && text.last == ">") else { continue }
            if goesOn, let last = words.last, own == nil || last.speaker == own {
                words[words.count - 1].text += text
                words[words.count - 1].end = times.end ?? last.end
            } else {
                let isMark = text.allSatisfy(\.isPunctuation)
                words.append(
                    SpokenWord(
                        text: text, start: times.start, end: times.end, speaker: own, isPunctuation: isMark))
            }
        }
        return words.utterances(at: place(0))
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
        guard
            let found = shape.keys.speaker.lazy.compactMap({ $0.first(in: node) }).first(where: {
                $0.speaker() != nil
            })
        else { return nil }
        if let name = names.name(of: found) { return name }
        // A number that Google gives to words without a speaker.
        if found.number == 0, shape.lastPieceHasAll { return nil }
        guard var label = found.speaker(), label != shape.nobody else { return nil }
        // The name of a resource, as Google Meet's API has it.
        if label.contains("/participants/"), let slash = label.lastIndex(of: "/") {
            label = String(label[slash...].dropFirst())
        }
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
        // `"timestamp": [0.5, 1.9]`
        if let range = node[keys.start]?.array, range.count == 2 {
            return (range[0].seconds(unit: unit), range[1].seconds(unit: unit))
        }
        func seconds(_ paths: [JSONPath]) -> Double? {
            paths.lazy.compactMap { $0.first(in: node)?.seconds(unit: unit) }.first
        }
        let start = seconds(keys.start)
        let end = seconds(keys.end)
        return (
            start,
            end ?? start.flatMap { start in seconds(keys.duration).map { start + $0 } }
        )
    }

    private func place(_ index: Int) -> SourcePosition { SourcePosition(name: name, line: index + 1) }
}

extension String {
    fileprivate var nonEmpty: String? { isEmpty ? nil : self }
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
