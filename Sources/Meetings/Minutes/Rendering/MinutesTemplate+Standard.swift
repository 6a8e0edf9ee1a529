extension MinutesTemplate {
    /// `etc/templates/standard.mustache`, built in so that the programs need no file to write minutes.
    static let standardText = """
        {{!
        description: Standard minutes: in short, decided, to do, left open, then what was said of each topic
        }}
        # {{title}}

        {{#meeting}}
        - **{{labels.meetingLabel}}** {{meeting}}
        {{/meeting}}
        {{#when}}
        - **{{labels.whenLabel}}** {{when}}
        {{/when}}
        {{#location}}
        - **{{labels.whereLabel}}** {{location}}
        {{/location}}
        {{#people}}
        - **{{labels.whoLabel}}** {{who}}
        {{/people}}
        {{#invited}}
        - **{{invitedLabel}}** {{invited}}
        {{/invited}}
        {{^isFinished}}
        - **{{labels.stateLabel}}** {{state}}
        {{/isFinished}}

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
        {{#stillOpen}}
        ## {{labels.stillOpen}}

        {{#items}}
        - {{task}}
        {{/items}}

        {{/stillOpen}}
        {{#quotes}}
        ## {{labels.inTheirWords}}

        {{#items}}
        - {{cited}}
        {{/items}}

        {{/quotes}}
        ## {{labels.course}}

        {{#topics}}
        {{#items}}
        ### {{heading}}

        {{#isWhole}}
        {{labels.wholeAbove}}
        {{/isWhole}}
        {{^isWhole}}
        {{#summary}}
        {{summary}}
        {{/summary}}
        {{#isQuiet}}
        {{labels.nothingToNote}}
        {{/isQuiet}}
        {{/isWhole}}
        {{#failures}}
        {{#items}}

        {{text}}
        {{/items}}
        {{/failures}}
        {{#isPending}}

        {{labels.notSummarised}}
        {{/isPending}}

        {{/items}}
        {{/topics}}
        {{^topics}}
        {{labels.nothingYet}}
        {{/topics}}

        ---

        {{coverage}}
        {{#notes}}

        {{#items}}
        - {{text}}
        {{/items}}

        {{/notes}}
        {{written}}

        """
}
