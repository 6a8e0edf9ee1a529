import Corpora
import Evaluation
import Foundation
import Transcript

/// How well meetings are cut into topics without being told where they are.
enum EvaluateSegmentation {
    /// A table of Pk and WindowDiff, means over the meetings that have topics.
    static func table(_ meetings: [CorpusMeeting]) -> ScoreReport.Table {
        let meetings = meetings.filter { !$0.topics.isEmpty && !$0.utterances.isEmpty }
        let truths = meetings.map { meeting in
            Segmentation(indices: meeting.utterances.map(\.index), topics: meeting.topics.map(\.spans))
        }
        let systems: [(String, (CorpusMeeting, Segmentation) -> Segmentation)] = [
            ("none", { meeting, _ in Segmentation(lengths: [meeting.utterances.count]) }),
            ("even", { meeting, truth in even(meeting.utterances.count, parts: truth.count) }),
            ("windows", { meeting, _ in ends(windows(meeting.utterances, findsTopics: false).map { [$0] }) }),
            ("texttiling", { meeting, _ in LexicalSegmenter.segment(meeting.utterances.map(\.text)) }),
            ("topics", { meeting, _ in ends(windows(meeting.utterances, findsTopics: true).topics) }),
        ]
        let rows = systems.map { name, cut in
            let cuts = zip(meetings, truths).map { ($1, cut($0, $1)) }
            func mean(_ value: (Segmentation, Segmentation) -> Double) -> String {
                String(format: "%.4f", cuts.reduce(0) { $0 + value($1.0, $1.1) } / Double(cuts.count))
            }
            return [
                "`\(name)`", String(cuts.count), mean { $0.pk($1) }, mean { $0.windowDiff($1) },
                mean { Double($1.count) }, mean { truth, _ in Double(truth.count) },
            ]
        }
        return ScoreReport.Table(
            title: "Segmentation",
            text: """
                How far cuts are from the annotated topics (0 is best; windows of half a mean topic). `none` does not \
                cut, `even` cuts into as many parts of equal size as there are topics, `windows` as the daemon does \
                by size alone, `texttiling` where the words change (Hearst, 1997), `topics` as the daemon does.
                """,
            columns: ["system", "meetings", "Pk", "WindowDiff", "parts", "topics"], rows: rows)
    }

    private static func even(_ count: Int, parts: Int) -> Segmentation {
        Segmentation(lengths: (0..<parts).map { (($0 + 1) * count / parts) - ($0 * count / parts) })
    }

    /// The daemon's windows.
    private static func windows(_ utterances: [CorpusUtterance], findsTopics: Bool) -> [Window] {
        var segmenter = Segmenter(policy: SegmentationPolicy(findsTopics: findsTopics))
        let closed = utterances.flatMap { utterance in
            segmenter.add(
                ReadUtterance(
                    Utterance(
                        speaker: utterance.speaker, text: utterance.text,
                        source: SourcePosition(name: "", line: utterance.index + 1))),
                tokenCount: tokens(utterance))
        }
        return closed + segmenter.close()
    }

    /// About the model's: four for three words.
    private static func tokens(_ utterance: CorpusUtterance) -> Int {
        (utterance.text.split(separator: " ").count * 4 + 2) / 3
    }

    /// Cuts after each of the groups of windows.
    private static func ends(_ groups: [some Collection<Window>]) -> Segmentation {
        Segmentation(lengths: groups.map { $0.reduce(0) { $0 + $1.utterances.count } })
    }
}
