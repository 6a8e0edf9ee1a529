/// What people type about a meeting, in the form that it has when a transcript says it.
package enum TypedText {
    /// A speaker's name: at most 100 characters, no line breaks; nil if nothing is left of it.
    package static func speaker(_ name: String) -> String? { SpeakerName.bounded(name) }

    /// A meeting's title: at most 200 characters, no line breaks; nil if nothing is left of it.
    package static func title(_ title: String) -> String? {
        let bounded = TranscriptFile.boundedTitle(title)
        return bounded.isEmpty ? nil : bounded
    }

    /// A time such as `12:30` or `0:12:30`, in seconds; nil if it is none.
    package static func seconds(_ time: String) -> Double? { ClockTime(time)?.seconds }
}
