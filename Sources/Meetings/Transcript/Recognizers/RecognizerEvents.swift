import Foundation

/// Reads the messages that recognisers send while people talk, one JSON object each.
struct RecognizerEvents: Sendable {
    private let name: String
    /// What of the messages so far bears on those to come.
    var deepgram = Deepgram()

    /// What has come of Deepgram's sentences.
    struct Deepgram: Sendable, Codable {
        /// The settled pieces of the sentence at hand, by channel.
        fileprivate var pieces: [Int: [Utterance]] = [:]
        /// Sentences that were ended.
        fileprivate var count = 0
    }

    init(name: String) { self.name = name }

    /// The format that a message belongs to; nil for any other object.
    static func format(of node: JSONNode) -> TranscriptFormat? {
        if awsResults(node) != nil { return .awsStream }
        let type = node["type"]?.text
        switch type {
        case "Results" where node["channel"] != nil || node["is_final"] != nil: return .deepgramStream
        case "UtteranceEnd" where node["last_word_end"] != nil: return .deepgramStream
        case "Metadata" where node["request_id"] != nil: return .deepgramStream
        case "SpeechStarted" where node["channel"] != nil: return .deepgramStream
        case "Turn" where node["turn_order"] != nil: return .assemblyAIStream
        case "Begin" where node["expires_at"] != nil: return .assemblyAIStream
        case "Termination", "SpeechStarted":
            if node["audio_duration_seconds"] != nil || type == "SpeechStarted" { return .assemblyAIStream }
        default: break
        }
        if let kind = node["message_type"]?.text,
            ["PartialTranscript", "FinalTranscript", "SessionBegins", "SessionTerminated"].contains(kind)
        {
            return .assemblyAIStream
        }
        let event = node["payload"] ?? node
        if event["event"]?.text != nil, event["timestamp"] != nil || event["participant"] != nil {
            return .jigasi
        }
        if isVosk(node) { return .vosk }
        if let segments = node["segments"]?.array {
            return segments.contains { isLiveKit($0) } ? .liveKit : nil
        }
        return isLiveKit(node) && liveKitTimeKeys.contains { node[$0] != nil } ? .liveKit : nil
    }

    /// What a message says: nil for an object that is no such message, empty for a message without words.
    mutating func results(of node: JSONNode, line: Int) -> [CaptionResult]? {
        let place = SourcePosition(name: name, line: line)
        switch Self.format(of: node) {
        case .awsStream: return Self.aws(Self.awsResults(node) ?? [], place)
        case .deepgramStream: return deepgramResults(of: node, place)
        case .assemblyAIStream: return Self.assemblyAI(node, place)
        case .jigasi: return Self.jigasi(node["payload"] ?? node, place)
        case .liveKit: return Self.liveKit(node, place)
        case .vosk: return Self.vosk(node, place)
        default: return nil
        }
    }

    /// Whether some sentences have not ended yet.
    var holdsBack: Bool { deepgram.pieces.values.contains { !$0.isEmpty } }

    /// Deepgram's sentences that were never ended.
    mutating func finish() -> [CaptionResult] {
        deepgram.pieces.keys.sorted().compactMap { endDeepgramSentence(channel: $0) }
    }

    // MARK: - AWS Transcribe

    private static func awsResults(_ node: JSONNode) -> [JSONNode]? {
        let event = node["TranscriptEvent"] ?? node
        return event["Transcript"]?["Results"]?.array
    }

    private static func aws(_ results: [JSONNode], _ place: SourcePosition) -> [CaptionResult] {
        results.compactMap { node in
            guard let best = node["Alternatives"]?.array?.first else { return nil }
            let words = (best["Items"]?.array ?? []).compactMap { item -> SpokenWord? in
                guard let text = item["Content"]?.text else { return nil }
                return SpokenWord(
                    text: text, start: item["StartTime"]?.seconds, end: item["EndTime"]?.seconds,
                    speaker: item["Speaker"]?.speaker(), isPunctuation: item["Type"]?.text == "punctuation")
            }
            var spoken: [Utterance]
            if Set(words.compactMap(\.speaker)).isEmpty {
                spoken = [
                    Utterance(
                        recognized: best["Transcript"]?.text ?? words.utterances(at: place).first?.text,
                        speaker: nil, start: node["StartTime"]?.seconds, end: node["EndTime"]?.seconds,
                        at: place)
                ].compactMap { $0 }
            } else {
                spoken = words.utterances(at: place)
            }
            let channel = node["ChannelId"]?.identifier ?? ""
            if !channel.isEmpty {
                // A channel whose name is not a number is named by it: another channel is another speaker.
                let name = "Channel \(node["ChannelId"]?.channelNumber.map { String($0 + 1) } ?? channel)"
                for index in spoken.indices { spoken[index].speaker = spoken[index].speaker ?? name }
            }
            return CaptionResult(
                id: node["ResultId"]?.identifier, track: channel, isFinal: node["IsPartial"]?.bool == false,
                spoken: spoken)
        }
    }

