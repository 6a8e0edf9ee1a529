/// All that the meeting half knows of a model.
///
/// The caller always hands over the whole prompt. The model keeps one key-value cache per timeline, finds
/// the longest common prefix with what that cache already holds, drops the rest and prefills only what is
/// new; so a prompt that grows at its end costs its new tokens only, and a mismatch cannot happen.
/// Each piece is tokenised by itself, so that appending a piece never changes the ids before it.
package protocol LanguageModel: Sendable {
    /// What the model is.
    var profile: ModelProfile { get }

    /// What it is on `timeline`: a model may have been trained further for some kinds of meetings.
    ///
    /// The context's length is the same on all.
    func profile(ofTimeline timeline: String) -> ModelProfile

    /// How many tokens `text` has as one prompt piece.
    func tokenCount(of text: String) throws -> Int

    /// Prefills `prompt` on `timeline`, so that a later call which begins with it is cheap.
    func prefill(_ prompt: [PromptPiece], timeline: String) async throws

    /// Continues `prompt`; `onText` sees the text as it grows, in pieces of whole characters.
    ///
    /// Throws `CancellationError` when the task is cancelled, within one prefill slice or one token.
    func complete(
        _ prompt: [PromptPiece], timeline: String, options: CompletionOptions,
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> Completion

    /// Reads `prompt` with `lines` behind it and says how likely each of `choices` is to follow each line.
    ///
    /// All lines are read in one go, and none of the choices is given back to the model. Only a model whose style is
    /// one that ``ModelProfile/Style/picks`` is asked. Throws as ``complete(_:timeline:options:onText:)`` does.
    func weigh(
        _ choices: [String], after lines: [String], of prompt: [PromptPiece], timeline: String
    ) async throws -> Weighing

    /// How likely `text` is to follow `prompt`, as the natural logarithm, and how many tokens it has; nil from a model that
    /// cannot say.
    ///
    /// Asked of the model as it was before it was trained further for minutes. Throws as
    /// ``complete(_:timeline:options:onText:)`` does.
    func logLikelihood(
        of text: String, after prompt: [PromptPiece], timeline: String
    ) async throws -> (sum: Double, tokens: Int)?

    /// Whether ``save(timeline:)`` does anything.
    var savesTimelines: Bool { get }

    /// Saves the cache of `timeline`, so that a later process goes on from there.
    ///
    /// Throws if it cannot be written; the timeline is none the worse for it.
    func save(timeline: String) async throws

    /// What saved timelines take; nil if none are saved.
    func savedTimelines() async -> SavedTimelines?

    /// Lets go of the cache of `timeline`, the saved one as well.
    func close(timeline: String) async
}

extension LanguageModel {
    /// ``profile``: a model need not differ.
    package func profile(ofTimeline timeline: String) -> ModelProfile { profile }

    /// A model that only writes is never asked.
    package func weigh(
        _ choices: [String], after lines: [String], of prompt: [PromptPiece], timeline: String
    ) async throws -> Weighing {
        preconditionFailure("\(profile.name) was not trained to pick")
    }

    /// Nil: a model need not be able to say.
    package func logLikelihood(
        of text: String, after prompt: [PromptPiece], timeline: String
    ) async throws -> (sum: Double, tokens: Int)? { nil }

    /// False: a model need not be able to save.
    package var savesTimelines: Bool { false }

    /// Does nothing.
    package func save(timeline: String) async throws {}

    /// Nil: none are saved.
    package func savedTimelines() async -> SavedTimelines? { nil }
}

/// What saved timelines take on the disk.
package struct SavedTimelines: Sendable, Hashable, Codable {
    /// How many there are.
    package var count: Int
    /// Their size together.
    package var bytes: Int
    /// What they may take together.
    package var bytesLimit: Int

    /// Creates the numbers.
    package init(count: Int, bytes: Int, bytesLimit: Int) {
        self.count = count
        self.bytes = bytes
        self.bytesLimit = bytesLimit
    }
}

/// One piece of a prompt.
package enum PromptPiece: Sendable, Hashable {
    /// Ordinary text. It is inert: a control token spelled in it stays text.
    case text(String)
    /// `<bos>`
    case beginningOfSequence
    /// `<start_of_turn>`
    case startOfTurn
    /// `<end_of_turn>`
    case endOfTurn
}

/// What a prompt's author needs to know of a model.
package struct ModelProfile: Sendable, Hashable, Codable {
    /// How a model takes a request.
    package enum Style: String, Sendable, Codable {
        /// Trained on chat turns: asked in plain words.
        case instructionTuned
        /// Continues text: has to be shown a document that the answer completes.
        case base
        /// Trained to write a summary where a plain document asks for it.
        case tuned
        /// Trained to say what each sentence of a window is worth; it writes nothing.
        case picking
        /// Trained to say that, and whether another matter begins with the sentence.
        case pointing

        /// Whether it writes nothing, and says of sentences what they are.
        package var picks: Bool { self == .picking || self == .pointing }
    }

    /// The model's name as its file gives it.
    package var name: String
    /// How it takes a request.
    package var style: Style
    /// Tokens that fit into the cache, prompt and answer together.
    package var contextLength: Int
    /// Identifies weights, tokenizer and settings, for the ledger.
    package var fingerprint: String

    /// Creates a profile.
    package init(name: String, style: Style, contextLength: Int, fingerprint: String) {
        self.name = name
        self.style = style
        self.contextLength = contextLength
        self.fingerprint = fingerprint
    }
}

/// How an answer is decoded.
package struct CompletionOptions: Sendable, Hashable {
    /// The answer is cut after so many tokens.
    package var maximumTokens: Int
    /// The answer ends before the first of these; they are not part of it.
    package var stopTexts: [String]
    /// Greedy if 0.
    package var temperature: Float
    /// Logits of tokens already in the answer are divided (positive) or multiplied (negative) by it; 1 is off.
    package var repetitionPenalty: Float
    /// No run of so many tokens is written twice in an answer; 0 is off.
    package var noRepeatNgram: Int
    /// Seed of the sampler; of no effect when greedy.
    package var seed: UInt64
    /// A JSON Schema, as text: the answer is one whole document of it, closed in time for `maximumTokens`, whatever
    /// `stopTexts` say; nil for any text.
    ///
    /// A model that cannot keep to one answers in any text as well.
    package var schema: String?

    /// Creates options; greedy by default.
    package init(
        maximumTokens: Int, stopTexts: [String] = [], temperature: Float = 0, repetitionPenalty: Float = 1,
        noRepeatNgram: Int = 0, seed: UInt64 = 0, schema: String? = nil
    ) {
        self.maximumTokens = maximumTokens
        self.stopTexts = stopTexts
        self.temperature = temperature
        self.repetitionPenalty = repetitionPenalty
        self.noRepeatNgram = noRepeatNgram
        self.seed = seed
        self.schema = schema
    }
}

/// How likely some choices are behind each of several lines, and what it cost to find out.
package struct Weighing: Sendable, Hashable {
    /// For each line the logits of the choices; only their differences mean anything.
    package var logits: [[Float]]
    /// Tokens of the whole prompt.
    package var promptTokens: Int
    /// Prompt tokens that were already in the cache.
    package var reusedTokens: Int
    /// Time spent on it.
    package var seconds: Double

    /// Creates a weighing.
    package init(logits: [[Float]], promptTokens: Int, reusedTokens: Int, seconds: Double) {
        self.logits = logits
        self.promptTokens = promptTokens
        self.reusedTokens = reusedTokens
        self.seconds = seconds
    }
}

/// An answer and what it cost.
package struct Completion: Sendable, Hashable {
    /// Why an answer ended.
    package enum End: String, Sendable, Codable {
        /// The model ended it.
        case stopToken
        /// One of the stop texts came.
        case stopText
        /// It was cut at the limit.
        case limit
    }

    /// The answer, without stop texts.
    package var text: String
    /// Why it ended.
    package var end: End
    /// Tokens of the whole prompt.
    package var promptTokens: Int
    /// Prompt tokens that were already in the cache.
    package var reusedTokens: Int
    /// Tokens of the answer.
    package var generatedTokens: Int
    /// Time spent on the prompt.
    package var prefillSeconds: Double
    /// Time spent on the answer.
    package var decodeSeconds: Double

    /// Creates a completion.
    package init(
        text: String, end: End, promptTokens: Int, reusedTokens: Int, generatedTokens: Int,
        prefillSeconds: Double, decodeSeconds: Double
    ) {
        self.text = text
        self.end = end
        self.promptTokens = promptTokens
        self.reusedTokens = reusedTokens
        self.generatedTokens = generatedTokens
        self.prefillSeconds = prefillSeconds
        self.decodeSeconds = decodeSeconds
    }
}
