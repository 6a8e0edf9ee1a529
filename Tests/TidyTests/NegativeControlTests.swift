import Testing

/// Each rule goes red on the smallest thing that breaks it, and stays green on its neighbour.
struct NegativeControlTests {
    private let rules = ImportRules(
        table: TargetTable(
            """
            | target | what it is for | may import |
            |---|---|---|
            | `CKernels` (C) | rows | libc |
            | `COpenBLAS`, `CSystemd` | system libraries | - |
            | `Weights` | files | CKernels |
            | `Gemma` | model | Weights, CKernels, COpenBLAS |
            | `Transcript` | formats | - |
            | `Minutes` | prompts | Transcript |
            | `Daemon` | the whole | all Swift targets above |
            | `minuted`, `minutectl` | programs | all Swift targets above |
            """))

    private func swift(_ path: String, _ text: String) -> TreeFile { TreeFile(path: path, text: text) }

    @Test func longFile() {
        let line = "let a = 1\n"
        #expect(
            FormRules.length(swift("Sources/Wing/A/A.swift", String(repeating: line, count: 501))).count == 1)
        #expect(
            FormRules.length(swift("Sources/Wing/A/A.swift", String(repeating: line, count: 500))).isEmpty)
    }

    @Test func tabAndTrailingBlank() {
        #expect(FormRules.blanks(swift("Sources/Wing/A/a.c", "int\ta;\n")).map(\.what) == ["tab"])
        #expect(FormRules.blanks(swift("Sources/Wing/A/a.c", "int a; \n")).map(\.line) == [1])
        #expect(FormRules.blanks(swift("Makefile", "all:\n\techo\n")).isEmpty)
    }

    @Test func longCLine() {
        let long = String(repeating: "x", count: FormRules.columnLimit + 1)
        #expect(FormRules.columns(swift("Sources/Wing/A/a.h", "short\n\(long)\n")).map(\.line) == [2])
        #expect(FormRules.columns(swift("Sources/Wing/A/a.h", String(long.dropLast()))).isEmpty)
    }

    @Test(arguments: [
        "// TO" + "DO: more", "// FIX" + "ME", "// X" + "XX", "let a = try" + "! b()", "print" + "(a)",
    ])
    func bannedWord(_ text: String) {
        #expect(FormRules.words(swift("Sources/Wing/Minutes/A.swift", text)).count == 1)
    }

    @Test(arguments: ["mktemp /tmp/a.XXXXXX", "// todo list", "blueprint" + "(a)", "let a = try? b()"])
    func harmlessWord(_ text: String) {
        #expect(FormRules.words(swift("Sources/Wing/Minutes/A.swift", text)).isEmpty)
    }

    @Test func programsMayPrint() {
        #expect(FormRules.words(swift("Sources/Wing/minutectl/A.swift", "print" + "(a)")).isEmpty)
    }

    @Test(arguments: [
        "cd /ro" + "ot/x", "\"/wo" + "rk/main\"", "https://pypi" + ".org/simple",
        "at https://files.pythonhosted" + ".org/",
    ])
    func machinePath(_ text: String) {
        #expect(FormRules.machinePaths(swift("Tests/a.sh", text)).count == 1)
    }

    @Test func relativePathIsNoMachinePath() {
        #expect(FormRules.machinePaths(swift("Tests/a.sh", "$folder/wo" + "rk/x and PyPI")).isEmpty)
        #expect(FormRules.machinePaths(swift("Tests/a.sh", "my/wo" + "rk/x and PyPI")).isEmpty)
    }

    @Test func bigFileAndWeights() {
        let big = String(repeating: "x", count: FormRules.bytesLimit + 1)
        #expect(FormRules.size(swift("Tests/A/Fixtures/a.txt", big)).count == 1)
        #expect(FormRules.size(swift("examples/tiny.gguf", "GGUF")).map(\.what) == ["model weights"])
        #expect(FormRules.size(swift("Tests/A/Fixtures/tiny.gguf", "GGUF")).isEmpty)
        #expect(FormRules.size(swift("etc/adapters/minutes.gguf", big)).isEmpty)
        #expect(FormRules.size(swift("etc/minutes.gguf", "GGUF")).map(\.what) == ["model weights"])
    }

    @Test func strangerAtTheTop() {
        #expect(FormRules.topLevel(["Package.swift", ".github", "notes.txt"]).map(\.path) == ["notes.txt"])
    }

    @Test(arguments: [
        "import Minutes", "@testable import Minutes", "public import Minutes",
        "import struct Minutes.Completion",
    ])
    func importAgainstTheTable(_ text: String) {
        #expect(rules.table(swift("Sources/Wing/Transcript/A.swift", "\n" + text)).map(\.line) == [2])
        #expect(rules.table(swift("Sources/Wing/Daemon/A.swift", text)).isEmpty)
        #expect(rules.table(swift("Sources/Wing/Stranger/A.swift", "import Foundation")).count == 1)
    }

    @Test func cTargetAgainstTheTable() {
        #expect(rules.table(swift("Sources/Wing/Daemon/A.swift", "import CKernels")).count == 1)
    }

    @Test func halvesInOneFile() {
        let both = "import Gemma\nimport Minutes\n"
        #expect(rules.halves(swift("Sources/Wing/Daemon/A.swift", both)).count == 1)
        #expect(rules.halves(swift("Sources/Wing/Weights/A.swift", "import Transcript")).count == 1)
        #expect(rules.halves(swift(TargetTable.seam, both)).isEmpty)
        #expect(rules.halves(swift("Sources/Wing/Daemon/A.swift", "import Gemma")).isEmpty)
    }

    @Test func libraryThatLogs() {
        #expect(rules.logging(swift("Sources/Wing/Minutes/A.swift", "import Logging")).count == 1)
        #expect(rules.logging(swift("Sources/Wing/Daemon/A.swift", "import Logging")).isEmpty)
    }

    @Test func cTargetWithTwoUsers() {
        let gemma = swift("Sources/Wing/Gemma/A.swift", "import COpenBLAS\nimport CKernels")
        let weights = swift("Sources/Wing/Weights/A.swift", "import CKernels")
        #expect(rules.cTargets([gemma, weights]).isEmpty)
        let training = swift("Sources/Wing/Training/A.swift", "import COpenBLAS\nimport CKernels")
        #expect(rules.cTargets([gemma, weights, training]).isEmpty)
        let third = swift("Sources/Wing/Minutes/A.swift", "import COpenBLAS")
        #expect(rules.cTargets([gemma, weights, third]).map(\.path) == ["Sources/COpenBLAS"])
    }

    @Test func targetThatOnlyOneSideKnows() {
        let known = """
            targets: [
                    // The model.
                    .target(name: "Weights", dependencies: ["CKernels"]),
                    .target(
                        name: "Gemma", dependencies: ["Weights", .product(name: "NIO", package: "swift-nio")]),
                    .target(name: "CKernels"), .x
                    .target(name: "COpenBLAS"),
                    .systemLibrary(name: "CSystemd", pkgConfig: "libsystemd"),
                    .target(name: "Transcript"),
                    .target(name: "Minutes", dependencies: ["Transcript"]),
                    .target(name: "Daemon"),
                    .executableTarget(name: "minuted"),
                    .executableTarget(name: "minutectl"),

                    // Tests.
                    .testTarget(name: "GemmaTests", dependencies: ["Gemma"]),
            """
        let folders = rules.table.targets
        #expect(rules.targets(manifest: Manifest(known), folders: folders) == [])
        let more = known + "\n        .target(name: \"Extra\"),"
        #expect(rules.targets(manifest: Manifest(more), folders: folders).count == 1)
        #expect(rules.targets(manifest: Manifest(known), folders: folders + ["Extra"]).count == 1)
        let wrong = known.replacing(
            "\"Minutes\", dependencies: [", with: "\"Minutes\", dependencies: [\"Gemma\", ")
        #expect(
            rules.targets(manifest: Manifest(wrong), folders: folders).map(\.what) == [
                "Minutes may not depend on Gemma"
            ])
    }
}
