import Testing

@testable import Grammar

/// Which documents a schema accepts, on examples written by hand.
@Suite struct GrammarTests {
    struct Case: CustomTestStringConvertible {
        var schema: String
        var valid: [String]
        var invalid: [String]

        var testDescription: String { schema }
    }

    private static func object(_ properties: String, required: String = "") -> String {
        #"{"type":"object","properties":{\#(properties)},"required":[\#(required)],"additionalProperties":false}"#
    }

    private static let cases: [Case] = [
        Case(
            schema: #"{"type":"string","minLength":1,"maxLength":3}"#,
            valid: [
                #""a""#, #""abc""#, #""é日🎉""#, #""\n\"\\""#, #""\u00e9\ud83c\uDF89x""#, #""\/""#,
                "\"\u{7f}\"",
            ],
            invalid: [
                #""""#, #""abcd""#, #""a"#, "a", "\"\n\"", #""\x""#, #""\ud83c""#, #""\udf89""#,
                #""\ud83cx""#, #""\u12""#, #" "a""#, #""a" "#,
            ]),
        Case(
            schema: #"{"type":"integer","minimum":-12,"maximum":305}"#,
            valid: ["0", "7", "305", "-12", "-1", "99", "300"],
            invalid: ["306", "-13", "-0", "00", "01", "1.0", "1e2", "", "-", "3050", "+1"]),
        Case(
            schema: #"{"type":"integer","minimum":15,"maximum":17}"#, valid: ["15", "16", "17"],
            invalid: ["1", "14", "18", "2", "150", "-15"]),
        Case(
            schema: #"{"type":"integer","maximum":-100}"#, valid: ["-100", "-9007199254740991"],
            invalid: ["-99", "100", "-9007199254740992"]),
        Case(
            schema: #"{"type":"array","items":{"type":"boolean"},"minItems":1,"maxItems":2}"#,
            valid: ["[true]", "[true,false]"],
            invalid: ["[]", "[true,true,true]", "[true,]", "[,true]", "[true, false]", "[1]", "[true"]),
        Case(
            schema: #"{"type":"array","items":{"type":"array","items":{"type":"null"},"maxItems":1}}"#,
            valid: ["[]", "[[]]", "[[null],[],[null],[null]]"], invalid: ["[[null,null]]", "[null]", "[[]"]),
        Case(
            schema: #"{"type":"array","items":{"type":"null"},"maxItems":0}"#, valid: ["[]"],
            invalid: ["[null]"]),
        Case(
            schema: object(#""a":{"type":"null"},"b":{"type":"boolean"}"#, required: #""a","b""#),
            valid: [#"{"a":null,"b":true}"#],
            invalid: [
                #"{"b":true,"a":null}"#, #"{"a":null}"#, #"{"a":null,"b":true,"c":1}"#, "{}",
                #"{"a":null,"b":true"#, #"{"a":null "b":true}"#, #"{"a":null,"b":true,}"#,
            ]),
        Case(
            schema: object(
                #""a":{"type":"null"},"ab":{"type":"null"},"c":{"type":"null"},"d":{"type":"null"}"#,
                required: #""c""#),
            valid: [
                #"{"c":null}"#, #"{"a":null,"c":null}"#, #"{"ab":null,"c":null,"d":null}"#,
                #"{"a":null,"ab":null,"c":null,"d":null}"#,
            ],
            invalid: [
                "{}", #"{"d":null}"#, #"{"c":null,"a":null}"#, #"{"a":null,"a":null,"c":null}"#,
                #"{"ab":null,"a":null,"c":null}"#,
            ]),
        Case(schema: object(""), valid: ["{}"], invalid: ["{,}", #"{"a":1}"#, "{"]),
        Case(
            schema: #"{"enum":[1,12,"a","ab",null,[1,{"k":"é"}]]}"#,
            valid: ["1", "12", #""a""#, #""ab""#, "null", #"[1,{"k":"é"}]"#],
            invalid: ["2", "123", #""b""#, #""abc""#, "nul", #"[1, {"k":"é"}]"#]),
        Case(
            schema: #"{"type":"array","items":{"enum":[1,12]}}"#, valid: ["[1,12,1]", "[12]", "[]"],
            invalid: ["[1,]", "[2]", "[121]"]),
        Case(
            schema: #"{"anyOf":[{"type":"null"},{"type":["integer","string"],"maxLength":1}]}"#,
            valid: ["null", "5", "-5", #""x""#, #""""#], invalid: ["true", #""xy""#, "[]"]),
        Case(
            schema: ##"{"$ref":"#/$defs/pair","$defs":{"pair":{"type":"array","minItems":2,"maxItems":2,"##
                + ##""items":{"$ref":"#/$defs/bit"}},"bit":{"enum":[0,1]}}}"##,
            valid: ["[0,1]"], invalid: ["[0]", "[0,1,0]", "[0,2]"]),
        Case(schema: #"{"const":"say \"hi\"\n"}"#, valid: [#""say \"hi\"\n""#], invalid: [#""say""#]),
    ]

    @Test(arguments: cases) func acceptsAndRejects(_ each: Case) throws {
        let grammar = try JSONGrammar(schema: each.schema)
        for document in each.valid { #expect(grammar.accepts(document.utf8), "\(document)") }
        for document in each.invalid { #expect(!grammar.accepts(document.utf8), "\(document)") }
    }

    /// Overlong forms, surrogates, lone continuation bytes and code points past U+10FFFF are refused.
    @Test(
        arguments: [
            [0xc0, 0x80], [0xc1, 0xbf], [0xe0, 0x9f, 0x80], [0xed, 0xa0, 0x80], [0xf0, 0x8f, 0x80, 0x80],
            [0xf4, 0x90, 0x80, 0x80], [0xf5, 0x80, 0x80, 0x80], [0x80], [0xe2, 0x82], [0xff], [0x1f],
        ] as [[UInt8]])
    func rejectsWhatIsNoText(_ bytes: [UInt8]) throws {
        let grammar = try JSONGrammar(schema: #"{"type":"string"}"#)
        #expect(!grammar.accepts([0x22] + bytes + [0x22]))
    }

    @Test func acceptsExactlyAllCharacters() throws {
        let grammar = try JSONGrammar(schema: #"{"type":"string","maxLength":1}"#)
        for value in stride(from: UInt32(0), through: 0x10ffff, by: 1) where value % 7 == 0 || value < 0x900 {
            guard let scalar = Unicode.Scalar(value) else { continue }
            let isPlain = value >= 0x20 && scalar != "\"" && scalar != "\\"
            #expect(grammar.accepts("\"\(Character(scalar))\"".utf8) == isPlain)
        }
    }

    @Test(arguments: [
        (#"{"type":"string","pattern":"a+"}"#, "#: 'pattern'"),
        (#"{"type":"number"}"#, #"type "number""#),
        (
            #"{"type":"object","properties":{"x":{"type":"string","format":"date"}},"additionalProperties":false}"#,
            "#/properties/x: 'format'"
        ),
        (#"{"type":"object","properties":{}}"#, "'additionalProperties' has to be false"),
        (#"{"type":"array"}"#, "'items' is missing"),
        (#"{"type":"array","items":{"type":"array","items":true}}"#, "#/items/items: a schema has to be"),
        (#"{"type":"array","items":{"type":"null"},"uniqueItems":true}"#, "'uniqueItems'"),
        (#"{"type":"string","minLength":3,"maxLength":2}"#, "nothing fits"),
        (#"{"type":"integer","minimum":0.5}"#, "'minimum'"),
        (#"{"anyOf":[{"type":"string"},{"const":"a"}]}"#, "two alternatives begin with '\"'"),
        (##"{"$ref":"#/$defs/a","$defs":{"a":{"type":"array","items":{"$ref":"#/$defs/a"}}}}"##, "itself"),
        (##"{"$ref":"#/$defs/b"}"##, "leads nowhere"),
        (#"{"type":"object","required":["a"],"additionalProperties":false}"#, "not among the properties"),
        (#"{"enum":[]}"#, "at least one"), (#"{"type":"string","enum":["a",1]}"#, "1 is not of type"),
        ("{}", "'type' is missing"), (#"{"type":"string","#, "line 1"),
        ("{\n\"a\":1,\n\"a\":2}", "line 3: 'a' is there twice"), ("[1 2]", "line 1"),
    ])
    func refusesWhatItCannotKeep(schema: String, message: String) {
        #expect { try JSONGrammar(schema: schema) } throws: {
            ($0 as? GrammarError)?.message.contains(message) == true
        }
    }

    @Test func theShortestDocumentIsWhatItSays() throws {
        let grammar = try JSONGrammar(schema: Schemas.minutes)
        #expect(String(decoding: grammar.closing(from: grammar.start), as: UTF8.self) == Schemas.emptyMinutes)
    }

    @Test func whatIsForcedIsFound() throws {
        let grammar = try JSONGrammar(schema: Schemas.minutes)
        let begin = grammar.forcedBytes(from: grammar.start, limit: 100)
        #expect(String(decoding: begin, as: UTF8.self) == #"{"decisions":["#)
        #expect(grammar.forcedBytes(from: grammar.start, limit: 3).count == 3)
    }
}
