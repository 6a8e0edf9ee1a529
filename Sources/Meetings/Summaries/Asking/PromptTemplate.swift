/// The wording of the prompts for one style of model, and the limits that go with it.
///
/// All words that a model reads beside the transcript stand in this file. In the texts `{number}` is the
/// 1-based number of a part and `{text}` what is put there.
package struct PromptTemplate: Sendable, Hashable {
    /// The text before everything else, the same for all meetings.
    package var instructions: String
    /// The summary of an earlier part.
    package var earlierPart: String
    /// The text before a window's utterances.
    package var windowOpening: String
    /// The text after a window's utterances, which asks for their summary.
    package var windowRequest: String
    /// The text after the summaries of some parts, which asks for one summary to replace them.
    package var groupRequest: String
    /// The text after the summaries of all parts, which asks for that of the meeting.
    package var overallRequest: String
    /// Whether the prompt is a chat turn rather than a document to go on with.
    package var isChat: Bool
    /// The first words of a window's summary, which the answer goes on from; empty for a free answer.
    package var windowLead: String
    /// The same for the summary of several parts.
    package var groupLead: String
    /// The same for the summary of the meeting.
    package var overallLead: String
    /// The answer ends before the first of these.
    package var stopTexts: [String]
    /// The longest summary of a window, in tokens.
    package var windowTokens: Int
    /// The longest summary of the meeting, in tokens.
    package var overallTokens: Int
    /// Earlier summaries take at most so many tokens of a window's prompt.
    package var earlierTokens: Int
    /// See ``CompletionOptions/repetitionPenalty``.
    package var repetitionPenalty: Float
    /// See ``CompletionOptions/noRepeatNgram``.
    package var noRepeatNgram: Int
    /// Whether answers about windows are documents of notes with the turns that they rest on
    /// (``StructuredAnswer``), and those about several parts documents of sentences; else both are plain text.
    package var asksForNotes = false
    /// The text before the passages that a question is answered from.
    package var questionOpening = ""
    /// The text after them, which asks the question, `{text}`.
    package var questionRequest = ""
    /// The longest answer to a question, in tokens.
    package var questionTokens = 0

    /// Between a passage and a question whose likelihood after it is asked for.
    static let questionRule = "---\n"

    /// The template for `style`.
    package static func of(_ style: ModelProfile.Style) -> PromptTemplate {
        switch style {
        case .instructionTuned: instructionTuned
        case .base: base
        case .tuned, .picking, .pointing: tuned
        }
    }

    /// The template with what a style asks for; the same if the model cannot be told anything.
    package func told(_ style: SummaryStyle) -> PromptTemplate {
        guard isChat else { return self }
        var told = self
        if let language = style.language {
            told.instructions = instructions.replacing("the language of the transcript", with: language)
        }
        let terms = style.vocabulary.terms.prefix(Self.namedTerms).map(\.spelling).joined(separator: ", ")
        if !terms.isEmpty { told.instructions += "Spell these as they stand here: \(terms).\n" }
        if let asks = style.asks {
            told.windowRequest += " " + asks
            told.overallRequest += " " + asks
        }
        return told
    }

    /// More would crowd out the transcript.
    private static let namedTerms = 60

    /// For models trained on chat turns: they are told what to write.
    package static let instructionTuned = PromptTemplate(
        instructions: """
            You write the minutes of a meeting while it runs. You get notes of the earlier parts, then \
            the transcript of the newest part; each turn has a number. Use only what the text says. Leave \
            out small talk. Each note is one plain sentence in the past tense, in the language of the \
            transcript, that says who said or did what, with its numbers and dates, and can be understood \
            alone. Answer in JSON. First name the turns, then write. "decisions" lists what was agreed; \
            "actions" what somebody is going to do, with "who", "what" and "due" as they were said, "" if \
            they were not; "questions" what was left open. A list of what did not come up is empty.

            Example:
            [1] Ines: The ferry is full on Sundays, what do we do?
            [2] Pavel: I can ask Lena for a second boat by Friday.
            [3] Ines: Yes, please.
            [4] Pavel: Did you see the rain last night?
            \(exampleAnswer)

            """,
        earlierPart: "Notes of part {number}:\n{text}\n",
        windowOpening: "\nTranscript of part {number}:\n",
        windowRequest: """

            Note what of part {number} belongs into the minutes, in 0 to 6 notes. Do not repeat earlier notes.
            """,
        groupRequest: """

            Write one summary of these parts in 3 to 6 sentences. Keep all decisions and action items. \
            "summary" is a list of sentences.
            """,
        overallRequest: """

            Write the summary of the whole meeting in 3 to 6 sentences: what it was about, what was decided, \
            and what is left to do. "summary" is a list of sentences.
            """,
        isChat: true, windowLead: "", groupLead: "", overallLead: "", stopTexts: [], windowTokens: 320,
        overallTokens: 480, earlierTokens: 1500,
        repetitionPenalty: 1, noRepeatNgram: 0, asksForNotes: true,
        questionOpening: "\nPassages of the transcript:\n",
        questionRequest: """

            Somebody who missed the meeting asks: {text}
            Answer that from these turns alone, in one or two plain sentences that say who said or did what. If they \
            do not say it, \"isSaid\" is false and \"answer\" an empty list. Name the turns that say it.
            """,
        questionTokens: 240)

    /// What an answer looks like.
    private static let exampleAnswer = #"""
        {"notes": [{"turns": [1], "text": "Ines said that the ferry is full on Sundays."}], "decisions": [], \#
        "actions": [{"turns": [2, 3], "who": "Pavel", "what": "asks Lena for a second boat", "due": "by Friday"}], \#
        "questions": []}
        """#

    /// For models that only continue text: the beginning of the answer is given, and the document's pattern.
    ///
    /// Tried with Gemma 3 270M: any summary in the prompt, an example or an earlier part's, gets copied word
    /// for word, and without a lead the model goes on with the conversation. A lead that names the speakers
    /// keeps it closer to what was said than one that calls them participants; a repetition penalty drives it
    /// away from the words of the transcript.
    package static let base = PromptTemplate(
        instructions: "",
        earlierPart: "{text}\n\n",
        windowOpening: "",
        windowRequest: "\n---\n\nIn this part of the meeting,",
        groupRequest: "---\n\nIn this part of the meeting,",
        overallRequest: "---\n\nIn this meeting,",
        isChat: false,
        windowLead: " {speakers} talk about",
        groupLead: " the participants talk about",
        overallLead: " the participants talk about",
        stopTexts: ["\n"], windowTokens: 96, overallTokens: 128, earlierTokens: 0,
        repetitionPenalty: 1, noRepeatNgram: 0)

    /// For models, or adapters, that `minutelab finetune` has trained: the wording that they were trained with.
    ///
    /// `Corpora/PromptFormat.swift` has it too; a test compares them. Small models that were trained on summaries repeat
    /// themselves where they are not kept from it.
    package static let tuned = PromptTemplate(
        instructions: "",
        earlierPart: "{text}\n",
        windowOpening: "",
        windowRequest: "\n---\n\nSummary:",
        groupRequest: "\n---\n\nSummary:",
        overallRequest: "\n---\n\nSummary:",
        isChat: false, windowLead: "", groupLead: "", overallLead: "", stopTexts: ["\n"], windowTokens: 160,
        overallTokens: 256, earlierTokens: 0,
        repetitionPenalty: 1, noRepeatNgram: 3)
}
