/// Where the parts of a recogniser's document are found.
///
/// One row of ``DocumentShape/all`` describes a vendor; ``DocumentReader`` reads them all.
struct DocumentShape: Sendable {
    var format: TranscriptFormat
    /// One place of each list has to have a value.
    var marks: [[JSONPath]]
    /// What has to be a list, even if it is empty.
    var list: JSONPath?
    /// Lists of pieces, the best first.
    var pieces: [JSONPath] = []
    /// Channels, or other groups that are listed one after the other, where there are no such pieces.
    var groups: JSONPath?
    /// Lists of pieces within a group.
    var groupPieces: [JSONPath] = []
    /// The name of a group; numbered if there is none.
    var groupName: [JSONPath] = []
    /// The words of a piece, or of a group without pieces.
    var words: [JSONPath] = [Self.words]
    /// The whole text of a group that has neither.
    var whole: [JSONPath] = ["text", "transcript", "transcription"]
    var keys = Keys()
    /// Seconds in a unit of the times; nil if it has to be told from the times.
    var unit: Double? = 1
    /// A label that stands for nobody.
    var nobody: String?
    /// The last piece repeats the words of all, with their speakers.
    var lastPieceHasAll = false

    static let words: JSONPath = "words[]"

    /// Where the parts of a piece or of a word are.
    struct Keys: Sendable {
        var text: [JSONPath] = [
            "text", "transcript", "sentence", "display", "DisplayText", "content", "punctuated_word", "word",
            "utterance",
            "spokenText", "message",
        ]
        var speaker: [JSONPath] = [
            "speaker", "speaker_name", "speakerName", "speaker_label", "speakerLabel", "speaker_id",
            "speakerId",
            "speaker_tag", "speakerTag", "participant", "user", "name",
        ]
        var channel: [JSONPath] = ["channel", "channelTag", "channel_tag", "media_channel", "channel_index"]
        var start: [JSONPath] = [
            "start", "start_time", "startTime", "start_timestamp", "startTimestamp", "begin", "time_begin",
            "begin_time",
            "offset", "Offset", "ts", "timestamp",
        ]
        var end: [JSONPath] = [
            "end", "end_time", "endTime", "end_timestamp", "endTimestamp", "time_end", "finish", "end_ts",
        ]
        var duration: [JSONPath] = ["duration", "Duration", "dur"]
        /// Times that name their unit.
        var milliseconds: (start: [JSONPath], end: [JSONPath], duration: [JSONPath]) = (
            ["start_ms", "startMs", "offsetMilliseconds", "tStartMs"], ["end_ms", "endMs"],
            ["duration_ms", "durationMs", "durationMilliseconds", "dDurationMs"]
        )
        var ticks: (start: [JSONPath], duration: [JSONPath]) = (["offsetInTicks"], ["durationInTicks"])
    }

    // MARK: - The table

