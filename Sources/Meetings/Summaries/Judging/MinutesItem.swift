import Transcript

/// Something that came of a meeting.
package struct MinutesItem: Sendable, Hashable, Codable {
    /// What it is.
    package enum Kind: String, Sendable, Hashable, Codable, CaseIterable {
        /// What was agreed.
        case decision
        /// What somebody is going to do.
        case action
        /// What was left open.
        case question
    }

    /// What it is.
    package var kind: Kind
    /// What it is about.
    package var text: String
    /// Whether ``text`` is a sentence as it was said, without the fillers before it; else a model wrote it.
    package var isQuoted: Bool
    /// Who is going to do it: only of an action, and only if it was said.
    package var owner: String?
    /// By when, in the words of the transcript: only of an action, and only if it was said.
    package var due: String?
    /// The utterance.
    package var citation: Statement.Citation
    /// What a quoted one answers or points back to, in order.
    package var before: [Statement.Turn]?
    /// What it is called; nil in what is recorded, and in documents of older versions.
    ///
    /// Its kind and the number of its utterance, 0-based: `a12`. A second one there is `a12.2`.
    package var id: String?
    /// Whether somebody has ticked it off; nil if not.
    package var isDone: Bool?

    /// What an item is known by: not its place in a list, which changes.
    package struct Key: Sendable, Hashable {
        /// What it is.
        package let kind: Kind
        /// What it is about, as it is recorded.
        package let text: String
        /// The number of the utterance, 0-based.
        package let utterance: Int

        /// Creates a key.
        package init(kind: Kind, text: String, utterance: Int) {
            (self.kind, self.text, self.utterance) = (kind, text, utterance)
        }
    }

    /// What it is known by.
    package var key: Key { Key(kind: kind, text: text, utterance: citation.utterance) }
}

/// An item that an earlier meeting of a series has left open.
package struct CarriedItem: Sendable, Hashable, Codable {
    /// The earlier meeting.
    package var meeting: MeetingID
    /// The item; its utterance is one of that meeting.
    package var item: MinutesItem

    /// Creates a carried item.
    package init(meeting: MeetingID, item: MinutesItem) {
        (self.meeting, self.item) = (meeting, item)
    }
}

extension MinutesItem.Kind {
    /// Whether it can be ticked off.
    package var canBeDone: Bool { self != .decision }

    fileprivate var letter: String { String(rawValue.prefix(1)) }
}

extension [MinutesItem] {
    /// Items as they are recorded, all of a window or of a meeting, with what they are called, and those of `done` ticked
    /// off.
    package func identified(done: Set<MinutesItem.Key>) -> [MinutesItem] {
        var counts: [String: Int] = [:]
        return map { item in
            var item = item
            let place = "\(item.kind.letter)\(item.citation.utterance)"
            counts[place, default: 0] += 1
            item.id = counts[place].flatMap { $0 > 1 ? "\(place).\($0)" : nil } ?? place
            item.isDone = done.contains(item.key) ? true : nil
            return item
        }
    }
}
