import Errors
import Ledger
import Settings
import TestSupport
import Testing

/// The section with entries of one's own naming.
@Suite struct DeliverySettingsTests {
    private let scratch: Scratch

    init() throws { scratch = try Scratch() }

    private func load(_ text: String) async throws -> Settings {
        try await Settings.load(path: try scratch.write(text, to: "m.yaml"), environment: [:])
    }

    @Test func entriesAreReadWithTheirDefaults() async throws {
        let settings = try await load(
            """
            model:
              threads: 2
            delivery:
              team:
                command: /usr/libexec/minuted/mail --from a@example.org  team@example.org
                meetings: weekly, board-
                attempts: 5
                retrySeconds: 0.5
                timeoutSeconds: 90
              archive: {command: /bin/true}
            """)
        #expect(settings.model.threads == 2)
        #expect(settings.deliveries.map(\.name) == ["archive", "team"])
        let team = settings.deliveries[1]
        #expect(
            team.command == ["/usr/libexec/minuted/mail", "--from", "a@example.org", "team@example.org"])
        #expect(
            team.target
                == OutboxTarget(
                    name: "team", kinds: ["weekly", "board-"], attempts: 5, retrySeconds: 0.5,
                    timeoutSeconds: 90))
        #expect(settings.deliveries[0].target == OutboxTarget(name: "archive"))
        // With nothing else in the file.
        #expect(try await load("delivery:\n  a:\n    command: /bin/true\n").deliveries.count == 1)
        #expect(try await load("delivery:\n").deliveries.isEmpty)
    }

    @Test func everyOptionReadsBackWhatItWrites() async throws {
        var text = "delivery:\n  a:\n"
        var delivery = Settings.Delivery(name: "a", command: ["/bin/echo", "x"])
        delivery.meetings = ["board", "call"]
        delivery.retrySeconds = 1.5
        for option in DeliveryOption.all { text += "    \(option.key): \(option.text(delivery))\n" }
        #expect(try await load(text).deliveries == [delivery])
    }

    @Test(arguments: [
        ("delivery: /bin/true\n", ":1: 'delivery' is a section"),
        ("delivery:\n  a:\n", ":2: 'delivery.a' needs a command"),
        ("delivery:\n  a:\n    attempts: 3\n", ":2: 'delivery.a' needs a command"),
        ("delivery:\n  a b:\n    command: /bin/true\n", ":2: 'delivery.a b': a name has letters"),
        ("delivery:\n  -a:\n    command: /bin/true\n", ":2: 'delivery.-a': a name has letters"),
        (
            "delivery:\n  a:\n    comand: /bin/true\n",
            ":3: unknown option 'delivery.a.comand': use one of command"
        ),
        (
            "delivery:\n  a:\n    command: true\n",
            ":3: 'delivery.a.command' is 'true' and has to be the absolute"
        ),
        ("delivery:\n  a:\n    command: [/bin/true]\n", ":3: 'delivery.a.command' has no single value"),
        (
            "delivery:\n  a:\n    command: /bin/true\n    attempts: 0\n",
            ":4: 'delivery.a.attempts' is '0' and has to be a whole number from 1 to 1000"
        ),
        (
            "delivery:\n  a:\n    command: /bin/true\n    timeoutSeconds: 0\n",
            ":4: 'delivery.a.timeoutSeconds' is '0' and has to be a number from 1 to 3600"
        ),
        (
            "delivery:\n  a:\n    command: /bin/true\n    meetings: a,,b\n",
            ":4: 'delivery.a.meetings' is 'a,,b' and has to be all, or"
        ),
        ("deliverys:\n  a: 1\n", ":1: unknown section 'deliverys'; did you mean 'delivery'?"),
    ])
    func wrongEntriesAreRefused(text: String, expected: String) async throws {
        let error = await #expect(throws: ApplicationError.self) { try await load(text) }
        #expect(error?.code == .configuration)
        #expect(error?.message.contains(expected) == true, "\(error?.message ?? "")")
    }
}
