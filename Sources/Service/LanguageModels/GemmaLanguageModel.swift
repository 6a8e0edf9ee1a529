import Gemma
import Grammar
import Logging
import Settings
import Summaries
import Synchronization
import Tokenizer

/// A Gemma model as a `LanguageModel`: the only place where the inference half and the meeting half meet.
package final class GemmaLanguageModel: LanguageModel {
    /// How the model is loaded.
    package struct Options: Sendable, Hashable {
        /// Positions of a meeting's cache, prompt and answer together; nil takes the model's own, up to 8192.
        package var contextLength: Int?
        /// Threads; nil takes as many as this process may use.
        package var threads: Int?
        /// See ``InferenceEngine/Options/isDeterministic``.
        package var isDeterministic: Bool
        /// The form of prompts; nil depends on whether the model's file has a chat template.
        package var style: ModelProfile.Style?
        /// Folders for a file of the repacked weights; the first that can be used is.
        package var packedWeightsFolders: [String]
        /// The paths of adapters, by kind of meeting.
        package var adapters: ChoiceByKind

        /// The folder for saved caches of meetings; nil if none are saved.
        package var snapshotFolder: String?
        /// How much disk space they may take together.
        package var snapshotBytesLimit: Int

        /// Makes options; everything is taken from the model by default, and nothing is saved.
        package init(
            contextLength: Int? = nil, threads: Int? = nil, isDeterministic: Bool = false,
            style: ModelProfile.Style? = nil,
            snapshotFolder: String? = nil, snapshotBytesLimit: Int = 1 << 30,
            packedWeightsFolders: [String] = [], adapters: ChoiceByKind = .none
        ) {
            self.contextLength = contextLength
            self.threads = threads
            self.isDeterministic = isDeterministic
            self.style = style
            self.snapshotFolder = snapshotFolder
            self.snapshotBytesLimit = snapshotBytesLimit
            self.packedWeightsFolders = packedWeightsFolders
            self.adapters = adapters
        }
    }

    /// The model's profile, with the default adapter if there is one.
    package let profile: ModelProfile
    private let plainProfile: ModelProfile
    private let choice: ChoiceByKind
    /// The profile for each kind of meeting that has an adapter.
    private let profiles: [String: ModelProfile]
    /// Whether a folder for saved caches was given.
    package let savesTimelines: Bool
    private let engine: InferenceEngine
    // Guards: the grammars of the schemas in use: one for each number of turns of a window.
    private let grammars = Mutex<[String: JSONGrammar]>([:])
    private let beginningOfSequence: TokenID
    private let startOfTurn: TokenID?
    private let endOfTurn: TokenID?

    private var tokenizer: SentencePieceTokenizer { engine.model.tokenizer }

    /// Loads a GGUF file or a Hugging Face folder.
    ///
    /// Throws an error that names the file and the field if it cannot be used.
    package init(path: String, options: Options = Options()) throws {
        let model = try GemmaModel(path: path)
        let adapters = try options.adapters.values.mapValues {
            try LoRAAdapter(path: $0, architecture: model.configuration.architecture)
        }
        engine = try InferenceEngine(
            model: model,
            options: InferenceEngine.Options(
                contextLength: options.contextLength, threads: options.threads,
                isDeterministic: options.isDeterministic,
                packedWeightsFolders: options.packedWeightsFolders,
                snapshotFolder: options.snapshotFolder, snapshotBytesLimit: options.snapshotBytesLimit),
            adapters: adapters,
            onSnapshotRefusal: {
                Logger(label: "model").warning(
                    "a meeting is read again: its saved cache is not usable", error: $0)
            })
        startOfTurn = model.tokenizer.controlToken(.startOfTurn)
        endOfTurn = model.tokenizer.controlToken(.endOfTurn)
        let style = options.style ?? (model.isInstructionTuned ? .instructionTuned : .base)
        let plain = ModelProfile(
            name: model.configuration.name, style: style, contextLength: engine.contextLength,
            fingerprint: model.fingerprint)
        choice = options.adapters
        profiles = try Dictionary(
            uniqueKeysWithValues: adapters.map {
                ($0.key, try Self.profile(plain, with: $0.value, style: options.style))
            })
        profile = profiles[""] ?? plain
        let styles = [plain.style] + profiles.values.map(\.style)
        guard let begin = model.tokenizer.controlToken(.beginningOfSequence),
            !styles.contains(.instructionTuned) || (startOfTurn != nil && endOfTurn != nil)
        else {
            throw GemmaError(
                .badOption,
                "\(path): the tokenizer has no tokens for chat turns: set the model's style to 'base'")
        }
        beginningOfSequence = begin
        savesTimelines = options.snapshotFolder != nil
        plainProfile = plain
    }

    /// The profile with an adapter.
    ///
    /// The style is `style`, if that is set, or else the one that the adapter was trained with.
    private static func profile(
        _ plain: ModelProfile, with adapter: LoRAAdapter, style: ModelProfile.Style?
    ) throws(GemmaError) -> ModelProfile {
        var profile = plain
        profile.name += " with " + adapter.name
        profile.fingerprint += "+" + adapter.fingerprint
        if style == nil, let template = adapter.promptTemplate {
            guard let trained = ModelProfile.Style(rawValue: template) else {
                throw GemmaError(
                    .badAdapter,
                    "adapter \(adapter.name) was trained with prompts called '\(template)', which are not the "
                        + "daemon's: train it with 'tuned', or set model.style")
            }
            profile.style = trained
        }
        return profile
    }

    /// The profile with the adapter for the meeting that has this timeline.
    package func profile(ofTimeline timeline: String) -> ModelProfile {
        choice.kind(ofMeeting: timeline).flatMap { profiles[$0] } ?? plainProfile
    }

    /// Where the repacked weights are.
    package var packedWeights: PackedWeightsStorage { engine.packedWeights }

    /// Checks repacked weights that were mapped from a file, before the first request would do it.
    ///
    /// - Returns: how many damaged blocks were found and repacked. Their file was removed.
    package func checkWeights() async throws -> Int { try await engine.checkWeights() }

    /// Returns as soon as the engine's thread is free, which shows that it is not stuck.
    package func respond() async { await engine.respond() }

    /// How many tokens `text` has as one prompt piece.
    package func tokenCount(of text: String) -> Int { tokenizer.encode(text).count }

    /// Prefills `prompt` on `timeline`.
    package func prefill(_ prompt: [PromptPiece], timeline: String) async throws {
        try await engine.prefill(
            tokens(of: prompt), timeline: timeline, adapter: choice.kind(ofMeeting: timeline))
    }

    /// The grammar of a schema, compiled once; nil if the vocabulary cannot spell all its documents, so that the answer is
    /// plain text.
    ///
    /// Throws an error that says what part of the schema is not supported.
    private func grammar(of schema: String) throws -> JSONGrammar? {
        if let known = grammars.withLock({ $0[schema] }) { return known }
        let grammar = try JSONGrammar(schema: schema)
        // Compiled here and not on the engine's thread, where other requests would have to wait for it.
        guard try spellsDocuments() else { return nil }
        grammars.withLock { $0[schema] = grammar }
        return grammar
    }

    /// Whether the vocabulary can spell every document of a schema.
    private func spellsDocuments() throws -> Bool {
        do {
            _ = try engine.model.tokenVocabulary()
            return true
        } catch {
            if error.code == .badVocabulary { return false }
            throw error
        }
    }

    /// Continues `prompt` on `timeline`.
    package func complete(
        _ prompt: [PromptPiece], timeline: String, options: CompletionOptions,
        onText: @escaping @Sendable (String) -> Void
    ) async throws -> Completion {
        let generation = try await engine.generate(
            tokens(of: prompt), timeline: timeline, adapter: choice.kind(ofMeeting: timeline),
            options: GenerationOptions(
                maximumTokens: options.maximumTokens,
                sampling: SamplingOptions(
                    temperature: options.temperature, repetitionPenalty: options.repetitionPenalty,
                    noRepeatNgram: options.noRepeatNgram, seed: options.seed),
                stopTexts: options.stopTexts, grammar: try options.schema.flatMap(grammar)), onText: onText)
        return Completion(
            text: generation.text, end: Completion.End(generation.end), promptTokens: generation.promptTokens,
            reusedTokens: generation.reusedTokens, generatedTokens: generation.tokens.count,
            prefillSeconds: generation.prefillTime / .seconds(1),
            decodeSeconds: generation.decodeTime / .seconds(1))
    }

    /// Reads `prompt` with `lines` behind it on `timeline`, and weighs `choices` behind each line.
    package func weigh(
        _ choices: [String], after lines: [String], of prompt: [PromptPiece], timeline: String
    ) async throws -> Weighing {
        var tokens = tokens(of: prompt)
        var places: [Int] = []
        for line in lines {
            tokens += tokenizer.encode(line)
            places.append(tokens.count - 1)
        }
        // Each choice is one character, which every Gemma vocabulary has as a token.
        let choices = choices.compactMap { tokenizer.encode($0).last }
        let generation = try await engine.ask(
            ChoiceQuestion(places: places, choices: choices), about: tokens, timeline: timeline,
            adapter: choice.kind(ofMeeting: timeline))
        return Weighing(
            logits: generation.choiceLogits, promptTokens: generation.promptTokens,
            reusedTokens: generation.reusedTokens, seconds: generation.prefillTime / .seconds(1))
    }

    /// How likely the model without an adapter finds `text` after `prompt`.
    package func logLikelihood(
        of text: String, after prompt: [PromptPiece], timeline: String
    ) async throws -> (sum: Double, tokens: Int)? {
        let before = tokens(of: prompt)
        let asked = tokenizer.encode(text)
        guard !before.isEmpty, !asked.isEmpty else { return nil }
        let generation = try await engine.likelihoods(
            of: before + asked, from: before.count, timeline: timeline)
        return (generation.logLikelihoods.reduce(0) { $0 + Double($1) }, asked.count)
    }

    /// Saves what is new in the cache of `timeline`.
    package func save(timeline: String) async throws { try await engine.save(timeline: timeline) }

    /// What saved caches take; nil if no folder was given.
    package func savedTimelines() async -> SavedTimelines? {
        engine.snapshotUsage.map {
            SavedTimelines(count: $0.fileCount, bytes: $0.bytes, bytesLimit: $0.bytesLimit)
        }
    }

    /// Lets go of the cache of `timeline`, the saved one as well.
    package func close(timeline: String) async { await engine.close(timeline: timeline) }

    private func tokens(of prompt: [PromptPiece]) -> [TokenID] {
        prompt.flatMap { piece -> [TokenID] in
            switch piece {
            case .text(let text): tokenizer.encode(text)
            case .beginningOfSequence: [beginningOfSequence]
            // A base model's prompt has no turns, and a tuned model's tokenizer was checked to have them.
            case .startOfTurn: [startOfTurn].compactMap(\.self)
            case .endOfTurn: [endOfTurn].compactMap(\.self)
            }
        }
    }
}

extension Completion.End {
    fileprivate init(_ end: Generation.End) {
        switch end {
        case .stopToken: self = .stopToken
        case .stopText: self = .stopText
        case .limit: self = .limit
        }
    }
}