    // MARK: - Deepgram

    /// Pieces are settled by `is_final`, and make up a sentence until `speech_final` or `UtteranceEnd`.
    private mutating func deepgramResults(of node: JSONNode, _ place: SourcePosition) -> [CaptionResult] {
        let channels = node["channel_index"]?.array ?? node["channel"]?.array ?? []
        let channel = channels.first?.channelNumber ?? 0
        let count = channels.dropFirst().first?.number ?? 1
        switch node["type"]?.text {
        case "UtteranceEnd": return [endDeepgramSentence(channel: channel)].compactMap { $0 }
        case "Results": break
        default: return []
        }
        let best = node["channel"]?["alternatives"]?.array?.first
        let words = (best?["words"]?.array ?? []).compactMap { word -> SpokenWord? in
            guard let text = word[keys: ["punctuated_word", "word"]]?.text else { return nil }
            let name = [count > 1 ? "Channel \(channel + 1)" : nil, word["speaker"]?.speaker()]
            return SpokenWord(
                text: text, start: word["start"]?.seconds, end: word["end"]?.seconds,
                speaker: name.contains { $0 != nil } ? name.compactMap { $0 }.joined(separator: ", ") : nil)
        }
        var said = words.utterances(at: place)
        if said.isEmpty {
            let start = node["start"]?.seconds
            let end = start.flatMap { start in node["duration"]?.seconds.map { start + $0 } }
            said = [
                Utterance(
                    recognized: best?["transcript"]?.text,
                    speaker: count > 1 ? "Channel \(channel + 1)" : nil,
                    start: start, end: end, at: place)
            ].compactMap { $0 }
        }
        let before = deepgram.pieces[channel] ?? []
        guard node["is_final"]?.bool == true else {
            return [deepgramResult(channel, before + said, isFinal: false)]
        }
        deepgram.pieces[channel] = Self.joined(before + said)
        let size = (before + said).reduce(0) { $0 + $1.text.utf8.count }
        if node["speech_final"]?.bool == true || size > CaptionJoiner.bytesLimit {
            // Even without words it takes back the partial results.
            return [endDeepgramSentence(channel: channel) ?? deepgramResult(channel, [], isFinal: true)]
        }
        return [deepgramResult(channel, deepgram.pieces[channel] ?? [], isFinal: false)]
    }

    private func deepgramResult(_ channel: Int, _ spoken: [Utterance], isFinal: Bool) -> CaptionResult {
        CaptionResult(
            id: String(deepgram.count), track: "channel \(channel)", hasStableID: false, isFinal: isFinal,
            spoken: spoken)
    }

    private mutating func endDeepgramSentence(channel: Int) -> CaptionResult? {
        guard let spoken = deepgram.pieces.removeValue(forKey: channel), !spoken.isEmpty else { return nil }
        defer { deepgram.count += 1 }
        return deepgramResult(channel, spoken, isFinal: true)
    }

    private static func joined(_ pieces: [Utterance]) -> [Utterance] {
        var joiner = CaptionJoiner()
        for piece in pieces { _ = joiner.add(piece) }  // Ignored: whether it was joined.
        return joiner.utterances
    }

    // MARK: - AssemblyAI

    /// A turn is sent again as it grows, and once more when it is formatted.
    private static func assemblyAI(_ node: JSONNode, _ place: SourcePosition) -> [CaptionResult] {
        let words = node["words"]?.array ?? []
        let start = node["audio_start"]?.milliseconds ?? words.first?["start"]?.milliseconds
        let end = node["audio_end"]?.milliseconds ?? words.last?["end"]?.milliseconds
        func spoken(_ text: String?) -> [Utterance] {
            [
                Utterance(
                    recognized: text, speaker: node["speaker_label"]?.speaker(), start: start, end: end,
                    at: place)
            ].compactMap { $0 }
        }
        switch node["message_type"]?.text {
        case "PartialTranscript": return [CaptionResult(isFinal: false, spoken: spoken(node["text"]?.text))]
        case "FinalTranscript": return [CaptionResult(isFinal: true, spoken: spoken(node["text"]?.text))]
        default: break
        }
        guard node["type"]?.text == "Turn", let order = node["turn_order"]?.identifier else { return [] }
        let isFinal = node["end_of_turn"]?.bool == true
        // While a turn goes on its transcript has the settled words only, `words` has them all.
        let all = words.compactMap { $0["text"]?.text }.joined(separator: " ")
        let text = isFinal || all.isEmpty ? node["transcript"]?.text : all
        return [CaptionResult(id: order, hasStableID: true, isFinal: isFinal, spoken: spoken(text))]
    }

