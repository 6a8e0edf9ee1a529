extension StructuredAnswer {
    /// `etc/answer.schema.json`, built in so that the programs need no file to ask a model.
    static let schema = #"""
        {
          "$schema": "https://json-schema.org/draft/2020-12/schema",
          "title": "answer",
          "description": "What minuted has an instruction-tuned model write about a part of a meeting, or \#
        about all of it.",
          "type": "object",
          "required": ["summary", "decisions", "actions", "questions"],
          "additionalProperties": false,
          "properties": {
            "summary": { "type": "array", "minItems": 1, "maxItems": 6, "items": { "type": "string", \#
        "minLength": 1, "maxLength": 400 } },
            "decisions": { "type": "array", "maxItems": 6, "items": { "type": "string", "minLength": 1, \#
        "maxLength": 240 } },
            "actions": {
              "type": "array",
              "maxItems": 8,
              "items": {
                "type": "object",
                "required": ["who", "what", "due"],
                "additionalProperties": false,
                "properties": {
                  "who": { "type": "string", "maxLength": 60 },
                  "what": { "type": "string", "minLength": 1, "maxLength": 240 },
                  "due": { "type": "string", "maxLength": 60 }
                }
              }
            },
            "questions": { "type": "array", "maxItems": 6, "items": { "type": "string", "minLength": 1, \#
        "maxLength": 240 } }
          }
        }

        """#
}
