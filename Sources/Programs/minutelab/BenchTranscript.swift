import ArgumentParser
import Foundation
import Minutes
import Pipeline
import Summaries
import Transcript

/// A transcript that the bench takes its prompts from.
struct BenchTranscript: Sendable {
    let name: String
    /// The file as it is.
    let text: String
    let utterances: [Utterance]

    /// Reads a transcript in any of the formats that the daemon takes.
    init(path: String) throws {
        name = URL(filePath: path).lastPathComponent
        utterances = try readTranscript(path: path).file.utterances
        guard !utterances.isEmpty else {
            throw ValidationError("\(path): nobody says anything in it; name a transcript with --text")
        }
        text = try String(contentsOf: URL(filePath: path), encoding: .utf8)
    }

    /// What the summarizer asks a model for, window by window, with no earlier summaries in the prompt.
    func windowPrompts(
        isInstructionTuned: Bool, contextLength: Int, countTokens: @escaping @Sendable (String) -> Int
    ) async throws -> [BenchPrompt] {
        let profile = ModelProfile(
            name: "bench", style: isInstructionTuned ? .instructionTuned : .base,
            contextLength: contextLength, fingerprint: "")
        let summarizer = Summarizer(
            model: ProbedModel(profile: profile, countTokens: countTokens) { prompt, _, options in
                BenchPrompt(prompt, options)
            })
        var prompts: [BenchPrompt] = []
        for window in try windows(of: utterances, summarizer: summarizer) {
            do {
                _ = try await summarizer.summarize(
                    window: window, utterances: utterances[window.utterances].map { ReadUtterance($0) },
                    earlier: [],
                    timeline: "")
            } catch let probe as Probe<BenchPrompt> {
                prompts.append(probe.found)
            } catch let error as MinutesError where error.code == .contextTooShort {
                report("lookup: \(name) left out, \(error)")
                return []
            }
        }
        return prompts
    }
}

extension [BenchTranscript] {
    /// A meeting of so many words, made of the transcripts over and over.
    func meeting(words: Int) -> [Utterance] {
        let source = flatMap(\.utterances)
        precondition(!source.isEmpty)
        var utterances: [Utterance] = []
        var count = 0
        while count < words {
            var utterance = source[utterances.count % source.count]
            // Times would jump back where the transcripts begin anew.
            utterance.setTimes(start: nil, end: nil)
            count += Swift.max(1, utterance.text.split(separator: " ").count)
            utterances.append(utterance)
        }
        return utterances
    }
}

/// The windows of a meeting, as the daemon cuts it by default.
func windows(of utterances: [Utterance], summarizer: Summarizer) throws -> [Window] {
    var segmenter = Segmenter(policy: SegmentationPolicy())
    var windows: [Window] = []
    for utterance in utterances {
        windows += segmenter.add(
            ReadUtterance(utterance), tokenCount: try summarizer.tokenCount(of: utterance))
    }
    return windows + segmenter.close()
}

/// A prompt with its options, in words of neither half.
struct BenchPrompt: Sendable {
    enum Piece: Sendable {
        case text(String), beginningOfSequence, startOfTurn, endOfTurn
    }

    var pieces: [Piece]
    var maximumTokens: Int
    var stopTexts: [String]
    var repetitionPenalty: Float
    var noRepeatNgram: Int

    fileprivate init(_ prompt: [PromptPiece], _ options: CompletionOptions) {
        pieces = prompt.map { piece in
            switch piece {
            case .text(let text): .text(text)
            case .beginningOfSequence: .beginningOfSequence
            case .startOfTurn: .startOfTurn
            case .endOfTurn: .endOfTurn
            }
        }
        maximumTokens = options.maximumTokens
        stopTexts = options.stopTexts
        repetitionPenalty = options.repetitionPenalty
        noRepeatNgram = options.noRepeatNgram
    }
}

/// What was found out when a model was asked; thrown, since the answer itself is not wanted.
struct Probe<Found: Sendable>: Error {
    var found: Found
}

/// A model that looks at what it is asked for and throws what it found, as a ``Probe``.
struct ProbedModel<Found: Sendable>: LanguageModel {
    let profile: ModelProfile
    let countTokens: @Sendable (String) -> Int
    let probe: @Sendable ([PromptPiece], String, CompletionOptions) async throws -> Found

    func tokenCount(of text: String) -> Int { countTokens(text) }

    func prefill(_ prompt: [PromptPiece], timeline: String) async throws {}

    func complete(
        _ prompt: [PromptPiece], timeline: String, options: CompletionOptions,
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> Completion {
        throw Probe(found: try await probe(prompt, timeline, options))
    }

    func close(timeline: String) async {}
}
