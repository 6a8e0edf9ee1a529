/// The finished transcript that a speech recogniser writes as one JSON document.
struct RecognizerDocument {
    let format: TranscriptFormat
    var utterances: [Utterance] = []

    /// Nil if the document has no known shape; throws if it says that there is no transcript.
    init?(_ node: JSONNode, name: String) throws(TranscriptError) {
        let reader = PieceReader(name: name)
        if let segments = node["segments"]?.array, RecognizerEvents.format(of: node) == nil {
            format = segments.contains { $0["words"] != nil && $0["tokens"] == nil } ? .whisperX : .whisper
            utterances = reader.whisper(segments)
        } else if let pieces = node["transcription"]?.array {
            format = .whisper
            utterances = reader.whisperCpp(pieces)
        } else if let results = node["results"], let channels = results["channels"]?.array {
            format = .deepgram
            utterances = reader.deepgram(results, channels)
        } else if let results = node["results"], results["transcripts"] != nil || results["items"] != nil {
            format = .awsTranscribe
            utterances = reader.aws(results)
        } else if node["utterances"]?.array != nil || node["words"]?.array != nil,
            ["audio_url", "audio_duration", "status", "language_model", "acoustic_model"].contains(
                where: { node[$0] != nil })
        {
            format = .assemblyAI
            utterances = reader.assemblyAI(node)
        } else if let status = node["status"]?.text?.lowercased(),
            ["error", "failed", "queued"].contains(status)
        {
            let reason =
                node[keys: ["error", "failureReason", "FailureReason"]]?.text ?? "no reason is given"
            throw TranscriptError(
                .malformed,
                "\(name) is a recogniser's report without a transcript (\(status)): \(reason.prefix(200))")
        } else {
            return nil
        }
        // The channels are listed one after the other: sorted by time, they make a conversation.
        if Set(utterances.map { $0.start == nil }) == [false] {
            utterances = utterances.enumerated().sorted {
                ($0.element.start ?? 0, $0.offset) < ($1.element.start ?? 0, $1.offset)
            }.map(\.element)
        }
    }
}

/// Reads the pieces of each recogniser's document.
private struct PieceReader {
    let name: String

    private func place(_ index: Int) -> SourcePosition { SourcePosition(name: name, line: index + 1) }

    // MARK: - Whisper

    /// OpenAI's Whisper, faster-whisper and WhisperX: `segments` of `start`, `end`, `text`, and from WhisperX
    /// `speaker` and `words`; `speaker`, `start` and `end` may be missing anywhere.
    func whisper(_ segments: [JSONNode]) -> [Utterance] {
        var utterances: [Utterance] = []
        for (index, segment) in segments.enumerated() {
            let speaker = segment["speaker"]?.speaker()
            let words = (segment["words"]?.array ?? []).compactMap { word -> SpokenWord? in
                guard let text = word[keys: ["word", "text"]]?.text else { return nil }
                return SpokenWord(
                    text: text, start: word["start"]?.seconds, end: word["end"]?.seconds,
                    speaker: word["speaker"]?.speaker() ?? speaker)
            }
            if Set(words.map { $0.speaker }).count > 1 {
                utterances += words.utterances(at: place(index))
                continue
            }
            let text = segment["text"]?.text ?? words.map { $0.text }.joined(separator: " ").collapsed
            utterances += [
                Utterance(
                    recognized: text, speaker: speaker ?? words.first?.speaker,
                    start: segment["start"]?.seconds ?? words.lazy.compactMap { $0.start }.first,
                    end: segment["end"]?.seconds ?? words.reversed().lazy.compactMap { $0.end }.first,
                    at: place(index))
            ].compactMap { $0 }
        }
        return utterances
    }

    /// whisper.cpp: `transcription` of `offsets` in milliseconds and `text`.
    func whisperCpp(_ pieces: [JSONNode]) -> [Utterance] {
        pieces.enumerated().compactMap { index, piece in
            let (offsets, stamps) = (piece["offsets"], piece["timestamps"])
            return Utterance(
                recognized: piece["text"]?.text, speaker: piece["speaker"]?.speaker(),
                start: offsets?["from"]?.milliseconds ?? stamps?["from"]?.seconds,
                end: offsets?["to"]?.milliseconds ?? stamps?["to"]?.seconds, at: place(index))
        }
    }

    // MARK: - Deepgram

