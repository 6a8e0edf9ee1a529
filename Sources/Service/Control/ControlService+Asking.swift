import Errors
import Foundation
import Ledger
import Pipeline
import Summaries
import Synchronization
import Transcript

/// Asking a meeting, on request.
extension ControlService {
    /// Answers a question about a meeting, of whoever may read its minutes, and says why where it is refused.
    ///
    /// Neither the question nor the answer is logged or kept. Throws only what `send` throws.
    func answerQuestion(
        _ request: ControlRequest, _ peer: PeerCredentials, send: (String) async throws -> Void
    ) async throws {
        var reply = ControlReply()
        do {
            let meeting = try meeting(request).id
            try requireReader(peer, of: meeting)
            guard let question = request.question else {
                throw ApplicationError(.badRequest, "'ask' needs a \"question\"")
            }
            let answer = try await pipeline.ask(question, about: meeting)
            reply.answered = ControlReply.Answered(
                meeting: meeting, answer: answer,
                page: URL(filePath: MeetingPage.path(below: output.path, meeting)).absoluteString)
        } catch {
            reply = ControlReply(refusing: error)
        }
        try await send(ControlCoding.line(reply))
    }

    /// Ends all questions, and returns when those who asked them have been told, or after a second.
    func endQuestions() async {
        await pipeline.endQuestions()
        let until = ContinuousClock.now + .seconds(1)
        while questions.count > 0, .now < until {
            // Ended early only if the process ends at once.
            guard (try? await Task.sleep(for: .milliseconds(5))) != nil else { return }
        }
    }
}

/// Counts the questions that are not answered yet.
final class OpenQuestions: Sendable {
    // Guards: how many there are.
    private let open = Mutex(0)

    var count: Int { open.withLock { $0 } }

    /// Counts one while `body` answers it.
    func counting(_ body: () async throws -> Void) async rethrows {
        open.withLock { $0 += 1 }
        defer { open.withLock { $0 -= 1 } }
        try await body()
    }
}
