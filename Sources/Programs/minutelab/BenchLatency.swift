import LanguageModels
import Minutes
import Summaries
import Synchronization
import Transcript

/// How long after a window's end the first token of its summary comes, in meetings of several lengths.
///
/// The meetings are made of the transcripts, over and over. Their last full window is prefilled as it would be
/// while it is spoken; what is measured is the request, from the text on. The summaries of the windows before
/// it are the windows' own first words.
struct BenchLatency: Sendable {
    let modelPath: String
    let threads: Int?
    let repetitions: Int
    let meetingMinutes: [Int]
    let transcripts: [BenchTranscript]

    private static let wordsPerMinute = 150
    private static let summaryWords = 60
    /// Enough for an answer in which nothing is noted.
    private static let documentTokens = 32

    func measure(_ onFigure: (BenchFigure) -> Void) async throws {
        let model = try GemmaLanguageModel(path: modelPath, options: .init(threads: threads))
        for minutes in meetingMinutes {
            let utterances = transcripts.meeting(words: minutes * Self.wordsPerMinute)
            let summarizer = Summarizer(model: model)
            let windows = try windows(of: utterances, summarizer: summarizer)
            guard let last = windows.last(where: { $0.closedBy == .size }) ?? windows.last else { continue }
            let earlier = windows.prefix(last.index).map { standIn($0, utterances[$0.utterances]) }
            var samples: [Double] = []
            do {
                for repetition in 0...repetitions {
                    let time = try await timeToFirstToken(
                        window: last, utterances: utterances[last.utterances].map { ReadUtterance($0) },
                        earlier: earlier,
                        model: model)
                    // The first warms up.
                    if repetition > 0 { samples.append(time * 1000) }
                }
            } catch let error as MinutesError where error.code == .contextTooShort {
                report("latency: left out, \(error)")
                return
            }
            onFigure(
                BenchFigure(
                    section: "latency",
                    name: "\(minutes) minutes (\(windows.count) windows), first token", unit: "ms",
                    samples: samples))
        }
    }

    private func standIn(_ window: Window, _ utterances: ArraySlice<Utterance>) -> WindowSummary {
        let words = utterances.lazy.flatMap { $0.text.split(separator: " ") }.prefix(Self.summaryWords)
        return WindowSummary(
            window: window.index, text: words.joined(separator: " "), model: "bench", promptTokens: 0,
            reusedTokens: 0, generatedTokens: 0, seconds: 0)
    }

    /// Seconds from the window's end to the first token of its summary.
    private func timeToFirstToken(
        window: Window, utterances: [ReadUtterance], earlier: [WindowSummary], model: GemmaLanguageModel
    ) async throws -> Double {
        try await Summarizer(model: model).prefillOpenWindow(
            index: window.index, utterances: utterances, earlier: earlier, timeline: "bench")
        let clock = ContinuousClock()
        let probed = ProbedModel(profile: model.profile, countTokens: model.tokenCount(of:)) {
            var options = $2
            // A document of a schema takes some tokens more, so that its first text is waited for, not its end.
            options.maximumTokens = options.schema == nil ? 1 : Self.documentTokens
            let first = Mutex<ContinuousClock.Instant?>(nil)
            _ = try await model.complete($0, timeline: $1, options: options) { _ in
                first.withLock { $0 = $0 ?? clock.now }
            }
            return first.withLock(\.self) ?? clock.now
        }
        let begin = clock.now
        do {
            _ = try await Summarizer(model: probed).summarize(
                window: window, utterances: utterances, earlier: earlier, timeline: "bench")
        } catch let probe as Probe<ContinuousClock.Instant> {
            return (probe.found - begin) / .seconds(1)
        }
        preconditionFailure("a window of so many words is summarised by the model")
    }
}
