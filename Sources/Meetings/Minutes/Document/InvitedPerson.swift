import Foundation
import Language
import Transcript

/// Somebody who was invited to a meeting.
package struct InvitedPerson: Sendable, Hashable, Codable {
    /// Their name, or their address where no name is known.
    package var name: String
    /// Whether they spoke; nil where it is not known who spoke, since the transcript does not name everybody.
    package var spoke: Bool?
    /// Whether they had said that they would not come.
    package var declined: Bool
}

/// Compares those who were invited with those who spoke.
enum InvitedPeople {
    /// Those who were invited, with whether they spoke.
    ///
    /// The same are: equal names in any order of their words, equal first and last words, a first name or surname alone
    /// if only one of those invited has it, and an address whose part before the `@` is made of the name.
    /// `unnamedCount` is the number of utterances that name nobody.
    static func compared(
        _ people: [Invitation.Person], speakers: [String], unnamedCount: Int
    ) -> [InvitedPerson] {
        let names = people.map { PersonName($0.name) }
        let index = NameIndex(people, names)
        var (spoke, mayHave) = (Set<Int>(), Set<Int>())
        for speaker in speakers {
            let found = index.places(of: PersonName(speaker))
            if found.isSure { spoke.formUnion(found.places) } else { mayHave.formUnion(found.places) }
        }
        // Somebody without a name may be any of them.
        let isCertain =
            unnamedCount == 0 && !speakers.isEmpty && !speakers.contains(where: SpeakerName.isNumbered)
        return people.enumerated().map { place, person in
            InvitedPerson(
                name: person.name,
                spoke: spoke.contains(place) ? true : isCertain && !mayHave.contains(place) ? false : nil,
                declined: person.hasDeclined)
        }
    }

    /// Those who were invited, by the forms of their names.
    private struct NameIndex {
        private var whole: [String: [Int]] = [:]
        private var outer: [String: [Int]] = [:]
        private var word: [String: [Int]] = [:]

        init(_ people: [Invitation.Person], _ names: [PersonName]) {
            for (place, name) in names.enumerated() {
                // Sets, since an address often has the same words as the name.
                let forms = [name] + (people[place].address.map { [PersonName($0)] } ?? [])
                for key in Set(forms.map(\.whole)) { whole[key, default: []].append(place) }
                for key in Set(forms.map(\.outer)) { outer[key, default: []].append(place) }
                for key in Set(forms.flatMap { $0.whole.split(separator: " ").map(String.init) }) {
                    word[key, default: []].append(place)
                }
            }
        }

        /// The places of those whom a speaker's name means, or may mean, if it is that of several.
        func places(of speaker: PersonName) -> (places: [Int], isSure: Bool) {
            guard !speaker.whole.isEmpty else { return ([], true) }
            // Two of the same name cannot be told apart: both have spoken rather than neither.
            if let same = whole[speaker.whole] { return (same, true) }
            if let alike = outer[speaker.outer], alike.count == 1 { return (alike, true) }
            // A first name stands for a longer name only where one of the two has nothing more.
            guard speaker.wordCount > 1 else {
                let known = word[speaker.whole] ?? []
                return (known, known.count == 1)
            }
            guard let known = word[speaker.first], known.count == 1, whole[speaker.first] == known else {
                return ([], true)
            }
            return (known, true)
        }
    }
}
