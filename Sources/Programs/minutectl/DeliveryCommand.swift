import Foundation
import Glibc
import Language

/// A command that hands minutes on: run in a process group of its own, for a limited time.
struct DeliveryCommand: Sendable {
    /// The program and its arguments.
    let command: [String]
    /// The longest that it may take.
    let limit: Duration

    /// Why it failed.
    struct Problem: Sendable {
        /// How it ended.
        var how: String
        /// The last line that it wrote, which may be a word of the minutes; nil if it wrote nothing.
        var words: String?

        /// All of it.
        var text: String { words.map { "\(how): \($0)" } ?? how }
    }

    /// Runs it with `input` as its standard input; returns why it failed, nil if it did not.
    ///
    /// What it writes goes into a file of `scratch`. When this is cancelled, or the time is over, the whole group is ended.
    /// Throws `CancellationError`, or the error of a file that cannot be written.
    func run(input: Data, scratch: String) async throws -> Problem? {
        let (inputPath, outputPath) = (scratch + "/input.json", scratch + "/output.txt")
        try input.write(to: URL(filePath: inputPath))
        let process: pid_t
        switch spawn(input: inputPath, output: outputPath) {
        case .success(let started): process = started
        case .failure(let error):
            return Problem(how: "\(command[0]) cannot be run: \(String(cString: strerror(error.code)))")
        }
        let end = ContinuousClock.now + limit
        do {
            while ContinuousClock.now < end {
                if let status = Self.status(of: process) {
                    // What it has started ends with it.
                    kill(-process, SIGKILL)
                    return problem(status, outputPath)
                }
                try await Task.sleep(for: .milliseconds(20))
            }
        } catch {
            await Self.end(process)
            throw error
        }
        await Self.end(process)
        return Problem(
            how: "not done within \(limit.components.seconds) s", words: lastWords(outputPath))
    }

    private struct SpawnError: Error { let code: Int32 }

    private func spawn(input: String, output: String) -> Result<pid_t, SpawnError> {
        var actions = posix_spawn_file_actions_t()
        var attributes = posix_spawnattr_t()
        posix_spawn_file_actions_init(&actions)
        posix_spawnattr_init(&attributes)
        defer {
            posix_spawn_file_actions_destroy(&actions)
            posix_spawnattr_destroy(&attributes)
        }
        posix_spawn_file_actions_addopen(&actions, 0, input, O_RDONLY, 0)
        posix_spawn_file_actions_addopen(&actions, 1, output, O_WRONLY | O_CREAT | O_APPEND, 0o600)
        posix_spawn_file_actions_adddup2(&actions, 1, 2)
        // Signals that this process ignores or blocks are none of the command's business.
        var (all, none) = (sigset_t(), sigset_t())
        sigfillset(&all)
        sigemptyset(&none)
        posix_spawnattr_setsigdefault(&attributes, &all)
        posix_spawnattr_setsigmask(&attributes, &none)
        posix_spawnattr_setpgroup(&attributes, 0)
        posix_spawnattr_setflags(
            &attributes,
            Int16(POSIX_SPAWN_SETPGROUP) | Int16(POSIX_SPAWN_SETSIGDEF) | Int16(POSIX_SPAWN_SETSIGMASK))
        let variables = ProcessInfo.processInfo.environment.map { "\($0)=\($1)" }
        var arguments = command.map { strdup($0) } + [nil]
        var environment = variables.map { strdup($0) } + [nil]
        defer { for text in arguments + environment { free(text) } }
        var process = pid_t()
        let code = posix_spawn(&process, command[0], &actions, &attributes, &arguments, &environment)
        return code == 0 ? .success(process) : .failure(SpawnError(code: code))
    }

    /// How the process has ended; nil if it has not.
    private static func status(of process: pid_t) -> Int32? {
        var status: Int32 = 0
        return waitpid(process, &status, WNOHANG) == process ? status : nil
    }

    /// Ends a process and all that it has started, by force if two seconds are not enough.
    private static func end(_ process: pid_t) async {
        kill(-process, SIGTERM)
        let isEnded = await Task {
            for _ in 0..<100 {
                if Self.status(of: process) != nil { return true }
                // Ignored: nobody cancels this task.
                try? await Task.sleep(for: .milliseconds(20))
            }
            return false
        }.value
        // What it has started may outlive it.
        kill(-process, SIGKILL)
        if !isEnded {
            var status: Int32 = 0
            // Ignored: nothing survives this signal.
            _ = waitpid(process, &status, 0)
        }
    }

    private func problem(_ status: Int32, _ output: String) -> Problem? {
        if status == 0 { return nil }
        let signal = status & 0x7f
        let how = signal == 0 ? "exit status \(status >> 8 & 0xff)" : "ended by signal \(signal)"
        return Problem(how: how, words: lastWords(output))
    }

    /// The last line that it has written.
    private func lastWords(_ path: String) -> String? {
        // Ignored: a file that was not written.
        let data = (try? Data(contentsOf: URL(filePath: path)).suffix(4096)) ?? Data()
        let lines = String(decoding: data, as: UTF8.self).split(whereSeparator: \.isNewline)
        let last = lines.last { !$0.allSatisfy(\.isWhitespace) }
        return last.map { VisibleText.line(String($0.prefix(200))) }
    }
}
