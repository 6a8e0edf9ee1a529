import Errors
import Glibc
import StateFolder
import TestSupport
import Testing

@Suite struct StateLockTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func aStateFolderHasOneDaemon() throws {
        let path = scratch.path + "/lock"
        do {
            let lock = try StateLock(path: path)
            let error = #expect(throws: ApplicationError.self) { try StateLock(path: path) }
            #expect(error?.code == .alreadyRunning)
            #expect(error?.message.contains("process \(getpid())") == true)
            #expect(error?.message.contains(path) == true)
            withExtendedLifetime(lock) {}
        }
        // Free again.
        _ = try StateLock(path: path)
    }
}
