import CKernels
import Glibc
import Grammar
import Tokenizer

/// How the next token is chosen from the logits.
package struct SamplingOptions: Sendable, Hashable {
    /// Logits are divided by it; 0 takes the most likely token (greedy).
    package var temperature: Float
    /// Only the `topK` most likely tokens are kept; 0 is off.
    package var topK: Int
    /// Only the most likely tokens that together reach this probability are kept; 1 is off.
    package var topP: Float
    /// Only tokens at least this fraction as likely as the most likely one are kept; 0 is off.
    package var minP: Float
    /// Logits of tokens generated before are divided (if positive) or multiplied (if negative) by it; 1 is off.
    package var repetitionPenalty: Float
    /// No run of so many tokens is written twice in an answer; 0 is off.
    package var noRepeatNgram: Int
    /// The same seed, options and logits choose the same tokens.
    package var seed: UInt64

    /// Greedy decoding.
    package static let greedy = SamplingOptions()

    /// Makes options; greedy by default.
    package init(
        temperature: Float = 0, topK: Int = 0, topP: Float = 1, minP: Float = 0, repetitionPenalty: Float = 1,
        noRepeatNgram: Int = 0, seed: UInt64 = 0
    ) {
        self.temperature = temperature
        self.topK = topK
        self.topP = topP
        self.minP = minP
        self.repetitionPenalty = repetitionPenalty
        self.noRepeatNgram = noRepeatNgram
        self.seed = seed
    }

    /// Refuses values out of range, naming the option.
    package func validate() throws(GemmaError) {
        func check(_ holds: Bool, _ name: String, _ wanted: String) throws(GemmaError) {
            guard holds else { throw GemmaError(.badOption, "\(name) must be \(wanted)") }
        }
        try check(temperature >= 0 && temperature.isFinite, "temperature \(temperature)", "0 or more")
        try check(topK >= 0, "top-k \(topK)", "0 or more")
        try check(topP > 0 && topP <= 1, "top-p \(topP)", "above 0 and at most 1")
        try check(minP >= 0 && minP < 1, "min-p \(minP)", "at least 0 and below 1")
        try check(
            repetitionPenalty > 0 && repetitionPenalty.isFinite, "repetition penalty \(repetitionPenalty)",
            "above 0")
        try check(
            noRepeatNgram == 0 || noRepeatNgram > 1, "no-repeat n-gram \(noRepeatNgram)", "0 or above 1")
    }
}

/// Chooses tokens, one after the other, of one answer.
///
/// Order: repetition penalty, n-grams that would be repeated, top-k, temperature, top-p, min-p, draw.
struct Sampler {
    private let options: SamplingOptions
    private var random: SplitMix64
    private var generated: Set<TokenID> = []
    /// The answer, as far as n-grams need it.
    private var answer: [TokenID] = []

    init(options: SamplingOptions) {
        self.options = options
        random = SplitMix64(state: options.seed)
    }

    /// Chooses from `logits` (`[vocabularySize]`, changed in place by penalties) and remembers the choice.
    mutating func next(_ logits: UnsafeMutableBufferPointer<Float>) -> TokenID {
        penalize(logits)
        forbidRepetition(logits)
        let choice = options.temperature == 0 ? greedy(logits) : draw(logits)
        remember(choice)
        return choice
    }

    private mutating func remember(_ choice: TokenID) {
        if options.repetitionPenalty != 1 { generated.insert(choice) }
        if options.noRepeatNgram > 0 { answer.append(choice) }
    }

    /// Chooses what `document` allows to come next, as the first of `budget` tokens that are left.
    ///
    /// Penalties change only plain text inside of strings: what the schema prescribes has to be written again and
    /// again.
    mutating func next(
        _ logits: UnsafeMutableBufferPointer<Float>, within document: inout DocumentWalk, budget: Int
    ) -> TokenID {
        if document.isFreeText {
            penalize(logits) { document.isPlain($0) }
            forbidRepetition(logits) { document.isPlain($0) }
        }
        var choice = greedy(logits)
        // The most likely token of all is also that of the allowed ones, if it is allowed.
        if options.temperature > 0 || !document.allows(choice, budget: budget) {
            document.allowed(budget: budget).keepOnly(in: logits)
            choice = options.temperature == 0 ? greedy(logits) : draw(logits)
        }
        // All that is allowed may have been ruled out by penalties, or by logits that are not finite.
        if !document.allows(choice, budget: budget), let closing = document.closingToken { choice = closing }
        remember(choice)
        return choice
    }

    private func penalize(
        _ logits: UnsafeMutableBufferPointer<Float>, where applies: (TokenID) -> Bool = { _ in true }
    ) {
        guard options.repetitionPenalty != 1 else { return }
        for id in generated where applies(id) {
            let value = logits[Int(id)]
            logits[Int(id)] =
                value > 0 ? value / options.repetitionPenalty : value * options.repetitionPenalty
        }
    }

    /// Takes out what came after the answer's last n - 1 tokens wherever they stood before.
    ///
    /// Answers have some hundred tokens: looking through them costs nothing beside a pass.
    private func forbidRepetition(
        _ logits: UnsafeMutableBufferPointer<Float>, where applies: (TokenID) -> Bool = { _ in true }
    ) {
        let length = options.noRepeatNgram - 1
        guard length > 0, answer.count > length else { return }
        let last = answer[(answer.count - length)...]
        for start in 0..<(answer.count - length) where answer[start..<(start + length)].elementsEqual(last) {
            let next = answer[start + length]
            if applies(next) { logits[Int(next)] = -.infinity }
        }
    }

    private func greedy(_ logits: UnsafeMutableBufferPointer<Float>) -> TokenID {
        TokenID(ck_argmax(logits.baseAddress, logits.count))
    }

    private mutating func draw(_ logits: UnsafeMutableBufferPointer<Float>) -> TokenID {
        // (logit, id), most likely first; ties go to the lower id, so that the order is a total one.
        // What is more than 30 temperatures below the highest has no weight that a Float sum would show, and
        // leaving it out saves sorting a vocabulary of 262,144.
        let floor = logits[ck_argmax(logits.baseAddress, logits.count)] - 30 * options.temperature
        var candidates: [(logit: Float, id: TokenID)] = []
        for (id, logit) in logits.enumerated() where logit >= floor {
            candidates.append((logit, TokenID(id)))
        }
        let order: ((logit: Float, id: TokenID), (logit: Float, id: TokenID)) -> Bool = {
            $0.logit != $1.logit ? $0.logit > $1.logit : $0.id < $1.id
        }
        candidates.sort(by: order)
        if options.topK > 0 { candidates.removeLast(max(0, candidates.count - options.topK)) }
        let highest = candidates[0].logit
        var weights = candidates.map { expf(($0.logit - highest) / options.temperature) }
        var kept = candidates.count
        if options.topP < 1 {
            let wanted = options.topP * weights.reduce(0, +)
            var sum: Float = 0
            kept =
                (weights.firstIndex {
                    sum += $0; return sum >= wanted
                } ?? kept - 1) + 1
        }
        if options.minP > 0 { kept = min(kept, weights.firstIndex { $0 < options.minP } ?? kept) }
        weights.removeLast(weights.count - kept)
        var point = random.nextUnit() * weights.reduce(0, +)
        for (index, weight) in weights.enumerated() {
            point -= weight
            if point < 0 { return candidates[index].id }
        }
        return candidates[kept - 1].id
    }
}
