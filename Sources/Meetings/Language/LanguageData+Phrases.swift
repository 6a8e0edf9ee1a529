extension LanguageData.Section {
    /// Sections whose phrases are whole words in every language: `对` points back, `对于` does not.
    static let wholeWords: Set<LanguageData.Section> = [
        .negation, .pointing, .pronouns, .firstPerson, .contrast, .correction,
    ]

    /// Sections of phrases, which ``PhraseBook`` looks for in what is said.
    package static let phrases: [LanguageData.Section] = [
        .negation, .fillers, .inverting, .pointing, .pronouns, .firstPerson, .contrast, .correction,
        .decision, .action, .request,
        .deed, .told, .doubt, .question, .acknowledgement, .approval, .connective, .resumption, .thanks, .now,
        .transition, .proposal, .agenda, .ordinal, .questions,
        .opening, .closing, .subject, .blocked, .objection, .concern, .praise, .wish, .agreement, .done,
        .next,
    ]
}
