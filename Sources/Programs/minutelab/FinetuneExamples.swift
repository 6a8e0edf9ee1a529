import Corpora
import Gemma
import Tokenizer
import Training

/// Data as it will be trained on, and what was done to it.
struct FinetuneExamples {
    var examples: [TrainingExample] = []
    /// For people: what was left out or cut, with counts.
    var notes: [String] = []

    /// Reads data and puts it into prompts of at most `maximumTokens` tokens, the answer included.
    ///
    /// Utterances that do not fit are left out at the end, or the whole example if `skipsLonger`; examples whose answer
    /// or request alone does not fit are left out. All are counted in the notes.
    init(
        _ paths: [String], options: Corpus.Options, format: PromptFormat, tokenizer: SentencePieceTokenizer,
        maximumTokens: Int, skipsLonger: Bool
    ) throws {
        let corpus = try Corpus.read(paths, options: options)
        notes = corpus.notes
        guard let begin = tokenizer.controlToken(.beginningOfSequence),
            let end = tokenizer.controlToken(.endOfSequence)
        else { throw TrainingError(.badData, "the model's tokenizer has no tokens for beginning and end") }
        var (cutCount, droppedUtterances, leftOut) = (0, 0, 0)
        for example in corpus.examples {
            let prompt = format.prompt(of: example)
            for reference in example.references {
                let answer = tokenizer.encode(PromptFormat.answer(reference)) + [end]
                let encoded = EncodedPrompt(
                    prompt, limit: maximumTokens - answer.count, begin: begin, tokenizer: tokenizer)
                guard encoded.tokens.count + answer.count <= maximumTokens, encoded.utteranceCount > 0,
                    encoded.droppedCount == 0 || !skipsLonger
                else {
                    leftOut += 1
                    continue
                }
                if encoded.droppedCount > 0 {
                    cutCount += 1
                    droppedUtterances += encoded.droppedCount
                }
                examples.append(TrainingExample(prompt: encoded.tokens, answer: answer))
            }
        }
        if cutCount > 0 {
            notes.append(
                "\(cutCount) of \(examples.count) examples are longer than \(maximumTokens) tokens: their last "
                    + "\(droppedUtterances) utterances are left out")
        }
        if leftOut > 0 {
            notes.append(
                "\(leftOut) examples do not fit into \(maximumTokens) tokens"
                    + (skipsLonger ? "" : " at all") + " and are left out")
        }
    }

    /// Tokens that are read, in all examples.
    var tokenCount: Int { examples.reduce(0) { $0 + $1.inputs.count } }
    /// Tokens that are learned.
    var targetCount: Int { examples.reduce(0) { $0 + $1.targets.count } }
}

// MARK: - Picking

extension FinetuneExamples {
    /// Reads meetings with notes and makes an example of each window: which of its sentences are worth what.
    ///
    /// Windows that do not fit into `maximumTokens` are left out and counted.
    init(picksOf folders: [String], tokenizer: SentencePieceTokenizer, maximumTokens: Int) throws {
        guard let begin = tokenizer.controlToken(.beginningOfSequence) else {
            throw TrainingError(.badData, "the model's tokenizer has no token for the beginning")
        }
        var leftOut = 0
        for window in try PickTexts.read(folders) {
            var inputs = [begin] + window.said.flatMap { tokenizer.encode($0) }
            var targets: [TrainingExample.Target] = []
            for line in window.lines {
                inputs += tokenizer.encode(line.text)
                guard let token = line.label.flatMap({ tokenizer.encode($0).last }) else { continue }
                targets.append(TrainingExample.Target(position: inputs.count - 1, token: token))
            }
            guard inputs.count <= maximumTokens, !targets.isEmpty else {
                leftOut += 1
                continue
            }
            examples.append(TrainingExample(inputs: inputs, targets: targets))
        }
        if leftOut > 0 {
            notes.append("\(leftOut) windows do not fit into \(maximumTokens) tokens and are left out")
        }
    }
}
