/// The layout of the minutes for people, in Mustache.
///
/// Its texts arrive escaped for Markdown: see ``MarkdownText``.
enum MinutesTemplate {
    static let markdown = """
        {{% CONTENT_TYPE:TEXT}}
        # {{title}}

        {{#facts}}
        - **{{label}}:** {{value}}
        {{/facts}}

        ## Summary

        {{summary}}
        {{#lists}}

        ## {{heading}}

        {{#items}}
        - {{.}}
        {{/items}}
        {{/lists}}

        ## Course of the meeting
        {{#windows}}

        ### {{heading}}
        {{#speakers}}

        *{{.}}*
        {{/speakers}}

        {{body}}
        {{/windows}}
        {{^windows}}

        Nothing has been summarised yet.
        {{/windows}}

        ## Coverage and notes

        - {{coverage}}
        {{#notes}}
        - {{.}}
        {{/notes}}

        ---

        {{footer}}

        """
}
