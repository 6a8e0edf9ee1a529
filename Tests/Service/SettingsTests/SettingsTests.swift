import Errors
import Foundation
import Settings
import TestSupport
import Testing

@Suite struct SettingsTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    @Test func defaultsApplyWithoutFileAndEnvironment() async throws {
        let settings = try await Settings.load(path: scratch.write("", to: "empty.yaml"), environment: [:])
        #expect(settings == Settings())
        #expect(settings.folders.ledger == "/var/lib/minuted/ledger.sqlite")
        #expect(settings.sockets.control == "/run/minuted/control.sock")
    }

    @Test func commandLineOverEnvironmentOverFileOverDefault() async throws {
        let file = try scratch.write(
            """
            model:
              path: /file/model.gguf
              threads: 3
              contextLength: 2048
            """, to: "a.yaml")
        let settings = try await Settings.load(
            path: file,
            environment: ["MINUTED_MODEL_PATH": "/environment/model.gguf", "MINUTED_MODEL_THREADS": "5"],
            overrides: ["model.path": "/command/model.gguf"])
        #expect(settings.model.path == "/command/model.gguf")
        #expect(settings.model.threads == 5)
        #expect(settings.model.contextLength == 2048)
        #expect(settings.model.style == nil)
    }

    @Test func systemdFoldersMoveTheDefaults() async throws {
        let environment = ["STATE_DIRECTORY": "/srv/a:/srv/b", "RUNTIME_DIRECTORY": "/run/x"]
        let settings = try await Settings.load(
            path: try scratch.write("", to: "e.yaml"), environment: environment)
        #expect(settings == Settings(state: "/srv/a", runtime: "/run/x"))

        let file = try scratch.write("folders: {state: /data, output: /minutes}", to: "s.yaml")
        let moved = try await Settings.load(path: file, environment: environment)
        #expect(moved.folders.ledger == "/data/ledger.sqlite")
        #expect(moved.folders.spool == "/data/spool")
        #expect(moved.folders.output == "/minutes")
        #expect(moved.model.path == "/data/models/gemma.gguf")
        #expect(moved.sockets.ingest == "/run/x/ingest.sock")
    }

    @Test func repackedWeightsGoBesideTheModelOrIntoTheStateFolder() async throws {
        func folders(_ value: String) async throws -> [String] {
            let text = "folders: {state: /data}\nmodel: {path: /models/a.gguf, cacheFolder: \(value)}"
            return try await Settings.load(path: try scratch.write(text, to: "c.yaml"), environment: [:])
                .model.cacheFolders
        }
        #expect(try await folders("auto") == ["/models/", "/data/cache"])
        #expect(try await folders("none") == [])
        #expect(try await folders("/fast") == ["/fast"])
        #expect(
            await refusal {
                try await Settings.load(
                    path: nil, environment: [:], overrides: ["model.cacheFolder": "relative"])
            }.contains("auto, none or an absolute path"))
    }

    /// Each wrong key is named with its line and what was probably meant.
    @Test(arguments: [
        ("model:\n  pth: /x\n", ":2: unknown option 'model.pth'; did you mean 'model.path'?"),
        ("modle:\n  path: /x\n", ":1: unknown section 'modle'; did you mean 'model'?"),
        (
            "\nmodel:\n  maximumTokens: 5\n",
            ":3: unknown option 'model.maximumTokens'; did you mean 'segmentation.maximumTokens'?"
        ),
        ("model:\n  quantisationColour: 5\n", ":2: unknown option 'model.quantisationColour'"),
        ("model:\n  path: [a, b]\n", ":2: 'model.path' has no single value"),
        ("model:\n  path:\n", ":2: 'model.path' has no single value"),
        ("model: /x\n", ":1: 'model' is a section"),
        ("- a\n", "sections such as 'model:' expected"),
        ("model: {path: \"\n", "not valid YAML"),
    ])
    func wrongKeysAreRefused(text: String, expected: String) async throws {
        let file = try scratch.write(text, to: "wrong.yaml")
        let message = await refusal { try await Settings.load(path: file, environment: [:]) }
        #expect(message.contains(expected), "\(message)")
        #expect(message.hasPrefix(file))
    }

    /// Each wrong value is named with place, key, value and what is allowed; all of them at once.
    @Test func wrongValuesAreRefused() async throws {
        let file = try scratch.write(
            """
            model:
              contextLength: many
              path: relative
            segmentation:
              maximumTokens: 63
            """, to: "wrong.yaml")
        let message = await refusal {
            try await Settings.load(
                path: file, environment: ["MINUTED_LOG_LEVEL": "loud"], overrides: ["model.threads": "0"])
        }
        for expected in [
            "\(file):2: 'model.contextLength' is 'many' and has to be auto or a whole number from 512 to 131072",
            "\(file):3: 'model.path' is 'relative' and has to be an absolute path",
            "\(file):5: 'segmentation.maximumTokens' is '63' and has to be a whole number from 64 to 32768",
            "environment MINUTED_LOG_LEVEL: 'log.level' is 'loud' and has to be trace, debug,",
            "command line: 'model.threads' is '0' and has to be auto or a whole number from 1 to 512",
        ] {
            #expect(message.contains(expected), "\(message)")
        }
    }

    @Test func windowLimitsMustNotContradict() async throws {
        let file = try scratch.write("segmentation: {minimumTokens: 500, maximumTokens: 400}", to: "w.yaml")
        let message = await refusal { try await Settings.load(path: file, environment: [:]) }
        #expect(message.contains("'segmentation.minimumTokens' (500) has to be at most"))
    }

    @Test func aNamedFileHasToBeThere() async {
        let message = await refusal { try await Settings.load(path: "/nonexistent/a.yaml", environment: [:]) }
        #expect(message.contains("/nonexistent/a.yaml"))
    }

    @Test func everyOptionReadsBackWhatItWrites() async throws {
        let environment = Dictionary(
            uniqueKeysWithValues: SettingsOption.all.map { ($0.environmentName, $0.text(Settings())) })
        let settings = try await Settings.load(
            path: try scratch.write("", to: "e.yaml"), environment: environment)
        #expect(settings == Settings())
        #expect(Settings.strayVariables(in: environment).isEmpty)
        #expect(
            Settings.strayVariables(in: ["MINUTED_MODEL_PAHT": "x", "HOME": "/"]) == ["MINUTED_MODEL_PAHT"])
    }
}