    /// All shapes that are known, those with the most telling marks first.
    static let all: [DocumentShape] = [
        DocumentShape(
            format: .deepgram, marks: [["results.channels"]], list: "results.channels",
            pieces: ["results.utterances[]"],
            groups: "results.channels[]",
            groupPieces: ["alternatives[0].paragraphs.paragraphs[].sentences[]"],
            words: ["alternatives[0].words[]"], whole: ["alternatives[0].transcript"],
            keys: Keys(text: ["transcript", "text", "punctuated_word", "word"])),
        DocumentShape(
            format: .awsTranscribe,
            marks: [["results.items", "results.transcripts", "results.audio_segments"]],
            pieces: ["results.audio_segments[]"], groups: "results.channel_labels.channels[]",
            groupName: ["channel_label"], words: ["items[]", "results.items[]"],
            whole: ["results.transcripts[0].transcript"],
            keys: Keys(text: ["transcript", "alternatives[0].content"])),
        DocumentShape(
            format: .azureSpeech,
            marks: [
                ["recognizedPhrases", "phrases"],
                [
                    "combinedRecognizedPhrases", "combinedPhrases", "recognizedPhrases[0].nBest",
                    "phrases[0].offsetMilliseconds",
                ],
            ],
            pieces: ["recognizedPhrases[]", "phrases[]"], words: [],
            whole: ["combinedRecognizedPhrases[0].display", "combinedPhrases[0].text"],
            keys: Keys(text: ["nBest[0].display", "nBest[0].lexical", "text"])),
        DocumentShape(
            format: .speechmatics, marks: [["results[0].alternatives[0].content"]], words: ["results[]"],
            keys: Keys(text: ["alternatives[0].content"], speaker: ["alternatives[0].speaker", "speaker"]),
            nobody: "UU"),
        DocumentShape(
            format: .watson, marks: [["results[0].alternatives"], ["result_index", "speaker_labels"]],
            pieces: ["results[]"], words: ["alternatives[0].timestamps[]"],
            keys: Keys(text: ["alternatives[0].transcript"])),
        DocumentShape(
            format: .riva,
            marks: [
                [
                    "results[0].audio_processed", "results[0].audioProcessed",
                    "results[0].alternatives[0].words[0].start_time",
                ], ["results[0].alternatives"],
            ],
            pieces: ["results[]"], words: ["alternatives[0].words[]"],
            keys: Keys(text: ["alternatives[0].transcript", "word"], start: ["start_time", "startTime"]),
            unit: 0.001,
            lastPieceHasAll: true),
        DocumentShape(
            format: .googleSpeech, marks: [["results[0].alternatives", "response.results[0].alternatives"]],
            pieces: ["results[]", "response.results[]"], words: ["alternatives[0].words[]"],
            keys: Keys(
                text: ["alternatives[0].transcript", "word"],
                start: ["startTime", "start_time", "startOffset"],
                end: ["endTime", "end_time", "endOffset", "resultEndTime", "resultEndOffset"]),
            lastPieceHasAll: true),
        DocumentShape(
            format: .rev, marks: [["monologues"]], pieces: ["monologues[]"], words: ["elements[]"],
            keys: Keys(text: ["value"], start: ["ts"], end: ["end_ts"])),
        DocumentShape(
            format: .gladia,
            marks: [
                ["result.transcription.utterances", "transcription.utterances", "prediction[0].time_begin"]
            ],
            pieces: ["result.transcription.utterances[]", "transcription.utterances[]", "prediction[]"],
            whole: ["result.transcription.full_transcript", "transcription.full_transcript"],
            keys: Keys(text: ["text", "transcription", "word"])),
        DocumentShape(
            format: .twilio, marks: [["sentences[0].media_channel", "sentences[0].sentence_index"]],
            pieces: ["sentences[]"],
            words: [], keys: Keys(text: ["transcript"])),
        DocumentShape(
            format: .recall, marks: [["[0].participant"], ["[0].words[0].text"]], pieces: ["[]"],
            keys: Keys(text: ["text"], speaker: ["participant", "speaker"])),
        DocumentShape(
            format: .elevenLabs, marks: [["words[0].type", "transcripts[0].words[0].type"]],
            groups: "transcripts[]"),
        DocumentShape(
            format: .nemo,
            marks: [["words[0].start_time"], ["words[0].speaker_label", "transcription", "session_id"]]),
        DocumentShape(
            format: .assemblyAI,
            marks: [
                ["utterances", "words"],
                ["audio_url", "audio_duration", "status", "language_model", "acoustic_model"],
            ], pieces: ["utterances[]"], unit: 0.001),
        DocumentShape(
            format: .whisper, marks: [["transcription[0].offsets", "transcription[0].timestamps"]],
            pieces: ["transcription[]"], words: [],
            keys: Keys(
                start: ["timestamps.from"], end: ["timestamps.to"],
                milliseconds: (["offsets.from"], ["offsets.to"], []))),
        DocumentShape(
            format: .whisper, marks: [["segments"]], list: "segments", pieces: ["segments[]"], unit: nil),
    ]

    /// For lists of utterances from programs that are not known.
    static func segments(_ keys: Keys) -> DocumentShape {
        DocumentShape(format: .segments, marks: [], keys: keys, unit: nil)
    }
}
