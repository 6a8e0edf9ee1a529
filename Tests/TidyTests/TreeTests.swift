import Testing

/// The house rules, on the tree as it is.
struct TreeTests {
    private let files: [TreeFile]
    private let rules: ImportRules

    init() throws {
        files = try Tree.files()
        rules = ImportRules(table: TargetTable(try #require(try Tree.file("Sources/README.md").text)))
    }

    @Test func treeIsFound() {
        #expect(files.contains { $0.path == "Package.swift" })
        #expect(files.count > 40)
        #expect(files.filter { $0.target != nil && $0.fileExtension == "swift" }.count > 20)
    }

    @Test(arguments: [
        FormRule("length", FormRules.length), FormRule("blanks", FormRules.blanks),
        FormRule("columns", FormRules.columns), FormRule("words", FormRules.words),
        FormRule("machine paths", FormRules.machinePaths), FormRule("size", FormRules.size),
    ])
    func filesKeepRule(_ rule: FormRule) {
        report(files.flatMap(rule.check))
    }

    @Test func topLevelHoldsWhatItShould() throws {
        report(FormRules.topLevel(try Tree.topLevel()))
    }

    @Test func importsFollowTheTable() {
        report(files.flatMap(rules.table))
    }

    @Test func halvesMeetInOneFile() {
        report(files.flatMap(rules.halves))
    }

    @Test func librariesDoNotLog() {
        report(files.flatMap(rules.logging))
    }

    @Test func cTargetsServeOne() {
        report(rules.cTargets(files))
    }

    @Test func manifestTableAndFoldersAgree() throws {
        let manifest = Manifest(try #require(try Tree.file("Package.swift").text))
        #expect(manifest.targets["Gemma"]?.contains("CKernels") == true, "the manifest was not understood")
        let folders = Set(files.compactMap(\.target))
        report(rules.targets(manifest: manifest, folders: Array(folders)))
    }

    private func report(_ complaints: [Complaint]) {
        for complaint in complaints { Issue.record("\(complaint)") }
    }
}

/// A rule with its name, so that the test's output says which one failed.
struct FormRule: Sendable, CustomTestStringConvertible {
    let testDescription: String
    let check: @Sendable (TreeFile) -> [Complaint]

    init(_ name: String, _ check: @escaping @Sendable (TreeFile) -> [Complaint]) {
        testDescription = name
        self.check = check
    }
}
