extension MinutesTemplate {
    /// `etc/templates/standard.mustache`, built in so that the programs need no file to write minutes.
    static let standardText = """
        {{!
        description: Standard minutes: summary, decisions, actions, open questions, quotes, the course of \
        the meeting
        }}
        # {{title}}

        {{#meeting}}
        - **{{labels.meetingLabel}}** {{meeting}}
        {{/meeting}}
        {{#when}}
        - **{{labels.whenLabel}}** {{when}}
        {{/when}}
        {{#people}}
        - **{{labels.whoLabel}}** {{whoSpokeHowMuch}}
        {{/people}}
        - **{{labels.stateLabel}}** {{state}}

        ## {{labels.summary}}

        {{#summary}}
        {{summary}}
        {{/summary}}
        {{^summary}}
        {{noSummary}}
        {{/summary}}

        {{#decisions}}
        ## {{labels.decided}}

        {{#items}}
        - {{cited}}
        {{/items}}

        {{/decisions}}
        {{#actions}}
        ## {{labels.toDo}}

        {{#items}}
        - {{task}}
        {{/items}}

        {{/actions}}
        {{#questions}}
        ## {{labels.leftOpen}}

        {{#items}}
        - {{cited}}
        {{/items}}

        {{/questions}}
        {{#quotes}}
        ## {{labels.inTheirWords}}

        {{#items}}
        - {{cited}}
        {{/items}}

        {{/quotes}}
        ## {{labels.course}}

        {{#parts}}
        {{#items}}
        ### {{heading}}

        {{#speakers}}
        *{{speakers}}*
        {{/speakers}}

        {{#summary}}
        {{summary}}
        {{/summary}}
        {{#isPending}}
        {{labels.notSummarised}}
        {{/isPending}}
        {{#noSummary}}
        {{noSummary}}
        {{/noSummary}}
        {{#isLeftOut}}
        {{#quotes}}
        {{#items}}
        - {{cited}}
        {{/items}}
        {{/quotes}}
        {{^quotes}}
        {{labels.nothingToNote}}
        {{/quotes}}
        {{/isLeftOut}}
        {{#isWhole}}
        {{labels.wholeAbove}}
        {{/isWhole}}

        {{/items}}
        {{/parts}}
        {{^parts}}
        {{labels.nothingYet}}
        {{/parts}}

        ## {{labels.coverageAndNotes}}

        - {{coverage}}
        {{#notes}}
        {{#items}}
        - {{text}}
        {{/items}}
        {{/notes}}

        ---

        {{written}}

        """
}