    // MARK: - Jigasi

    private static func jigasi(_ node: JSONNode, _ place: SourcePosition) -> [CaptionResult] {
        guard node["event"]?.text == "SPEECH", node["type"]?.text != "translation-result" else { return [] }
        let participant = node["participant"]
        let who = SpeakerName.bounded(participant?[keys: ["name", "identity_name", "id"]]?.text)
        let said = (node["transcript"]?.array?.first?["text"] ?? node["text"])?.text
        let start = node["timestamp"].flatMap { stamp in
            stamp.number.map { $0 / 1000 } ?? stamp.text.flatMap(ISODate.parse)?.timeIntervalSince1970
        }
        return [
            CaptionResult(
                id: node["message_id"]?.identifier, track: participant?["id"]?.identifier ?? who ?? "",
                isFinal: node["is_interim"]?.bool != true,
                spoken: [
                    Utterance(
                        recognized: said.flatMap(withoutVoskJSON), speaker: who,
                        start: start.flatMap { $0 >= 0 && $0 < 1e10 ? $0 : nil }, end: nil, at: place)
                ].compactMap { $0 })
        ]
    }

    /// Jigasi may pass on Vosk's own messages as text: `{"partial": …}` has no settled words, `{"text": …}` does.
    private static func withoutVoskJSON(_ text: String) -> String? {
        guard text.utf8.first == UInt8(ascii: "{"), let node = JSONNode(text), node.isObject else {
            return text
        }
        return node["text"]?.text
    }

    // MARK: - Vosk

    /// A message with words or an unfinished one: a text alone might be anybody's.
    static func isVosk(_ node: JSONNode) -> Bool {
        let text = node["text"]
        if text?.text == nil, node["partial"]?.string != nil { return true }
        if text?.string == "", node.names == ["text"] { return true }
        let best = node["alternatives"]?.firstElement ?? node
        guard best["text"]?.string != nil, let word = best["result"]?.firstElement else { return false }
        return word["word"] != nil
    }

    /// An empty text settles nothing.
    private static func vosk(_ node: JSONNode, _ place: SourcePosition) -> [CaptionResult] {
        if node["text"]?.text == nil, let partial = node["partial"] {
            guard let text = partial.text else { return [] }
            return [CaptionResult(isFinal: false, spoken: [Utterance(text: text, source: place)])]
        }
        let best = node["alternatives"]?.firstElement ?? node
        let words = best["result"]?.array ?? []
        let said = Utterance(
            recognized: best["text"]?.text, speaker: node["speaker"]?.speaker(),
            start: words.first?["start"]?.seconds,
            end: words.last?["end"]?.seconds, at: place)
        return [CaptionResult(isFinal: true, spoken: [said].compactMap { $0 })]
    }

    // MARK: - LiveKit

    static let liveKitTimeKeys = [
        "startTime", "start_time", "firstReceivedTime", "first_received_time",
    ]

    private static func isLiveKit(_ node: JSONNode) -> Bool {
        node["id"] != nil && node["final"]?.bool != nil && node["text"] != nil
    }

    private static func liveKit(_ node: JSONNode, _ place: SourcePosition) -> [CaptionResult] {
        let who = SpeakerName.bounded(
            node[keys: [
                "participantIdentity", "participant_identity", "transcribedParticipantIdentity",
                "transcribed_participant_identity",
            ]]?.text)
        let track = node[keys: ["trackSid", "track_sid", "trackId", "track_id"]]?.identifier ?? who ?? ""
        return (node["segments"]?.array ?? [node]).filter(isLiveKit).map { segment in
            var start = segment[keys: ["startTime", "start_time"]]?.milliseconds
            var end = segment[keys: ["endTime", "end_time"]]?.milliseconds
            if (start ?? 0) == 0, (end ?? 0) == 0 {
                // Agents leave the times at 0; then the client's clock is used.
                start = segment[keys: ["firstReceivedTime", "first_received_time"]]?.milliseconds
                end = nil
            }
            return CaptionResult(
                id: segment["id"]?.identifier, track: track, hasStableID: true,
                isFinal: segment["final"]?.bool == true,
                spoken: [
                    Utterance(
                        recognized: segment["text"]?.text, speaker: who ?? segment["speaker"]?.speaker(),
                        start: start, end: end, at: place)
                ].compactMap { $0 })
        }
    }
}
