import Evaluation
import Testing
import TestSupport

@testable import Grammar

/// The automaton against `SchemaCheck`, which shares no code with it.
@Suite struct RandomSchemaTests {
    @Test(arguments: 0..<60) func documentsAreAcceptedAndDamageIsNot(seed: UInt64) throws {
        var random = RandomSchemas(random: SeededGenerator(seed: seed))
        let shape = random.shape()
        let schema = RandomSchemas.schema(shape)
        let grammar = try JSONGrammar(schema: schema)
        let check = try SchemaCheck(schema: schema)
        var generator = SeededGenerator(seed: seed &+ 1000)
        for _ in 0..<5 {
            let document = random.document(shape)
            #expect(grammar.accepts(document.utf8), "\(schema) lacks \(document)")
            #expect(check.complaint(about: document) == nil, "\(schema): \(document)")
            for damaged in Self.damaged(Array(document.utf8), by: &generator) where grammar.accepts(damaged) {
                let text = try #require(String(validating: damaged, as: UTF8.self))
                #expect(check.complaint(about: text) == nil, "\(schema) has \(text)")
            }
        }
    }

    /// Copies in which each byte in turn is replaced by others, left out, or doubled.
    private static func damaged(_ bytes: [UInt8], by random: inout SeededGenerator) -> [[UInt8]] {
        var found: [[UInt8]] = [[]]
        for index in bytes.indices.prefix(120) {
            let others = Array("\"\\{}[],:0 -n".utf8) + [UInt8.random(in: 0...255, using: &random)]
            for other in others {
                var copy = bytes
                copy[index] = other
                found.append(copy)
            }
            found.append(Array(bytes[..<index] + bytes[(index + 1)...]))
            found.append(Array(bytes[...index] + bytes[index...]))
        }
        return found
    }

    /// From every state that random bytes lead to, the shortest completion yields a valid document.
    @Test(arguments: 0..<60) func everyWayLeadsToADocument(seed: UInt64) throws {
        var random = RandomSchemas(random: SeededGenerator(seed: seed))
        let schema = RandomSchemas.schema(random.shape())
        let grammar = try JSONGrammar(schema: schema)
        let check = try SchemaCheck(schema: schema)
        var generator = SeededGenerator(seed: seed)
        for _ in 0..<5 {
            var state = grammar.start
            var bytes: [UInt8] = []
            for _ in 0..<Int.random(in: 0...60, using: &generator) {
                let ways = (UInt8.min...UInt8.max).filter { grammar.next(state, $0) != nil }
                guard let byte = ways.randomElement(using: &generator) else { break }
                bytes.append(byte)
                state = try #require(grammar.next(state, byte))
            }
            let closing = grammar.closing(from: state)
            #expect(closing.count <= grammar.longestRest)
            let document = try #require(String(validating: bytes + closing, as: UTF8.self))
            #expect(check.complaint(about: document) == nil, "\(schema): \(document)")
            #expect(grammar.accepts(document.utf8))
        }
    }

    /// Trying all shorter texts finds no document.
    @Test(arguments: 0..<40) func theShortestWayIsTheShortest(seed: UInt64) throws {
        var random = RandomSchemas(random: SeededGenerator(seed: seed))
        let grammar = try JSONGrammar(schema: RandomSchemas.schema(random.shape()))
        var states: Set<GrammarState> = [grammar.start]
        var length = 0
        while !states.contains(where: grammar.isComplete), length < 12 {
            states = Set(
                states.flatMap { state in (0x20...0xff).compactMap { grammar.next(state, $0) } })
            length += 1
        }
        if length < 12 { #expect(grammar.closing(from: grammar.start).count == length) }
    }
}