/// `etc/minuted.yaml` is documentation that must not drift from ``Settings``.
@Suite struct SettingsFileTests {
    private let scratch: Scratch

    init() throws {
        scratch = try Scratch()
    }

    static let path = Repository.root.appending(path: "etc/minuted.yaml").path()

    @Test func asShippedItChangesNothing() async throws {
        #expect(try await Settings.load(path: Self.path, environment: [:]) == Settings())
    }

    @Test func everyOptionStandsThereWithItsDefaultAndADescription() throws {
        var section = ""
        var isDescribed = false
        var found: [String: String] = [:]
        for line in try String(contentsOfFile: Self.path, encoding: .utf8).split(
            separator: "\n", omittingEmptySubsequences: false)
        {
            if let match = line.wholeMatch(of: /(\w+):/) {
                section = String(match.1)
            } else if let match = line.wholeMatch(of: /\s{2}#(\w+): (.+)/) {
                #expect(isDescribed, "no description above: \(line)")
                found["\(section).\(match.1)"] = String(match.2)
            }
            isDescribed = line.hasPrefix("  # ")
        }
        let expected = SettingsOption.all.map { ($0.key, $0.text(Settings())) }
        #expect(found == Dictionary(uniqueKeysWithValues: expected))
    }

    @Test func uncommentedItStillMeansTheDefaults() async throws {
        let text = try String(contentsOfFile: Self.path, encoding: .utf8).replacing("  #", with: "  ")
            .split(separator: "\n").filter { !$0.hasPrefix("   ") }.joined(separator: "\n")
        let file = try scratch.write(text, to: "uncommented.yaml")
        // Environment values would hide what the file says.
        #expect(
            try await Settings.load(path: file, environment: ["STATE_DIRECTORY": "/elsewhere"]).folders.state
                == "/var/lib/minuted")
        #expect(try await Settings.load(path: file, environment: [:]) == Settings())
    }
}

/// The message of the configuration error that `body` has to throw.
private func refusal(_ body: () async throws -> Settings) async -> String {
    do {
        _ = try await body()
        Issue.record("accepted")
        return ""
    } catch {
        #expect((error as? ApplicationError)?.code == .configuration)
        #expect((error as? ApplicationError)?.exitStatus == 78)
        return "\(error)"
    }
}
