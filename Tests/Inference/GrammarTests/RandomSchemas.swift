import TestSupport
/// Random schemas, and random documents that match them.
struct RandomSchemas {
    /// The structure from which both a schema and its documents are written.
    indirect enum Shape {
        case string(minimum: Int, maximum: Int?)
        case integer(ClosedRange<Int>)
        case literals([String])
        case array(Shape, minimum: Int, maximum: Int?)
        case object([(name: String, shape: Shape, isRequired: Bool)])
        case nullable(Shape)
    }

    var random: SeededGenerator

    private mutating func number(_ range: ClosedRange<Int>) -> Int { Int.random(in: range, using: &random) }

    mutating func shape(depth: Int = 0) -> Shape {
        switch number(0...(depth < 3 ? 6 : 3)) {
        case 0:
            let minimum = number(0...3)
            return .string(minimum: minimum, maximum: number(0...3) == 0 ? nil : minimum + number(0...4))
        case 1:
            let bounds = [number(-300...300), number(-300...300)].sorted()
            return .integer(bounds[0]...bounds[1])
        case 2: return .literals(["true", "false"])
        case 3:
            let all = [#""a""#, #""ab""#, #""é\n""#, "1", "12", "-3", "null", "[1,2]"]
            return .literals(Array(all.shuffled(using: &random).prefix(number(1...4))))
        case 4:
            let minimum = number(0...2)
            return .array(
                shape(depth: depth + 1), minimum: minimum,
                maximum: number(0...3) == 0 ? nil : minimum + number(0...2))
        case 5:
            let names = ["a", "ab", "b", "é", "x\"y"].shuffled(using: &random).prefix(number(0...4))
            return .object(names.map { ($0, shape(depth: depth + 1), number(0...1) == 0) })
        default: return .nullable(.string(minimum: 0, maximum: number(0...5)))
        }
    }

    static func schema(_ shape: Shape) -> String {
        func bounds(_ name: String, _ minimum: Int, _ maximum: Int?) -> String {
            ",\"min\(name)\":\(minimum)" + (maximum.map { ",\"max\(name)\":\($0)" } ?? "")
        }
        switch shape {
        case .string(let minimum, let maximum):
            return "{\"type\":\"string\"\(bounds("Length", minimum, maximum))}"
        case .integer(let range):
            return #"{"type":"integer","minimum":\#(range.lowerBound),"maximum":\#(range.upperBound)}"#
        case .literals(let texts): return "{\"enum\":[\(texts.joined(separator: ","))]}"
        case .array(let item, let minimum, let maximum):
            return "{\"type\":\"array\",\"items\":\(schema(item))\(bounds("Items", minimum, maximum))}"
        case .object(let members):
            let properties = members.map { quoted($0.name) + ":" + schema($0.shape) }.joined(separator: ",")
            let required = members.filter(\.isRequired).map { quoted($0.name) }.joined(separator: ",")
            return "{\"type\":\"object\",\"properties\":{\(properties)},\"required\":[\(required)],"
                + "\"additionalProperties\":false}"
        case .nullable(let shape): return "{\"anyOf\":[{\"type\":\"null\"},\(schema(shape))]}"
        }
    }

    static func quoted(_ text: String) -> String { "\"" + text.replacing("\"", with: "\\\"") + "\"" }

    mutating func document(_ shape: Shape) -> String {
        switch shape {
        case .string(let minimum, let maximum):
            let spellings = ["a", "z", " ", "é", "日", "🎉", #"\n"#, #"\""#, #"\u00e9"#, #"\ud83c\udf89"#]
            let count = number(minimum...(maximum ?? minimum + 6))
            return "\"" + (0..<count).map { _ in spellings[number(0...9)] }.joined() + "\""
        case .integer(let range): return "\(number(range))"
        case .literals(let texts): return texts[number(0...(texts.count - 1))]
        case .array(let item, let minimum, let maximum):
            let count = number(minimum...(maximum ?? minimum + 3))
            return "[" + (0..<count).map { _ in document(item) }.joined(separator: ",") + "]"
        case .object(let members):
            let present = members.filter { $0.isRequired || number(0...1) == 0 }
            return "{"
                + present.map { Self.quoted($0.name) + ":" + document($0.shape) }.joined(separator: ",")
                + "}"
        case .nullable(let shape): return number(0...2) == 0 ? "null" : document(shape)
        }
    }
}
