/// Finds the list of utterances in a document of a program that is not known.
///
/// It is the list with most text, most of whose objects have a text, and a speaker or a time; or such lists within the
/// objects of a list (the sentences of each turn), which have these from the outer object. What is text, speaker and time
/// is told by the names of the members, however they are spelled (`startTime`, `start_time_ms`, `BeginOffsetMillis`).
enum SegmentSearch {
    /// What was found.
    struct Found {
        var pieces: [JSONPath.Found]
        var keys: DocumentShape.Keys
        /// They are words or parts of words.
        var areWords: Bool
        /// They are messages that were written, all of them.
        var areWritten: Bool
    }

    private static let depthLimit = 6
    private static let sampleLimit = 200

    static func found(in node: JSONNode) -> Found? {
        guard let list = best(in: node, depth: 0) else { return nil }
        let sample = list.pieces.prefix(sampleLimit)
        let areWritten = sample.count { isMessage($0.node, list.keys) } * 10 >= sample.count * 5
        return Found(
            pieces: list.pieces.filter { !isInstruction($0.node) }, keys: list.keys, areWords: list.areWords,
            areWritten: areWritten)
    }

    /// The types of messages in the exports of messengers.
    private static let messages: Set<String> = ["message", "Default", "Reply"]

    /// The same for what is written an object a line.
    static func found(among nodes: [JSONNode]) -> Found? {
        let keys = DocumentShape.Keys(Array(nodes.prefix(sampleLimit)))
        let pieces = nodes.map { JSONPath.Found(node: $0) }
        guard fits(Array(pieces.prefix(sampleLimit)), keys) else { return nil }
        let list = List(pieces, keys)
        return Found(pieces: pieces, keys: keys, areWords: list.areWords, areWritten: false)
    }

    /// Whether a messenger exported it: it has a date, and does not say how long it took.
    private static func isMessage(_ node: JSONNode, _ keys: DocumentShape.Keys) -> Bool {
        guard let type = node["type"]?.text, messages.contains(type) else { return false }
        let start = (keys.milliseconds.start + keys.start).lazy.compactMap { $0.first(in: node)?.seconds }
            .first
        return start.map { $0 >= TranscriptFile.epochSeconds } == true
            && node[keys.end] == nil && node[keys.duration] == nil
    }

    /// Whether it is marked as written in a chat.
    static func isChat(_ node: JSONNode) -> Bool {
        node["messageType"]?.text == "message" || node["isChat"]?.bool == true || node["chat"]?.bool == true
    }

    /// What a program told a model is nothing that anybody said.
    private static func isInstruction(_ node: JSONNode) -> Bool {
        ["system", "tool"].contains(node["role"]?.text)
    }

    // MARK: - Lists

    private struct List {
        var pieces: [JSONPath.Found]
        var keys: DocumentShape.Keys
        var areWords: Bool
        /// About how many characters it has.
        var size: Int

        init(_ pieces: [JSONPath.Found], _ keys: DocumentShape.Keys) {
            (self.pieces, self.keys) = (pieces, keys)
            let texts = pieces.prefix(sampleLimit).compactMap { $0.node[keys.text]?.writtenText }
            let length = texts.reduce(0) { $0 + $1.count }
            size = texts.isEmpty ? 0 : length * pieces.count / texts.count
            areWords =
                texts.count >= 6 && length <= texts.count * 9
                && texts.count { !$0.contains(" ") } * 10 >= texts.count * 9
        }

        /// Whether another one is likelier to be the transcript: sentences rather than their words, then more text.
        func isLess(_ other: List) -> Bool {
            areWords != other.areWords ? areWords && other.size * 2 >= size : size < other.size
        }
    }

    private static func best(in node: JSONNode, depth: Int) -> List? {
        guard depth <= depthLimit else { return nil }
        if let elements = node.array { return best(among: elements, depth: depth) }
        return node.values.compactMap { best(in: $0, depth: depth + 1) }.reduce(nil) { best, list in
            best.map { $0.isLess(list) ? list : $0 } ?? list
        }
    }

    private static func best(among elements: [JSONNode], depth: Int) -> List? {
        let sample = elements.prefix(sampleLimit).filter { $0.isObject || $0.kind == .array }
        guard !sample.isEmpty else { return nil }
        let keys = DocumentShape.Keys(sample)
        if fits(sample.map { JSONPath.Found(node: $0) }, keys) {
            return List(elements.map { JSONPath.Found(node: $0) }, keys)
        }
        if let inner = inner(elements, sample) { return inner }
        // A list a call, or a page.
        let lists = elements.compactMap { best(in: $0, depth: depth + 1) }
        guard let first = lists.first else { return nil }
        // A later list may call its parts otherwise.
        let few = max(2, sampleLimit / lists.count)
        let sampled = lists.flatMap { $0.pieces.prefix(few) }.map(\.node)
        return lists.count == 1 ? first : List(lists.flatMap(\.pieces), DocumentShape.Keys(sampled))
    }

    /// The lists within the objects of a list, such as the sentences of each turn.
    private static func inner(_ elements: [JSONNode], _ sample: [JSONNode]) -> List? {
        var names: [String] = []
        for element in sample.prefix(20) where element.isObject {
            for (name, value) in zip(element.names, element.values)
            where value.kind == .array && !names.contains(name) { names.append(name) }
        }
        func pieces(_ elements: [JSONNode], _ name: String) -> [JSONPath.Found] {
            elements.flatMap { element in
                (element[name]?.array ?? []).map { JSONPath.Found(node: $0, outer: element) }
            }
        }
        for name in names.prefix(20) {
            let few = Array(pieces(Array(sample.prefix(50)), name).prefix(sampleLimit))
            let keys = DocumentShape.Keys(few.map(\.node) + sample.prefix(50))
            guard fits(few, keys) else { continue }
            // A later list may call its parts otherwise.
            let firsts = elements.compactMap { $0[name]?.firstElement }
            return List(
                pieces(elements, name), DocumentShape.Keys(few.map(\.node) + sample.prefix(50) + firsts))
        }
        return nil
    }

