import ArgumentParser
import Control
import Errors
import Foundation
import Minutes
import Summaries

/// Asks a question about a meeting.
struct Ask: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Ask a meeting something, also while it runs.",
        discussion: """
            Shows the passages in which the answer was said, the best first, each with who said it, when, and its address on \
            the meeting's page; or says that the meeting does not say. They are quoted, and only shortened. A model that can \
            be told what to write also words an answer in a sentence or two, which is shown as far as what was said bears it \
            out. Ask in the language of the meeting.

            The daemon answers, which has the model: windows that are ready are summarised first, for ten seconds at most. \
            Neither the question nor the answer is logged or kept.

            For root, the daemon's user, and the group that output.group of the daemon's configuration names.

            EXIT STATUS: 0 answered; 1 the meeting does not say; 64 this cannot be asked; 66 there is no such meeting; \
            69 no daemon answers; 75 too many questions wait, or the daemon stops.
            """)

    @OptionGroup var daemon: DaemonOptions

    @Argument(help: "The meeting's name, as minutectl list shows it.")
    var meeting: String

    @Argument(help: "The question, in quotation marks.")
    var question: [String]

    @Flag(help: "As JSON.")
    var json = false

    func run() async throws {
        try await reporting {
            var request = ControlRequest(.ask, meeting: meeting)
            do {
                // Refused here already: a long text would not be accepted as a request.
                request.question = try AskedQuestion.checked(question.joined(separator: " "))
            } catch {
                throw ApplicationError(.badRequest, "\(error)")
            }
            let answered = try await ask(request)
            if json {
                print(try ControlCoding.line(answered))
            } else {
                print(AnswerText.text(of: answered.answer, page: answered.page), terminator: "")
            }
            if answered.answer.kind == .notSaid { throw ExitCode(1) }
        }
    }

    private func ask(_ request: ControlRequest) async throws -> ControlReply.Answered {
        do {
            guard let answered = try await daemon.client().request(request).answered else {
                throw ApplicationError(.badConversation, "the daemon did not answer 'ask'")
            }
            return answered
        } catch let error as ApplicationError where error.code == .unreachable {
            throw ApplicationError(
                .unreachable,
                error.message + ". A question needs the daemon; minutectl search finds words without it.")
        }
    }
}
