/// The lines in which a numbered meeting is sent.
struct NumberedLines: Sendable {
    struct Line: Sendable {
        var text: String
        /// Whether it is answered by an acknowledgement, once it is recorded.
        var isAcknowledged = true
    }

    let all: [Line]
    /// What each utterance is in the end.
    let texts: [String]
    /// For each utterance, how many lines say it and all before it.
    private let ends: [Int]

    /// Each utterance in a line of its own or, `asRecognised`, half of them as recognisers send them: held back while
    /// others are settled, in pieces, corrected.
    init(_ meeting: NumberedMeeting, asRecognised: Bool) {
        var lines: [Line] = []
        var ends: [Int] = []
        func add(_ text: String, isAcknowledged: Bool = true) {
            lines.append(Line(text: text + "\n", isAcknowledged: isAcknowledged))
        }
        func caption(_ number: Int, _ text: String, isFinal: Bool) {
            add(
                #"{"id": "u\#(number)", "speaker": "Ada", "final": \#(isFinal), "text": "\#(text)"}"#,
                isAcknowledged: isFinal)
        }
        func plain(_ number: Int) {
            add(#"{"speaker": "Ada", "text": "\#(meeting.text(number))"}"#)
            ends.append(lines.count)
        }
        // Pieces that follow each other at once make a sentence.
        func piece(_ text: String, at second: Int, ends: Bool) {
            add(
                """
                {"type": "Results", "is_final": true, "speech_final": \(ends), "channel_index": [0, 1], \
                "start": \(second), "duration": 1, \
                "channel": {"alternatives": [{"transcript": "\(text)", "words": []}]}}
                """, isAcknowledged: ends)
        }
        while ends.count < meeting.count {
            let first = ends.count
            guard asRecognised, first + 6 <= meeting.count else {
                plain(first)
                continue
            }
            plain(first)
            // The second one's words are known before the first's are settled.
            caption(first + 2, "perhaps", isFinal: false)
            plain(first + 1)
            caption(first + 2, "perhaps " + meeting.text(first + 2), isFinal: false)
            caption(first + 2, meeting.text(first + 2), isFinal: true)
            ends.append(lines.count)
            caption(first + 3, meeting.text(first + 3) + " or so", isFinal: true)
            caption(first + 3, meeting.text(first + 3), isFinal: true)
            ends.append(lines.count)
            // A sentence in two pieces.
            piece("well then", at: 10 * first, ends: false)
            plain(first + 4)
            piece(meeting.text(first + 5), at: 10 * first + 1, ends: true)
            ends.append(lines.count)
        }
        (all, self.ends) = (lines, ends)
        texts = (0..<meeting.count).map { number in
            let isInPieces = asRecognised && number % 6 == 5 && number < meeting.count / 6 * 6
            return (isInPieces ? "well then " : "") + meeting.text(number)
        }
    }

    /// How many lines say the first `utterances`.
    func count(saying utterances: Int) -> Int { utterances == 0 ? 0 : ends[utterances - 1] }
}
