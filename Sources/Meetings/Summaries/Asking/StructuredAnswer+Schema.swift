extension StructuredAnswer {
    /// The schema of an answer about a part that has so many `turns`.
    ///
    /// ``publishedSchema`` with the part's number of turns, so that an answer cannot name a turn that is not there.
    static func schema(turns: Int) -> String {
        publishedSchema.replacing("\"maximum\": 9999", with: "\"maximum\": \(turns)")
    }

    /// `etc/answer.schema.json`, built in so that the programs need no file to ask a model.
    static let publishedSchema = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "answer",
          "description": "What minuted has an instruction-tuned model note of a part of a meeting. The \#
        highest number of a turn is that of the part.",
          "type": "object",
          "required": ["notes", "decisions", "actions", "questions"],
          "additionalProperties": false,
          "properties": {
            "notes": { "type": "array", "maxItems": 6, "items": { "$ref": "#/$defs/entry" } },
            "decisions": { "type": "array", "maxItems": 4, "items": { "$ref": "#/$defs/entry" } },
            "actions": {
              "type": "array",
              "maxItems": 6,
              "items": {
                "type": "object",
                "required": ["turns", "who", "what", "due"],
                "additionalProperties": false,
                "properties": {
                  "turns": { "$ref": "#/$defs/turns" },
                  "who": { "type": "string", "maxLength": 60 },
                  "what": { "type": "string", "minLength": 1, "maxLength": 240 },
                  "due": { "type": "string", "maxLength": 60 }
                }
              }
            },
            "questions": { "type": "array", "maxItems": 4, "items": { "$ref": "#/$defs/entry" } }
          },
          "$defs": {
            "turns": {
              "type": "array",
              "minItems": 1,
              "maxItems": 3,
              "items": { "type": "integer", "minimum": 1, "maximum": 9999 }
            },
            "entry": {
              "type": "object",
              "required": ["turns", "text"],
              "additionalProperties": false,
              "properties": {
                "turns": { "$ref": "#/$defs/turns" },
                "text": { "type": "string", "minLength": 1, "maxLength": 300 }
              }
            }
          }
        }

        """#
}

extension SummaryAnswer {
    /// The schema of an answer about several parts.
    static let schema = #"""
        {
          "type": "object",
          "required": ["summary"],
          "additionalProperties": false,
          "properties": {
            "summary": { "type": "array", "minItems": 1, "maxItems": 8, "items": { "type": "string", \#
        "minLength": 1, "maxLength": 400 } }
          }
        }
        """#
}
