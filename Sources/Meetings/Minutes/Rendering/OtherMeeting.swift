import Summaries
import Transcript

/// Links from a meeting's minutes to those of another one, whose folder lies beside its own.
enum OtherMeeting {
    /// The place of an utterance on the page of `meeting`.
    ///
    /// A meeting's name needs no escaping in a link.
    static func place(of citation: Statement.Citation, in meeting: MeetingID) -> String {
        "../\(meeting.name)/minutes.html#u\(citation.utterance)"
    }
}
