@testable import Grammar

/// Schemas that several tests use.
enum Schemas {
    /// A schema such as minutes might have.
    static let minutes = """
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "type": "object",
          "properties": {
            "decisions": {
              "type": "array", "maxItems": 4,
              "items": {
                "type": "object", "properties": {"text": {"type": "string", "maxLength": 40}},
                "required": ["text"], "additionalProperties": false
              }
            },
            "actions": {
              "type": "array", "maxItems": 4,
              "items": {
                "type": "object",
                "properties": {
                  "owner": {"type": "string", "minLength": 1, "maxLength": 12},
                  "task": {"type": "string", "maxLength": 40},
                  "due": {"type": ["string", "null"], "maxLength": 10}
                },
                "required": ["owner", "task", "due"], "additionalProperties": false
              }
            },
            "questions": {"type": "array", "maxItems": 4, "items": {"type": "string", "maxLength": 40}}
          },
          "required": ["decisions", "actions", "questions"],
          "additionalProperties": false
        }
        """

    /// The shortest document of ``minutes``.
    static let emptyMinutes = #"{"decisions":[],"actions":[],"questions":[]}"#

    /// Whether the grammar of `schema` accepts `document`.
    static func accepts(_ schema: String, _ document: String) throws -> Bool {
        try JSONGrammar(schema: schema).accepts(document.utf8)
    }
}
