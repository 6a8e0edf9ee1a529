import CKernels
import Glibc
import Grammar
import Tokenizer

/// The options for choosing the next token from the logits.
package struct SamplingOptions: Sendable, Hashable {
    /// Logits are divided by this; 0 always chooses the most likely token (greedy).
    package var temperature: Float
    /// Only the `topK` most likely tokens can be chosen; 0 turns this off.
    package var topK: Int
    /// Only the most likely tokens that together reach this probability can be chosen; 1 turns this off.
    package var topP: Float
    /// Only tokens that are at least this fraction as likely as the most likely one can be chosen; 0 turns this off.
    package var minP: Float
    /// Logits of tokens in the answer so far are divided (if positive) or multiplied (if negative) by this; 1 turns it
    /// off.
    package var repetitionPenalty: Float
    /// No run of this many tokens occurs twice in an answer; 0 turns this off.
    package var noRepeatNgram: Int
    /// The seed of the random choices; with the same seed, options and logits, the same tokens are chosen.
    package var seed: UInt64

    /// Options that always choose the most likely token.
    package static let greedy = SamplingOptions()

    /// Creates options; by default the most likely token is chosen each time.
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

    /// Throws a ``GemmaError`` that names the option if a value is out of range.
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

/// Chooses the tokens of one answer, one after the other.
///
/// The steps are, in this order: repetition penalty, ruling out repeated n-grams, top-k, temperature, top-p, min-p, and
/// a random draw.
struct Sampler {
    private let options: SamplingOptions
    private var random: SplitMix64
    private var generated: Set<TokenID> = []
    /// The answer so far; it is kept only if repeated n-grams are ruled out.
    private var answer: [TokenID] = []

    init(options: SamplingOptions) {
        self.options = options
        random = SplitMix64(state: options.seed)
    }

    /// Chooses a token by `logits` (`[vocabularySize]`, which penalties change in place) and remembers it.
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

    /// Chooses a token that `document` allows when `budget` tokens are left, this one included.
    ///
    /// Penalties apply only to plain text inside strings, since a document has to repeat what the schema prescribes.
    mutating func next(
        _ logits: UnsafeMutableBufferPointer<Float>, within document: inout DocumentWalk, budget: Int
    ) -> TokenID {
        if document.isFreeText {
            penalize(logits) { document.isPlain($0) }
            forbidRepetition(logits) { document.isPlain($0) }
        }
        var choice = greedy(logits)
        // If the most likely token is allowed, it is also the most likely of the allowed ones, so no mask is needed.
        if options.temperature > 0 || !document.allows(choice, budget: budget) {
            document.allowed(budget: budget).keepOnly(in: logits)
            choice = options.temperature == 0 ? greedy(logits) : draw(logits)
        }
        // Penalties, or logits that are not finite, may have ruled out every allowed token.
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

    /// Rules out each token that followed an earlier occurrence of the answer's last n - 1 tokens.
    ///
    /// Answers have a few hundred tokens, so searching them takes no time compared with a pass.
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
        // A logit more than 30 temperatures below the highest has too little weight to change a sum of Floats.
        let floor = logits[ck_argmax(logits.baseAddress, logits.count)] - 30 * options.temperature
        var candidates: [(logit: Float, id: TokenID)] = []
        for (id, logit) in logits.enumerated() where logit >= floor {
            candidates.append((logit, TokenID(id)))
        }
        // Only limits need the most likely first; of a vocabulary of 262,144, sorting takes longer than computing the
        // logits. Of equal logits, the lower id comes first, so that the order is well defined.
        if options.topK > 0 || options.topP < 1 || options.minP > 0 {
            candidates.sort { $0.logit != $1.logit ? $0.logit > $1.logit : $0.id < $1.id }
        }
        if options.topK > 0 { candidates.removeLast(max(0, candidates.count - options.topK)) }
        let highest = candidates.reduce(-Float.infinity) { max($0, $1.logit) }
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