    private static func fits(_ pieces: [JSONPath.Found], _ keys: DocumentShape.Keys) -> Bool {
        let times = keys.milliseconds.start + keys.ticks.start + keys.start
        func isPlaced(_ node: JSONNode) -> Bool {
            node[keys.speaker]?.speaker() != nil || times.contains { $0.first(in: node)?.seconds != nil }
        }
        // An utterance may be empty.
        let pieces = pieces.filter { $0.node[keys.text]?.string?.isEmpty != true }
        let fitting = pieces.count { piece in
            piece.node.isObject
                && (piece.node[keys.text]?.writtenText != nil
                    || !DocumentShape.words.all(in: piece.node).isEmpty)
                && (isPlaced(piece.node) || piece.outer.map(isPlaced) == true)
        }
        return fitting > 0 && fitting * 10 >= pieces.count * 6
    }

    // MARK: - Names

    /// A name without what programs divide its words by, in lower case.
    static func plain(_ name: String) -> String {
        String(name.lowercased().filter { $0.isLetter || $0.isNumber })
    }
}

extension DocumentShape.Keys {
    private static let texts = [
        "text", "transcript", "sentence", "display", "displaytext", "content", "punctuatedword", "word",
        "utterance", "spokentext", "message", "body", "caption", "line", "phrase", "transcription", "rawtext",
        "segment", "speech", "said", "subtitle", "segmenttext", "value", "msg",
    ]
    private static let speakers = [
        "detectedspeakername", "speakername", "nickname", "speakerdisplayname", "speaker", "displayname",
        "personname",
        "participantname", "userprofile", "username", "authorname", "sendername", "speakerlabel", "speakerid",
        "speakertag", "spk", "spkid", "participant", "participantid", "person", "author", "sender", "from",
        "user", "who", "name", "role", "channellabel", "source",
    ]
    /// What a recorder on a computer calls its owner's voice and all others.
    private static let tracks: Set<String> = ["microphone", "mic", "system", "local", "remote"]
    private static let starts = [
        "start", "starttime", "starttimestamp", "startts", "begin", "begintime", "timebegin", "beginoffset",
        "offset", "startoffset", "from", "ts", "timestamp", "time", "timecode", "in", "createdat",
        "createddatetime", "dateunixtime", "date", "secondsfromstart",
    ]
    private static let ends = [
        "end", "endtime", "endtimestamp", "endts", "timeend", "endoffset", "finish", "stop", "to", "out",
    ]
    private static let durations = ["duration", "dur", "length"]
    private static let secondsSuffixes = ["", "s", "sec", "secs", "seconds", "inseconds"]
    private static let millisecondsSuffixes = ["ms", "millis", "msec", "millisecond", "milliseconds", "inms"]

    /// The keys of a list's objects, by their members' names.
    init(_ sample: [JSONNode]) {
        var names: [String: [(path: JSONPath, isNumber: Bool)]] = [:]
        var known: Set<String> = []
        // Those of a piece's words as well.
        let words = sample.prefix(20).compactMap { $0["words"]?.firstElement }
        for node in sample + words where node.isObject {
            for (name, value) in zip(node.names, node.values)
            where value.kind != .null && known.insert(name).inserted {
                names[SegmentSearch.plain(name), default: []].append(
                    (JSONPath(member: name), value.seconds != nil))
            }
        }
        func paths(_ wanted: [String], _ suffixes: [String] = [""]) -> [JSONPath] {
            wanted.flatMap { stem in
                suffixes.flatMap { suffix in (names[stem + suffix] ?? []).map(\.path) }
            }
        }
        text = paths(Self.texts)
        // `from` is as often a time, and `source` a file.
        let isTime = names["from"]?.contains(where: \.isNumber) == true
        let tracks = sample.compactMap { $0["source"]?.text }
        let areTracks = Set(tracks).count > 1 && tracks.allSatisfy(Self.tracks.contains)
        speaker = paths(
            Self.speakers.filter { !(isTime && $0 == "from") && (areTracks || $0 != "source") })
        start = paths(Self.starts, Self.secondsSuffixes)
        end = paths(Self.ends, Self.secondsSuffixes)
        duration = paths(Self.durations, Self.secondsSuffixes)
        milliseconds = (
            paths(Self.starts, Self.millisecondsSuffixes), paths(Self.ends, Self.millisecondsSuffixes),
            paths(Self.durations, Self.millisecondsSuffixes)
        )
        ticks = (["offsetInTicks"], ["durationInTicks"])
        // Azure counts in steps of 100 nanoseconds.
        if known.isSuperset(of: ["Offset", "Duration"]), !known.isDisjoint(with: ["DisplayText", "NBest"]) {
            ticks = (["Offset"], ["Duration"])
        }
    }
}

extension JSONNode {
    /// Text, also of a list of pieces (`["see ", {"text": "this"}]`) or of an object with its content.
    var writtenText: String? {
        if let text { return text.contains("</") ? CueMarkup.plain(text).collapsed : text }
        if let array {
            let whole = array.compactMap { $0.string ?? $0["text"]?.string }.joined().collapsed
            return whole.isEmpty ? nil : whole
        }
        return isObject
            ? self[keys: ["content", "text", "body"]].flatMap { $0.text == nil ? nil : $0.writtenText } : nil
    }
}
