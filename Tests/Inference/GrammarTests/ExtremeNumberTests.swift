import TestSupport
import Testing

@testable import Grammar

/// Numbers in schemas that no document needs: taken or refused, and never a trap.
@Suite struct ExtremeNumberTests {
    @Test(arguments: [Int.min, .min + 1, .max, 1 << 62, -100_000_000_000_000_001])
    func boundsBeyondSeventeenDigitsAreRefused(bound: Int) {
        for name in ["minimum", "maximum"] {
            #expect(throws: GrammarError.self) {
                try JSONGrammar(schema: #"{"type":"integer","\#(name)":\#(bound)}"#)
            }
        }
    }

    @Test func extremesInSchemasNeverTrap() {
        let schema = Extremes(
            Array(
                (#"{"type":"object","properties":{"a":{"type":"array","items":{"type":"string","minLength":1,"#
                    + #""maxLength":30},"minItems":1,"maxItems":4},"b":{"type":"integer","minimum":-3,"maximum":99}},"#
                    + #""required":["a","b"],"additionalProperties":false}"#).utf8))
        Fuzzing.run("extremes in schemas", rounds: 1000) { mutator, _ in
            let text = String(decoding: schema.mutated(&mutator.generator), as: UTF8.self)
            guard let grammar = try? JSONGrammar(schema: text) else { return false }
            _ = grammar.accepts(#"{"a":["x"],"b":9223372036854775807}"#.utf8)
            return true
        }
    }
}
