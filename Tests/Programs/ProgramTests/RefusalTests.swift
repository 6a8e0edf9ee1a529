import Foundation
import TestSupport
import Testing

/// What the programs say when they cannot do what is asked.
@Suite(.enabled(if: Program.areBuilt, Program.absence))
struct RefusalTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    @Test func unknownOptionIsNamedWithItsLine() async throws {
        let path = try scratch.write("model:\n  path: /tmp/x.gguf\n  treads: 4\n", to: "bad.yaml")
        let outcome = try await Program.minuted.run(["--config", path], in: scratch)
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("bad.yaml:3"))
        #expect(outcome.errors.contains("model.threads"), "the option that was meant is proposed")
    }

    @Test func missingConfigurationIsRefused() async throws {
        let outcome = try await Program.minuted.run(["--config", scratch.path + "/none.yaml"], in: scratch)
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("none.yaml"))
    }

    @Test func missingModelIsAMatterOfTheConfiguration() async throws {
        let path = try scratch.write(
            RunningDaemon.configuration(in: scratch, model: scratch.path + "/none.gguf"), to: "minuted.yaml")
        let outcome = try await Program.minuted.run(["--config", path], in: scratch)
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("none.gguf"))
        #expect(outcome.errors.contains("model.path"))
    }

    @Test func fileThatIsNoModelIsRefused() async throws {
        let model = try scratch.write(String(repeating: "no model ", count: 100), to: "wrong.gguf")
        let path = try scratch.write(
            RunningDaemon.configuration(in: scratch, model: model), to: "minuted.yaml")
        let outcome = try await Program.minuted.run(["--config", path], in: scratch)
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("wrong.gguf"))
        #expect(!outcome.errors.contains("Fatal error"))
    }

    @Test func shippedConfigurationPassesTheCheck() async throws {
        let path = Repository.root.appending(path: "etc/minuted.yaml").path
        let outcome = try await Program.minuted.run(["--check", "--config", path], in: scratch)
        #expect(outcome.status == 0, "\(outcome.errors)")
    }

    @Test func badConfigurationFailsTheCheck() async throws {
        let path = try scratch.write("summaries:\n  attempts: many\n", to: "bad.yaml")
        let outcome = try await Program.minuted.run(["--check", "--config", path], in: scratch)
        #expect(outcome.status == 78)
        #expect(outcome.errors.contains("bad.yaml:2"))
    }

    @Test(arguments: [["status"], ["list"], ["show", "standup"], ["end", "standup"]])
    func controlWithoutDaemonSaysWhatToDo(_ arguments: [String]) async throws {
        let path = try scratch.write(
            RunningDaemon.configuration(in: scratch, model: "/tmp/none.gguf"), to: "minuted.yaml")
        let outcome = try await Program.minutectl.run(arguments + ["--config", path], in: scratch)
        #expect(outcome.status != 0)
        #expect(outcome.errors.contains(scratch.path + "/control.sock"), "the socket that was tried is named")
        #expect(outcome.errors.contains("minuted --config"), "how to start the daemon is said")
        #expect(outcome.output.isEmpty)
    }
}
