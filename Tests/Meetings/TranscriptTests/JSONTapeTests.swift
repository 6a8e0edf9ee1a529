import Foundation
import TestSupport
import Testing

@testable import Transcript

/// The reader of JSON against Foundation's, which shares nothing with it.
@Suite("JSON")
struct JSONTapeTests {
    /// What Foundation makes of a text, in one spelling; nil if it is none.
    private static func foundations(_ bytes: [UInt8]) -> String? {
        guard let value = try? JSONSerialization.jsonObject(with: Data(bytes), options: .fragmentsAllowed)
        else {
            return nil
        }
        return spelled(value)
    }

    private static func spelled(_ value: Any) -> String {
        switch value {
        case is NSNull: "null"
        case let object as [String: Any]:
            "{"
                + object.keys.sorted().map { "\($0.debugDescription):\(spelled(object[$0] ?? NSNull()))" }
                .joined(separator: ",") + "}"
        case let array as [Any]: "[" + array.map(spelled).joined(separator: ",") + "]"
        case let text as String: text.debugDescription
        case let number as NSNumber:
            isBool(number) ? (number.boolValue ? "true" : "false") : spelled(number.doubleValue)
        default: "?"
        }
    }

    private static func isBool(_ number: NSNumber) -> Bool { String(cString: number.objCType) == "c" }

    /// Foundation has no negative zero, and of integers beyond 64 bits not every digit.
    private static func spelled(_ number: Double) -> String { number == 0 ? "0" : "\(Float(number))" }

    private static func ours(_ bytes: [UInt8]) -> String? {
        guard let tape = try? JSONTape(bytes[...]) else { return nil }
        return spelled(tape, 0)
    }

    private static func spelled(_ tape: JSONTape, _ number: Int) -> String {
        switch tape.kind(number) {
        case .null: return "null"
        case .bool: return tape.bool(number) ? "true" : "false"
        case .string: return tape.string(number).debugDescription
        case .number: return spelled(tape.double(number))
        case .array:
            return "[" + tape.elements(of: number).map { spelled(tape, $0) }.joined(separator: ",") + "]"
        case .object:
            var names: Set<String> = []
            var place = number + 1
            while place < tape.entries[number].next {
                names.insert(tape.string(place))
                place = Int(tape.entries[place + 1].next)
            }
            return "{"
                + names.sorted().map { name in
                    "\(name.debugDescription):"
                        + (tape.member(name, of: number).map { spelled(tape, $0) } ?? "?")
                }.joined(separator: ",") + "}"
        }
    }

    @Test(arguments: [
        "null", " true ", "-0.5e+3", "0", #""""#, #""a\u00e9\ud83d\ude00\n\/\"\\""#, "[]", "{}", "[[],[{}]]",
        #"{"a":1,"b":{"a":[1,2,{"c":null}]},"a":2}"#, #"{"\u0061":7}"#, "\t[ 1 ,\r\n2 ]\n",
        "9223372036854775807",
        "5e-324", #"{"":{"":""}}"#,
    ])
    func aTextIsReadAsFoundationReadsIt(_ text: String) {
        let bytes = Array(text.utf8)
        #expect(Self.ours(bytes) != nil && Self.ours(bytes) == Self.foundations(bytes))
    }

    @Test(arguments: [
        "", " ", "nul", "truee", "01", "1.", "-", ".5", "1e", "+1", "NaN", "Infinity", "0x10", "'a'", #""a"#,
        #""\x""#,
        #""\u12g4""#, "\"\n\"", "[1,]", "[,1]", "[1 2]", "[", "]", "{", "}", #"{"a"}"#, #"{"a":}"#,
        #"{"a":1,}"#,
        "{1:2}", "[1]]", #"{"a":1}{"#, "[}", "{]",
    ])
    func whatIsNoJSONIsRefused(_ text: String) {
        #expect(Self.ours(Array(text.utf8)) == nil)
    }

    @Test func namesAreFoundHoweverTheyAreWritten() throws {
        let node = try #require(JSONNode(#"{"tex":1,"text2":2,"te\u0078t":"yes","t":3}"#))
        #expect(node["text"]?.string == "yes" && node["t"]?.number == 3 && node["tex"]?.number == 1)
        #expect(node["te"] == nil && node["\\"] == nil)
    }

    @Test func numbersBeyondAllAreNone() throws {
        let node = try #require(JSONNode("[1e999,-1e999,1e308,123456789012345678901234567890]"))
        #expect(node.array?.map(\.number) == [nil, nil, 1e308, 1.2345678901234568e29])
    }

    @Test func depthIsBounded() throws {
        #expect(JSONNode(String(repeating: "[", count: 500) + String(repeating: "]", count: 500)) != nil)
        for count in [600, 1_000_000] {
            #expect(
                JSONNode(String(repeating: "[", count: count) + String(repeating: "]", count: count)) == nil)
            #expect(JSONNode(String(repeating: #"{"a":"#, count: count)) == nil)
        }
    }

    @Test func halfASurrogatePairIsReplaced() {
        #expect(JSONNode(#""a\ud83db""#)?.string == "a\u{FFFD}b")
        #expect(JSONNode(#""\ude00\ud83d""#)?.string == "\u{FFFD}\u{FFFD}")
    }

    @Test func theFaultysLineIsNamed() {
        do {
            _ = try JSONNode(document: Array("{\n \"a\": 1,\n \"b\": x\n}".utf8)[...], name: "a.json")
            Issue.record("it is no JSON")
        } catch {
            #expect(error.message.contains("a.json, line 3,"))
        }
    }

    @Test func damagedTextsAreReadAsFoundationReadsThem() throws {
        let examples =
            try Fixture.all.filter { $0.file.hasSuffix("json") }.map { try $0.bytes() }
            + [Array(#"{"a":[1,-2.5e3,true,null,"x\n\u00e9"],"b":{"c":""},"d":"😀"}"#.utf8)]
        var differences = 0
        let found = Fuzzing.run("JSON against Foundation's", rounds: 3000) { mutator, seed in
            let example = examples[Int(seed % UInt64(examples.count))]
            let bytes = mutator.mutated(example, others: examples, limit: 3000)
            // Both are given UTF-8 only. Foundation takes some numbers, and some halves of pairs, for faults.
            guard TranscriptText.invalidUTF8Offset(bytes) == nil, !bytes.contains(0),
                let ours = Self.ours(bytes),
                let other = Self.foundations(bytes)
            else { return false }
            if ours != other {
                differences += 1
                Issue.record("seed \(seed): \(ours) rather than \(other)")
            }
            return true
        }
        #expect(found.read > 100 && differences == 0, "\(found), \(differences) read otherwise")
    }
}
