extension MinutesTemplate {
    /// `etc/templates/standard.mustache`, built in so that the programs need no file to write minutes.
    static let standardText = """
        {{!
        description: Standard minutes: summary, decisions, actions, open questions, quotes, the course of \
        the meeting
        }}
        # {{title}}

        {{#meeting}}
        - **Meeting:** {{meeting}}
        {{/meeting}}
        {{#when}}
        - **When:** {{when}}
        {{/when}}
        {{#people}}
        - **Who:** {{#items}}{{name}} ({{share}} %, {{words}} in {{turns}}){{^isLast}}, \
        {{/isLast}}{{/items}}
        {{/people}}
        - **State:** {{#isOpen}}the meeting is going on; these minutes grow with \
        it{{/isOpen}}{{#isEnded}}the meeting is over; its summary is being \
        written{{/isEnded}}{{#isFinished}}complete{{/isFinished}}

        ## Summary

        {{#summary}}
        {{summary}}
        {{/summary}}
        {{^summary}}
        {{#isOpen}}
        The summary of the whole is written when the meeting is over.
        {{/isOpen}}
        {{^isOpen}}
        {{#isLeftOut}}
        Nothing that the model wrote about the whole is borne out by what was said.
        {{/isLeftOut}}
        {{^isLeftOut}}
        The summary of the whole has not been written yet.
        {{/isLeftOut}}
        {{/isOpen}}
        {{/summary}}

        {{#decisions}}
        ## Decided

        {{#items}}
        - {{text}} ({{#speaker}}{{speaker}}, {{/speaker}}{{place}})
        {{/items}}

        {{/decisions}}
        {{#actions}}
        ## To do

        {{#items}}
        - {{#owner}}**{{owner}}**: {{/owner}}{{text}} ({{#due}}{{due}}; {{/due}}{{#speaker}}{{speaker}}, \
        {{/speaker}}{{place}})
        {{/items}}

        {{/actions}}
        {{#questions}}
        ## Left open

        {{#items}}
        - {{text}} ({{#speaker}}{{speaker}}, {{/speaker}}{{place}})
        {{/items}}

        {{/questions}}
        {{#quotes}}
        ## In their words

        {{#items}}
        - {{text}} ({{#speaker}}{{speaker}}, {{/speaker}}{{place}})
        {{/items}}

        {{/quotes}}
        ## Course of the meeting

        {{#parts}}
        {{#items}}
        ### Part {{number}}{{#time}}, {{time}}{{/time}}{{#title}}: {{title}}{{/title}}

        {{#speakers}}
        *{{speakers}}*
        {{/speakers}}

        {{#summary}}
        {{summary}}
        {{/summary}}
        {{#isPending}}
        Not summarised yet.
        {{/isPending}}
        {{#failure}}
        No summary: {{failure}}.
        {{/failure}}
        {{#isLeftOut}}
        Nothing that the model wrote about this part is borne out by what was said.{{#quotes}} Some of \
        that:{{/quotes}}

        {{#quotes}}
        {{#items}}
        - {{text}} ({{#speaker}}{{speaker}}, {{/speaker}}{{place}})
        {{/items}}
        {{/quotes}}
        {{/isLeftOut}}
        {{#isWhole}}
        All of the meeting: see the summary above.
        {{/isWhole}}

        {{/items}}
        {{/parts}}
        {{^parts}}
        Nothing has been summarised yet.
        {{/parts}}

        ## Coverage and notes

        {{#isEmpty}}
        - Nothing was received.
        {{/isEmpty}}
        {{^isEmpty}}
        - {{percent}}% of what was said is summarised: {{summarisedWords}} of {{words}}, \
        {{summarisedTurns}} of {{turns}}.
        {{/isEmpty}}
        {{#notes}}
        {{#items}}
        - {{text}}
        {{/items}}
        {{/notes}}

        ---

        {{#model}}
        Written by minuted with {{model}}, {{date}}. A model wrote the summaries: check what matters \
        against the transcript.
        {{/model}}
        {{^model}}
        Written by minuted, {{date}}.{{#isOwnWords}} No model had a part in it: these are the speakers' own \
        words.{{/isOwnWords}}
        {{/model}}

        """
}
