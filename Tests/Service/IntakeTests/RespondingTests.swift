import Foundation
import Glibc
import Synchronization
import TestSupport
import Testing

@testable import Intake

/// Whoever asks a thread whether it still comes around.
@Suite struct RespondingTests {
    @Test func aQuestionIsAnsweredOnlyWhenTheThreadComesAround() async throws {
        let question = PollQuestion()
        question.begin()
        let isAnswered = Mutex(false)
        let asker = Task {
            await question.ask()
            isAnswered.withLock { $0 = true }
        }
        // A thread that polls is woken, once for all questions.
        #expect(await eventually { isReadable(question) })
        #expect(!isAnswered.withLock { $0 })
        question.answer()
        await asker.value
        #expect(!isReadable(question))
    }

    /// Whether a thread that polls would be woken.
    private func isReadable(_ question: PollQuestion) -> Bool {
        // Without waiting: it would keep those from running that are to be waited for.
        var poll = pollfd(fd: question.descriptor, events: Int16(POLLIN), revents: 0)
        return Glibc.poll(&poll, 1, 0) == 1
    }

    @Test func nobodyWaitsForAThreadThatDoesNotRun() async throws {
        let question = PollQuestion()
        await question.ask()
        question.begin()
        let asker = Task { await question.ask() }
        #expect(await eventually { isReadable(question) })
        question.end()
        await asker.value
        await question.ask()
    }

    /// A folder that nothing happens in is not looked at for an hour; a question is answered all the same.
    @Test func theSpoolAnswersWhileItHasNothingToDo() async throws {
        let home = try TemporaryHome()
        let log = LogCount()
        let watcher = SpoolWatcher(
            folder: home.spool, ledger: home.ledger, settings: .init(scanInterval: .seconds(3600)),
            logger: log.logger)
        await watcher.respond()
        try await withService(watcher) {
            #expect(await eventually { log.text.contains("watching the spool") })
            await watcher.respond()
            await watcher.respond()
        }
        await watcher.respond()
    }
}
