/// The transcript formats that are read.
package enum TranscriptFormat: String, Sendable, Hashable, Codable, CaseIterable {
    /// Lines such as `Name: text`, with or without times; Zoom's saved captions, Otter's and Teams' texts.
    case plainText
    /// Captions from broadcasters, with `>>` where the speaker changes.
    case captionText
    /// Captions for the web, as Teams and Zoom write them.
    case webVTT
    /// SubRip captions.
    case subRip
    /// One JSON object a line.
    case jsonLines
    /// Documents of OpenAI's Whisper, faster-whisper or whisper.cpp.
    case whisper
    /// Documents of WhisperX, with words and speakers.
    case whisperX
    /// Deepgram's answers for recordings.
    case deepgram
    /// Deepgram's messages while people talk.
    case deepgramStream
    /// What AWS Transcribe writes for recordings.
    case awsTranscribe
    /// AWS Transcribe's events while people talk.
    case awsStream
    /// AssemblyAI's answers for recordings.
    case assemblyAI
    /// AssemblyAI's messages while people talk.
    case assemblyAIStream
    /// Jigasi's events, one by one or as the transcript of a Jitsi meeting.
    case jigasi
    /// LiveKit's transcription segments.
    case liveKit
    /// Vosk's results, partial and final.
    case vosk
    /// Azure's batch and fast transcription.
    case azureSpeech
    /// Google's Speech-to-Text.
    case googleSpeech
    /// IBM's Watson Speech to Text.
    case watson
    /// NVIDIA's Riva.
    case riva
    /// NVIDIA's NeMo, with diarisation.
    case nemo
    /// ElevenLabs' Scribe.
    case elevenLabs
    /// Rev's monologues.
    case rev
    /// Speechmatics' transcripts.
    case speechmatics
    /// Gladia's results.
    case gladia
    /// Recall.ai's transcripts of meetings.
    case recall
    /// Twilio's sentences of a call.
    case twilio
    /// Captions of YouTube as JSON (`json3`).
    case youTubeJSON
    /// A list of utterances in JSON from a program that is not known.
    case segments
    /// YouTube's SBV captions.
    case sbv
    /// Lines with times, as lyrics have them.
    case lrc
    /// SubStation Alpha's captions.
    case subStation = "ass"
    /// Timed Text Markup Language, also called DFXP.
    case timedText = "ttml"
    /// YouTube's captions in XML (`srv3`, `srv1`).
    case youTubeXML = "srv3"
    /// Scenarist's closed captions.
    case scenarist = "scc"
    /// A word a line with its times, as recognition is scored.
    case wordTimes = "ctm"
    /// A segment a line with its speaker and times, as recognition is scored.
    case segmentTimes = "stm"
    /// A table with columns of speakers, times and texts.
    case table
    /// A meeting's chat: written, not said.
    case chat
    /// A Word document.
    case word = "docx"

    /// Whether it is written as JSON.
    var isJSON: Bool {
        switch self {
        case .plainText, .captionText, .webVTT, .subRip, .sbv, .lrc, .subStation, .timedText, .youTubeXML,
            .scenarist, .wordTimes, .segmentTimes, .table, .chat, .word:
            false
        default: true
        }
    }

    /// The accepted formats, as error messages list them.
    static let accepted =
        "accepted are WebVTT, SRT and other captions, tables with columns of speaker, time and text, JSON Lines with one object a line, the JSON of recognisers (Whisper, WhisperX, Deepgram, "
        + "AWS, AssemblyAI, Azure, Google and others), and plain text with lines like 'Name: text'"

    /// Decides by the content, with the help of the file extension; JSON is recognised by ``JSONTranscript``.
    ///
    /// The content wins where it is clear (`WEBVTT`, a cue's times); the extension decides whether doubtful content
    /// is refused or read as plain text.
    static func detect(_ text: TranscriptText, name: String) throws(TranscriptError) -> TranscriptFormat {
        let fileExtension = FileExtension.of(name)
        let spoken = text.lines.lazy.filter { !$0.isBlank }
        guard let first = spoken.first else {
            throw TranscriptError(.empty, "\(name) has no text in it; \(accepted)")
        }
        if isWebVTTHeader(first.text.trimmed) { return .webVTT }
        // SubRip begins with a number and a time; some writers leave the number out.
        let opening = spoken.prefix(2).contains { CueTiming($0.text) != nil }
        let anywhere = spoken.contains { CueTiming($0.text) != nil }
        switch fileExtension {
        case "vtt", "webvtt":
            if anywhere { return .webVTT }
            throw refusal(name, "is called WebVTT but has neither the line WEBVTT nor a cue with times")
        case "srt":
            if anywhere { return .subRip }
            throw refusal(
                name, "is called SRT but has no line with times such as '00:00:01,000 --> 00:00:04,000'")
        default:
            if opening { return .subRip }
        }
        if TimedLines.recognisesSBV(text.lines) { return .sbv }
        if SubStation.recognises(text.lines) { return .subStation }
        if XMLCaptions.recognises(text) { return .timedText }
        if Scenarist.recognises(text.lines) { return .scenarist }
        if let format = ScoringFiles.format(text.lines) { return format }
        if TranscriptTable(text.lines) != nil { return .table }
        if TimedLines.recognisesLRC(text.lines, fileExtension: fileExtension) { return .lrc }
        if let reason = ForeignText.reason(text.lines, fileExtension: fileExtension) {
            throw refusal(name, reason)
        }
        if CaptionTextParser.recognises(text.lines) { return .captionText }
        if ["", "txt", "text", "md", "log", "end"].contains(fileExtension)
            || fileExtension.allSatisfy(\.isNumber)
        {
            return .plainText
        }
        // A file whose lines name speakers is accepted in spite of an unknown extension.
        let namesSpeakers = text.lines.contains {
            SpokenLine($0.text, rules: .timedText(shortClock: false)).speaker != nil
        }
        guard namesSpeakers else {
            throw refusal(
                name, "has the unknown extension .\(fileExtension) and no line that names a speaker")
        }
        return .plainText
    }

    static func isWebVTTHeader(_ line: String) -> Bool {
        guard line.hasPrefix("WEBVTT") else { return false }
        let rest = line.utf8.dropFirst(6).first
        return rest == nil || rest == UInt8(ascii: " ") || rest == UInt8(ascii: "\t")
    }

    static func refusal(_ name: String, _ reason: String) -> TranscriptError {
        TranscriptError(.unknownFormat, "\(name) \(reason); \(accepted)")
    }
}

/// The part of a file name after its last dot.
enum FileExtension {
    /// In lower case, without the dot; empty if there is none.
    static func of(_ name: String) -> String {
        guard let dot = name.lastIndex(of: "."), dot != name.startIndex else { return "" }
        return name[name.index(after: dot)...].lowercased()
    }
}
