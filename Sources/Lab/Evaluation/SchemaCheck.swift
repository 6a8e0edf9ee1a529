import Foundation

/// Checks JSON documents against a JSON Schema, with the keywords that schemas of minutes use.
///
/// It shares no code with the grammar that makes a model follow a schema, so that each can be tested with the other.
/// The document is read by a general parser, so white space and the order of properties do not matter. Unknown keywords
/// are ignored, as the standard demands.
package struct SchemaCheck: Sendable {
    private let root: JSONValue

    /// Reads a schema; throws if it is not valid JSON.
    package init(schema: String) throws {
        root = try JSONDecoder().decode(JSONValue.self, from: Data(schema.utf8))
    }

    /// What is wrong with `document`, with the place of the fault; nil if the document is valid.
    package func complaint(about document: String) -> String? {
        guard let value = try? JSONDecoder().decode(JSONValue.self, from: Data(document.utf8)) else {
            return "no JSON"
        }
        return complaint(about: value, by: root, at: "#")
    }

    private func complaint(about value: JSONValue, by schema: JSONValue, at place: String) -> String? {
        guard case .object(let keywords) = schema else { return nil }
        if let target = referenced(by: keywords) { return complaint(about: value, by: target, at: place) }
        if let constant = keywords["const"], constant != value { return "\(place): not the constant" }
        if case .array(let values) = keywords["enum"], !values.contains(value) {
            return "\(place): not among the values"
        }
        if let type = keywords["type"], !types(type).contains(where: value.isOf) {
            return "\(place): of another type"
        }
        if let found = alternativesComplaint(about: value, by: keywords, at: place) { return found }
        return switch value {
        case .object(let members): complaint(about: members, by: keywords, at: place)
        case .array(let items): complaint(about: items, by: keywords, at: place)
        case .string(let text):
            range(text.unicodeScalars.count, keywords["minLength"], keywords["maxLength"], at: place)
        case .integer(let number): range(number, keywords["minimum"], keywords["maximum"], at: place)
        case .null, .boolean, .number: nil
        }
    }

    private func referenced(by keywords: [String: JSONValue]) -> JSONValue? {
        guard case .string(let reference) = keywords["$ref"] else { return nil }
        var target = root
        for name in reference.split(separator: "/").dropFirst() {
            guard case .object(let members) = target, let next = members[String(name)] else { return nil }
            target = next
        }
        return target
    }

    private func types(_ type: JSONValue) -> [String] {
        switch type {
        case .string(let name): [name]
        case .array(let names): names.compactMap { if case .string(let name) = $0 { name } else { nil } }
        default: []
        }
    }

    private func alternativesComplaint(
        about value: JSONValue, by keywords: [String: JSONValue], at place: String
    ) -> String? {
        func validCount(_ schemas: [JSONValue]) -> Int {
            schemas.count { complaint(about: value, by: $0, at: place) == nil }
        }
        if case .array(let schemas) = keywords["anyOf"], validCount(schemas) == 0 {
            return "\(place): none of the alternatives"
        }
        if case .array(let schemas) = keywords["oneOf"], validCount(schemas) != 1 {
            return "\(place): not one of the alternatives"
        }
        return nil
    }

    private func complaint(
        about members: [String: JSONValue], by keywords: [String: JSONValue], at place: String
    ) -> String? {
        var properties: [String: JSONValue] = [:]
        if case .object(let known) = keywords["properties"] { properties = known }
        if case .array(let names) = keywords["required"] {
            for case .string(let name) in names where members[name] == nil {
                return "\(place): lacks '\(name)'"
            }
        }
        for (name, value) in members.sorted(by: { $0.key < $1.key }) {
            if let schema = properties[name] {
                if let found = complaint(about: value, by: schema, at: place + "/" + name) { return found }
            } else if keywords["additionalProperties"] == .boolean(false) {
                return "\(place): '\(name)' does not belong there"
            }
        }
        return nil
    }

    private func complaint(
        about items: [JSONValue], by keywords: [String: JSONValue], at place: String
    ) -> String? {
        if let found = range(items.count, keywords["minItems"], keywords["maxItems"], at: place) {
            return found
        }
        guard let schema = keywords["items"] else { return nil }
        for (index, item) in items.enumerated() {
            if let found = complaint(about: item, by: schema, at: "\(place)/\(index)") { return found }
        }
        return nil
    }

    private func range(
        _ number: Int, _ minimum: JSONValue?, _ maximum: JSONValue?, at place: String
    ) -> String? {
        if case .integer(let bound) = minimum, number < bound { return "\(place): \(number), below \(bound)" }
        if case .integer(let bound) = maximum, number > bound { return "\(place): \(number), above \(bound)" }
        return nil
    }
}

/// Any JSON value.
private enum JSONValue: Decodable, Hashable, Sendable {
    case null
    case boolean(Bool)
    case integer(Int)
    case number(Double)
    case string(String)
    case array([JSONValue])
    case object([String: JSONValue])

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        if container.decodeNil() {
            self = .null
        } else if let value = try? container.decode(Bool.self) {
            self = .boolean(value)
        } else if let value = try? container.decode(Int.self) {
            self = .integer(value)
        } else if let value = try? container.decode(Double.self) {
            self = .number(value)
        } else if let value = try? container.decode(String.self) {
            self = .string(value)
        } else if let value = try? container.decode([JSONValue].self) {
            self = .array(value)
        } else {
            self = .object(try container.decode([String: JSONValue].self))
        }
    }

    func isOf(_ type: String) -> Bool {
        switch self {
        case .null: type == "null"
        case .boolean: type == "boolean"
        case .integer: type == "integer" || type == "number"
        case .number: type == "number"
        case .string: type == "string"
        case .array: type == "array"
        case .object: type == "object"
        }
    }
}
