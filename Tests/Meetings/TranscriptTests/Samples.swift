import Transcript

/// Transcripts as the programs that make them write them.
enum Samples {
    static let teamsVTT = """
        WEBVTT

        9b5e1a8c-4f2d-4e0a-9a53-6b0f6c1d2e3f/12-0
        00:00:03.520 --> 00:00:06.100
        <v Jane Doe>Good morning everyone, let's
        get started.</v>

        9b5e1a8c-4f2d-4e0a-9a53-6b0f6c1d2e3f/13-0
        00:00:06.500 --> 00:00:09.000 align:start position:10%
        <v.loud.first Anders Åkesson>Morning &amp; hello.

        9b5e1a8c-4f2d-4e0a-9a53-6b0f6c1d2e3f/14-0
        00:00:09.400 --> 00:00:10.000
        <v Jane Doe></v>

        9b5e1a8c-4f2d-4e0a-9a53-6b0f6c1d2e3f/15-0
        00:00:10.400 --> 00:00:14.000
        <v Jane Doe>Who is here?</v> <v Bob>I am.</v>
        """

    static let zoomVTT = """
        WEBVTT

        1
        00:00:01.000 --> 00:00:04.000
        Priya Natarajan: The release is on Friday.

        2
        00:00:04.200 --> 00:00:07.000
        10:30 Meeting: we should move it.

        3
        00:00:07.100 --> 00:00:09.000
        Tom O'Brien: Note: the build is red.
        """

    static let messyVTT = """
        WEBVTT - made by a machine
        Kind: captions
        Language: en

        NOTE
        This file was made for a test.
        It has several quirks.

        STYLE
        ::cue { color: lime }

        REGION
        id:fred

        intro
        01:02.500 --> 01:05.000 line:0
        <v Mary>
        a < b is what <i>they</i> said &lt;loudly&gt;
        note that this line is text
        01:05.200 --> 01:08.000
        Carl: no blank line above
        7
        01:08.100 --> 01:10.000
        Carl: and a number without one

        99:99:99 --> nonsense
        Words with broken times.

        01:11.000 --> 01:12.000
        <v Mary>One.</v>

        01:11.000 --> 01:12.000
        <v Mary>One.</v>
        """

    static let subRip = """
        1
        00:00:01,000 --> 00:00:04,000
        <i>Anna:</i> Shall we <b>begin</b>?

        2
        00:00:04,500 --> 00:00:06,250
        {\\an8}Ben: Yes.

        00:00:07.000 --> 00:00:09.000
        Ben: The index is missing here.
        4
        00:00:10,000 --> 00:00:12,000
        ANNA: And the blank line there.

        6
        00:00:13,000 --> 00:00:14,000

        """

    static let plainColon = """
        Weekly standup

        Date: 2024-05-01
        Jane Doe: Good morning.
        This line goes on with it.
        [00:01:02] Bob: The server is down.
        00:01:10 Carla de la Cruz: Since when?
        Bob [00:01:15]: Since seven.
        Carla de la Cruz (1:20): See http://status.example.com: all red.
        Note: nobody was told.
        """

    static let otter = """
        Jane Doe  0:00
        Welcome to the review. We have three topics.

        Let us begin with the first.

        Bob  12:05
        The numbers are good.

        Jane Doe  1:02:03
        Then we are done.
        """

    static let jsonLines = """
        {"meeting":"standup","title":"Weekly standup","started":"2024-05-01T10:00:00Z"}
        {"speaker":"Jane","start":1.5,"end":4,"text":"Good morning."}
        {"speaker":"Bob","start":"00:00:04.250","end":"0:06","text":"Hello\\nthere.","confidence":{"a":[1,2]}}

        {"text":"Somebody coughs.","speaker":null}
        {"end":true}
        """

    static let all: [(name: String, text: String)] = [
        ("teams.vtt", teamsVTT), ("zoom.vtt", zoomVTT), ("messy.vtt", messyVTT), ("talk.srt", subRip),
        ("notes.txt", plainColon), ("otter.txt", otter), ("standup.jsonl", jsonLines),
    ]
}

/// Reads a sample's text.
func read(_ text: String, _ name: String) throws(TranscriptError) -> TranscriptFile {
    try TranscriptReader.read(Array(text.utf8), name: name)
}

/// An utterance as `speaker: text`, for comparing.
func spelled(_ utterances: [Utterance]) -> [String] {
    utterances.map { "\($0.speaker ?? "-"): \($0.text)" }
}
