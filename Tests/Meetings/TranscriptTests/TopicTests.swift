import Testing

@testable import Transcript

/// What makes a place the end of a topic.
@Suite struct TopicTests {
    private static let boats = [
        "The ferry sails at noon and the captain wants new sails before the harbour closes for the winter.",
        "Which ferry sails first, the old ferry or the one that lies in the harbour with a torn sail?",
        "The sails of the ferry are torn, captain, and the harbour master knows it as well as the crew does.",
    ]
    private static let bread = [
        "We knead the dough for the bread at four in the morning so that the oven is hot by then.",
        "The oven bakes the bread too dark, the dough should rise for another hour in the warm bakery.",
        "Dough rises better near the oven, and a baker who kneads it by hand gets lighter bread from it.",
    ]
    private static let cue = "Okay, thank you. Let's move on now to the next item on the agenda."

    private func said(_ text: String, by speaker: String? = nil, at start: Double? = nil) -> Utterance {
        Utterance(speaker: speaker, start: start, text: text, source: SourcePosition(name: "m", line: 1))
    }

    private func talk(_ texts: [String], count: Int = 18, by speakers: [String] = ["Ben", "Cleo"])
        -> [Utterance]
    {
        (0..<count).map { said(texts[$0 % texts.count], by: speakers[$0 % speakers.count]) }
    }

    private func windows(_ utterances: [Utterance], maximumTokens: Int = 1200) -> [Window] {
        var segmenter = Segmenter(policy: SegmentationPolicy(maximumTokens: maximumTokens))
        return utterances.flatMap {
            segmenter.add(ReadUtterance($0), tokenCount: $0.text.split(separator: " ").count * 4 / 3)
        }
            + segmenter.close()
    }

    private func logOdds(before place: Int, in utterances: [Utterance]) -> Double {
        var spoken: [SpokenTraits] = []
        for (index, utterance) in utterances.enumerated() {
            let previous = index > 0 ? utterances[index - 1] : nil
            spoken.append(
                SpokenTraits(ReadUtterance(utterance), after: previous, spoken.last, withWords: true))
        }
        let shift = TopicShift(opener: "Ada", pauseSeconds: 30)
        // Not cut short where it is out of the question.
        return shift.beside(place, in: spoken) + shift.around(place, in: spoken)
    }

