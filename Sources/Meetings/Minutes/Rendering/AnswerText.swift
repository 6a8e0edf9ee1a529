import Foundation
import Language
import Summaries

/// What a meeting says to a question, as plain text in the language of the question.
package enum AnswerText {
    /// `answer`, a paragraph for each sentence or passage; `page` is the address of the meeting's page.
    package static func text(of answer: MeetingAnswer, page: String) -> String {
        let labels = Labels.of(answer.language)
        var paragraphs: [String] = []
        if answer.kind == .notSaid { paragraphs.append(labels[.notSaid]) }
        if !answer.statements.isEmpty {
            paragraphs.append(
                answer.statements.map { statement in
                    labels.aside(statement.text, statement.citations.map { place($0, labels) })
                }.joined(separator: "\n"))
        }
        switch answer.remark {
        case .notBorneOut: paragraphs.append(labels[.answerNotBorneOut])
        case .modelFailed where answer.kind != .notSaid: paragraphs.append(labels[.answerByWords])
        case .otherLanguage:
            paragraphs.append(labels.askedOtherwise(answer.spoken.name(in: labels.language)))
        case .modelFailed, nil: break
        }
        for passage in answer.passages {
            let head = passage.citations.first.map { place($0, labels) } ?? ""
            let quoted = QuotedTurns(passage, labels)
            var lines = [head, quoted.joined(own: labels.quoted(quoted.text)) { $0 }]
            if let turn = passage.citations.first?.utterance { lines.append("\(page)#u\(turn)") }
            paragraphs.append(lines.joined(separator: "\n    "))
        }
        return VisibleText.lines(paragraphs.joined(separator: "\n\n")) + "\n"
    }

    /// Where something was said, such as `Ada, 0:12:30, turn 42`.
    private static func place(_ citation: Statement.Citation, _ labels: Labels) -> String {
        let turn = labels.turn(citation.utterance + 1)
        return labels.list(
            [citation.speaker, citation.start.map(MinutesClock.time), turn].compactMap(\.self))
    }
}
