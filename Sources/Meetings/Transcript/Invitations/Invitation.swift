import Foundation
import Language

/// What is known of a meeting besides its transcript: from a calendar, a file with hints, or the first line of a
/// connection.
package struct Invitation: Sendable, Hashable {
    /// Somebody who was invited, which does not say that they came.
    package struct Person: Sendable, Hashable {
        /// Their name, or their address where no name is given.
        package var name: String
        /// Their e-mail address, in lower case.
        package var address: String?
        /// Whether they said that they would not come.
        package var hasDeclined: Bool

        /// Somebody who was invited; nil if `name`, and `address` in its place, are empty.
        ///
        /// White space is collapsed, quotation marks around the name are dropped, and what is too long is shortened.
        package init?(name: String?, address: String?, hasDeclined: Bool = false) {
            let address = address?.trimmed.lowercased().shortened(toCharacters: 254, bytes: 254)
            self.address = address?.contains("@") == true ? address : nil
            let named = SpeakerName.bounded(name.map(Self.unquoted)).flatMap { name in
                name.contains { $0.isLetter || $0.isNumber } ? name : nil
            }
            guard let name = named ?? SpeakerName.bounded(self.address) else { return nil }
            self.name = name
            self.hasDeclined = hasDeclined
        }

        private static func unquoted(_ name: String) -> String {
            let isMark = { (character: Character) in character == "'" || character == "\"" }
            let name = name.trimmed
            guard name.count > 2, let last = name.last, name.first == last, isMark(last) else { return name }
            return String(name.dropFirst().dropLast())
        }

        /// Reads `Ada Holm <ada@example.org>`, `ada@example.org` or a name alone; nil if it is empty.
        package init?(mailbox: String) {
            let text = mailbox.trimmed
            if text.last == ">", let open = text.lastIndex(of: "<"), text[open...].contains("@") {
                self.init(
                    name: String(text[..<open]), address: String(text[text.index(after: open)...].dropLast()))
            } else if text.contains("@"), !text.contains(where: \.isWhitespace) {
                self.init(name: nil, address: text)
            } else {
                self.init(name: text, address: nil)
            }
        }
    }

    /// The title of the meeting.
    package var title: String?
    /// When it was to begin.
    package var start: Date?
    /// When it was to end.
    package var end: Date?
    /// The day on which it was to be, `2026-11-30`, where no time of day is given; ``start`` and ``end`` are nil then.
    package var day: String?
    /// Where it was to be: a room, an address, a link.
    package var place: String?
    /// Who was invited, in the order of the source, each once.
    package var people: [Person] = []

    /// Nothing is known.
    package init() {}

    /// Whether nothing is known.
    package var isEmpty: Bool { self == Invitation() }

    /// What a place may have, in characters: a link to a conference is long.
    private static let placeLimit = 300

    /// The name of a place on one line, shortened if it is too long; nil if nothing is left.
    static func bounded(place: String?) -> String? {
        guard let place = place?.collapsed, !place.isEmpty else { return nil }
        return place.shortened(toCharacters: placeLimit, bytes: placeLimit * 4)
    }

    /// With what `other` knows besides.
    package func completed(by other: Invitation) -> Invitation {
        var result = self
        if start == nil, day == nil {
            (result.start, result.end, result.day) = (other.start, other.end, other.day)
        }
        result.title = title ?? other.title
        result.place = place ?? other.place
        result.people = Self.distinct(people + other.people)
        return result
    }

    /// Each person once: whoever has the address, or without one the name, of an earlier one is the same.
    ///
    /// Of two answers the one that declines counts.
    package static func distinct(_ people: [Person]) -> [Person] {
        var places: [String: Int] = [:]
        var result: [Person] = []
        for person in people {
            let key = person.address ?? PersonName(person.name).whole
            if let place = places[key] {
                result[place].hasDeclined = result[place].hasDeclined || person.hasDeclined
                if result[place].name == result[place].address { result[place].name = person.name }
            } else {
                places[key] = result.count
                result.append(person)
            }
        }
        return result
    }
}

extension Invitation {
    /// A start in ISO 8601: a time, in UTC unless it says otherwise, or a day alone; false if it is none.
    mutating func setStart(_ text: String) -> Bool {
        guard let date = ISODate.parse(text) else { return false }
        let text = text.trimmed
        if text.utf8.count == "2026-11-30".utf8.count, !text.contains("T") {
            day = text
        } else {
            start = date
        }
        return true
    }

    /// What the keys `start`, `place` or `location`, and `invited` of an object in JSON say; throws an error that names
    /// the wrong one.
    ///
    /// `invited` is a list of texts (`Ada Holm <ada@example.org>`) and of objects with `name`, `email` and `declined`.
    init(_ node: JSONNode, place source: String) throws(TranscriptError) {
        if let start = node["start"], start.kind != .null {
            guard let text = start.string, setStart(text) else {
                throw TranscriptError(
                    .malformed,
                    "\(source): \"start\" must be an ISO 8601 time of the years 1900 to 2199, such as "
                        + "2026-11-30T10:00:00Z, or a day, such as 2026-11-30")
            }
        }
        for key in ["place", "location"] {
            guard let value = node[key], value.kind != .null else { continue }
            guard let text = value.string else {
                throw TranscriptError(.malformed, "\(source): \"\(key)\" must be a string")
            }
            place = place ?? Self.bounded(place: text)
        }
        guard let invited = node["invited"], invited.kind != .null else { return }
        guard let list = invited.array else { throw Self.badList(source) }
        var people: [Person] = []
        for entry in list {
            guard entry.string != nil || entry.isObject else { throw Self.badList(source) }
            let person =
                if let text = entry.string {
                    Person(mailbox: text)
                } else {
                    Person(
                        name: entry["name"]?.string,
                        address: entry["email"]?.string ?? entry["address"]?.string,
                        hasDeclined: entry["declined"]?.bool == true)
                }
            if let person { people.append(person) }
        }
        self.people = Self.distinct(people)
    }

    private static func badList(_ source: String) -> TranscriptError {
        TranscriptError(
            .malformed,
            "\(source): \"invited\" must be a list of names or mailboxes, such as \"Ada Holm <ada@example.org>\", or "
                + "of objects with \"name\", \"email\" and \"declined\"")
    }
}