    /// `utterances` if they were requested; otherwise paragraphs, words or the plain transcript of each channel.
    func deepgram(_ results: JSONNode, _ channels: [JSONNode]) -> [Utterance] {
        func name(_ speaker: JSONNode?, _ channel: Int) -> String? {
            let name = speaker?.speaker()
            guard channels.count > 1 else { return name }
            return ["Channel \(channel + 1)", name].compactMap { $0 }.joined(separator: ", ")
        }
        if let pieces = results["utterances"]?.array, !pieces.isEmpty {
            return pieces.enumerated().compactMap { index, piece in
                let channel = piece["channel"]?.channelNumber ?? 0
                return Utterance(
                    recognized: piece["transcript"]?.text, speaker: name(piece["speaker"], channel),
                    start: piece["start"]?.seconds, end: piece["end"]?.seconds, at: place(index))
            }
        }
        return channels.enumerated().flatMap { channel, node -> [Utterance] in
            guard let best = node["alternatives"]?.array?.first else { return [] }
            if let paragraphs = best["paragraphs"]?["paragraphs"]?.array, !paragraphs.isEmpty {
                return paragraphs.enumerated().flatMap { index, paragraph in
                    (paragraph["sentences"]?.array ?? []).compactMap { sentence in
                        Utterance(
                            recognized: sentence["text"]?.text, speaker: name(paragraph["speaker"], channel),
                            start: sentence["start"]?.seconds, end: sentence["end"]?.seconds,
                            at: place(index))
                    }
                }
            }
            let words = Self.deepgramWords(best) { name($0, channel) }
            if !words.isEmpty { return words.utterances(at: place(0)) }
            return [
                Utterance(
                    recognized: best["transcript"]?.text, speaker: name(nil, channel), start: nil, end: nil,
                    at: place(0))
            ].compactMap { $0 }
        }
    }

    private static func deepgramWords(
        _ alternative: JSONNode, speaker: (JSONNode?) -> String?
    ) -> [SpokenWord] {
        (alternative["words"]?.array ?? []).compactMap { word in
            guard let text = word[keys: ["punctuated_word", "word"]]?.text else { return nil }
            return SpokenWord(
                text: text, start: word["start"]?.seconds, end: word["end"]?.seconds,
                speaker: speaker(word["speaker"]))
        }
    }

    // MARK: - AWS Transcribe

    /// `audio_segments` if there are any; otherwise `items`, with the speakers from `speaker_labels`.
    func aws(_ results: JSONNode) -> [Utterance] {
        if let segments = results["audio_segments"]?.array, !segments.isEmpty {
            return segments.enumerated().compactMap { index, segment in
                Utterance(
                    recognized: segment["transcript"]?.text,
                    speaker: Self.awsSpeaker(segment["speaker_label"]),
                    start: segment["start_time"]?.seconds, end: segment["end_time"]?.seconds, at: place(index)
                )
            }
        }
        var speakers: [String: String] = [:]
        for segment in results["speaker_labels"]?["segments"]?.array ?? [] {
            for item in segment["items"]?.array ?? [] {
                guard let start = item["start_time"]?.identifier else { continue }
                speakers[start] = Self.awsSpeaker(item["speaker_label"] ?? segment["speaker_label"])
            }
        }
        let words = (results["items"]?.array ?? []).compactMap { item -> SpokenWord? in
            guard let text = item["alternatives"]?.array?.first?["content"]?.text else { return nil }
            let start = item["start_time"]
            return SpokenWord(
                text: text, start: start?.seconds, end: item["end_time"]?.seconds,
                speaker: Self.awsSpeaker(item["speaker_label"]) ?? start?.identifier.flatMap { speakers[$0] },
                isPunctuation: item["type"]?.text == "punctuation")
        }
        if !words.isEmpty { return words.utterances(at: place(0)) }
        return (results["transcripts"]?.array ?? []).enumerated().compactMap { index, whole in
            Utterance(
                recognized: whole["transcript"]?.text, speaker: nil, start: nil, end: nil, at: place(index))
        }
    }

    private static func awsSpeaker(_ node: JSONNode?) -> String? {
        guard let label = node?.text else { return nil }
        return label.hasPrefix("spk_") ? "Speaker \(label.dropFirst(4))" : label
    }

    // MARK: - AssemblyAI

    /// `utterances` if speakers were requested, otherwise `words`; times are in milliseconds.
    func assemblyAI(_ node: JSONNode) -> [Utterance] {
        func name(_ node: JSONNode?) -> String? {
            node?.text.map { $0.count <= 2 ? "Speaker \($0)" : $0 }
        }
        if let pieces = node["utterances"]?.array, !pieces.isEmpty {
            return pieces.enumerated().compactMap { index, piece in
                Utterance(
                    recognized: piece["text"]?.text, speaker: name(piece["speaker"]),
                    start: piece["start"]?.milliseconds, end: piece["end"]?.milliseconds, at: place(index))
            }
        }
        let words = (node["words"]?.array ?? []).compactMap { word -> SpokenWord? in
            guard let text = word["text"]?.text else { return nil }
            return SpokenWord(
                text: text, start: word["start"]?.milliseconds, end: word["end"]?.milliseconds,
                speaker: name(word["speaker"]))
        }
        if !words.isEmpty { return words.utterances(at: place(0)) }
        return [
            Utterance(recognized: node["text"]?.text, speaker: nil, start: nil, end: nil, at: place(0))
        ].compactMap { $0 }
    }
}