    @Test func aNewSubjectThatIsAnnouncedEndsATopic() {
        let meeting = talk(Self.boats) + [said(Self.cue, by: "Ada")] + talk(Self.bread)
        #expect(windows([said("Good morning.", by: "Ada")] + meeting).map(\.utterances) == [0..<19, 19..<38])
        #expect(
            windows([said("Good morning.", by: "Ada")] + meeting).map(\.closedBy) == [.topic, .meetingEnd])
    }

    /// Of two announcements close by, the stronger one counts, whichever comes first.
    @Test(arguments: [true, false])
    func onlyTheLikeliestPlaceNearbyEndsATopic(weakFirst: Bool) throws {
        let (weak, strong) = (
            said("Okay, thank you. Let's move on now to bread.", by: "Ada"), said(Self.cue, by: "Ada")
        )
        let bridge = said("Dough for the bread.", by: "Ben")
        let meeting =
            [said("Good morning.", by: "Ada")] + talk(Self.boats)
            + (weakFirst ? [weak, bridge, strong] : [strong, bridge, weak]) + talk(Self.bread)
        #expect(logOdds(before: 19, in: meeting) > 0 && logOdds(before: 21, in: meeting) > 0)
        #expect(windows(meeting).map(\.utterances.upperBound) == [weakFirst ? 21 : 19, meeting.count])
    }

    @Test func talkThatGoesOnIsOneTopic() {
        #expect(windows(talk(Self.boats, count: 36)).map(\.closedBy) == [.meetingEnd])
    }

    /// A topic longer than a window has several.
    @Test func sizeCutsWithinATopic() {
        let meeting = talk(Self.boats, count: 30) + [said(Self.cue, by: "Ada")] + talk(Self.bread, count: 30)
        let found = windows([said("Good morning.", by: "Ada")] + meeting, maximumTokens: 300)
        #expect(found.filter { $0.closedBy == .topic }.map(\.utterances.upperBound) == [31])
        #expect(found.count { $0.closedBy == .size } >= 4)
        #expect(found.allSatisfy { $0.tokenCount <= 300 })
        #expect(found.topics.map { $0.first!.utterances.lowerBound } == [0, 31])
        #expect(found.topics.flatMap(\.self) == found)
    }

    @Test func othersWordsMakeAnEndLikelier() {
        let same = logOdds(before: 18, in: talk(Self.boats, count: 36))
        let other = logOdds(before: 18, in: talk(Self.boats) + talk(Self.bread))
        #expect(other > same + 1)
    }

    @Test func aCueMakesAnEndLikelier() {
        func odds(_ text: String) -> Double {
            logOdds(before: 18, in: talk(Self.boats) + [said(text, by: "Ben")] + talk(Self.boats))
        }
        let plain = odds("The captain mends the sails of the ferry.")
        #expect(odds("Moving on, the captain mends the sails.") > plain + 0.3)
        #expect(odds("Okay, the captain mends the sails.") > plain + 0.3)
        #expect(odds("Any other business, captain, about the sails?") > plain + 0.3)
    }

    @Test func aPresentationMakesAnEndLikelier() {
        let discussed = logOdds(before: 18, in: talk(Self.boats) + talk(Self.boats))
        let presented = logOdds(before: 18, in: talk(Self.boats) + talk(Self.boats, by: ["Dora"]))
        #expect(presented > discussed + 1)
    }

    @Test func aPauseMakesAnEndLikelier() {
        func odds(_ pause: Double) -> Double {
            let utterances = talk(Self.boats).enumerated().map { index, utterance in
                said(utterance.text, by: utterance.speaker, at: Double(index) * 8 + (index >= 9 ? pause : 0))
            }
            return logOdds(before: 9, in: utterances)
        }
        #expect(odds(60) > odds(0))
        #expect(odds(60) == odds(600), "it counts once")
    }

    private static let phrases: [(String, CuePhrases)] = [
        ("Okay, what about that?", [.acknowledgement, .subject, .question]),
        ("’Kay so", [.acknowledgement, .connective]),
        ("LET’S START WITH the minutes", [.proposal, .opening, .agenda]),
        ("Any other business", [.closing, .agenda]),
        ("She opened a nextdoor window", []),
        ("Weiter im Programm", [.transition]),
        ("Lovely. So, winter.", [.approval, .connective, .resumption]),
        ("I see, okay.", []),
        ("?!", .question),
    ]

    @Test(arguments: phrases)
    func cuesAreWholePhrases(_ text: String, _ cues: CuePhrases) {
        #expect(CuePhrases(in: ReadUtterance(said(text))) == cues)
    }

    /// Where words and speakers tell nothing, nothing but a cue is left.
    @Test func noWordsAndNoSpeakersAreNoEvidence() {
        let utterances = (0..<200).map { _ in said("привет мир снова") }
        #expect(windows(utterances).map(\.closedBy) == [.meetingEnd])
    }

    /// What is cut short is not positive, and what is not cut short is the whole.
    @Test func aLimitIsNeverBelowTheSum() {
        let meeting =
            talk(Self.boats) + [said(Self.cue, by: "Ada")] + talk(Self.bread) + talk(Self.boats, by: ["Ada"])
        var spoken: [SpokenTraits] = []
        for utterance in meeting {
            spoken.append(SpokenTraits(ReadUtterance(utterance), after: nil, spoken.last, withWords: true))
        }
        let shift = TopicShift(opener: "Ada", pauseSeconds: 30)
        for place in 1..<spoken.count {
            let found = shift.logOdds(before: place, in: spoken)
            let whole = shift.beside(place, in: spoken) + shift.around(place, in: spoken)
            #expect(found > 0 ? found == whole : found >= whole)
        }
    }

    @Test func evidenceAndWeightsAreOfTheSameKinds() {
        let spoken = [SpokenTraits(ReadUtterance(said("a")), after: nil, nil, withWords: true)]
        let two = spoken + [SpokenTraits(ReadUtterance(said("b")), after: nil, spoken[0], withWords: true)]
        let shift = TopicShift(opener: nil, pauseSeconds: 30)
        #expect(shift.evidence(around: 1, in: two).count == TopicShift.aroundWeights.count)
        #expect(shift.evidence(beside: 1, in: two).count == TopicShift.besideWeights.count)
    }
}
