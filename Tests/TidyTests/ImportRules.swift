/// Who imports whom: the house's walls.
struct ImportRules: Sendable {
    let table: TargetTable
    /// Whoever decides what happens logs; libraries throw.
    static let loggers: Set = Programs.names.union([
        "Intake", "ServiceManager", "Settings", "Pipeline", "LanguageModels", "Control", "Daemon",
    ])

    /// A file's imports of this package's targets are in the table.
    func table(_ file: TreeFile) -> [Complaint] {
        guard let target = file.target, file.fileExtension == "swift" else { return [] }
        guard let allowed = table.allowed[target] else {
            return [
                Complaint(path: file.path, what: "target \(target) is not in the table of Sources/README.md")
            ]
        }
        return imports(file).filter { table.targets.contains($0.module) && !allowed.contains($0.module) }
            .map { Complaint(path: file.path, line: $0.line, what: "\(target) may not import \($0.module)") }
    }

    /// The inference half and the meeting half meet in one file.
    func halves(_ file: TreeFile) -> [Complaint] {
        guard file.target != nil, file.path != TargetTable.seam else { return [] }
        let modules = Set(imports(file).map(\.module)).union(file.target.map { [$0] } ?? [])
        let one = modules.intersection(TargetTable.inference)
        let other = modules.intersection(TargetTable.meeting)
        guard !one.isEmpty, !other.isEmpty else { return [] }
        return [
            Complaint(
                path: file.path,
                what: "\(one.sorted()) and \(other.sorted()) meet here; they may only in \(TargetTable.seam)")
        ]
    }

    /// Only those who decide log.
    func logging(_ file: TreeFile) -> [Complaint] {
        guard let target = file.target, !Self.loggers.contains(target) else { return [] }
        return imports(file).filter { $0.module == "Logging" }
            .map {
                Complaint(path: file.path, line: $0.line, what: "\(target) is a library: it throws, not logs")
            }
    }

    /// C targets that serve several Swift targets: whoever multiplies needs the kernels.
    static let shared: [String: Set<String>] = [
        "CKernels": ["Weights", "Gemma", "Training"], "COpenBLAS": ["Gemma", "Training"],
    ]

    /// A C target serves one Swift target, but for those that are shared.
    func cTargets(_ files: [TreeFile]) -> [Complaint] {
        table.cTargets.sorted().flatMap { module -> [Complaint] in
            let users = Set(
                files.filter { imports($0).contains { $0.module == module } }.compactMap(\.target))
            guard users.count > 1, !users.isSubset(of: Self.shared[module] ?? []) else { return [] }
            return [Complaint(path: "Sources/\(module)", what: "imported by \(users.sorted())")]
        }
    }

    /// `Package.swift`, the table and the folders name the same targets, and the manifest asks for no more than
    /// the table allows.
    func targets(manifest: Manifest, folders: [String]) -> [Complaint] {
        let named = Set(table.targets)
        var found: [Complaint] = []
        for target in Set(manifest.targets.keys).symmetricDifference(named).sorted() {
            found.append(
                Complaint(path: "Package.swift", what: "and Sources/README.md disagree on \(target)"))
        }
        for folder in Set(folders).symmetricDifference(named).sorted() {
            found.append(Complaint(path: "Sources/\(folder)", what: "and Sources/README.md disagree"))
        }
        for (target, dependencies) in manifest.targets.sorted(by: { $0.key < $1.key }) {
            for dependency in dependencies.subtracting(table.allowed[target] ?? []).sorted() {
                found.append(
                    Complaint(path: "Package.swift", what: "\(target) may not depend on \(dependency)"))
            }
        }
        return found
    }

    private func imports(_ file: TreeFile) -> [(line: Int, module: String)] {
        guard file.fileExtension == "swift" else { return [] }
        return file.lines.compactMap { number, line in
            var words = line.split(separator: " ").map(String.init)
            // `@testable import X`, `public import X`, `import struct X.Y`
            while let first = words.first, first.hasPrefix("@") || Self.accessLevels.contains(first) {
                words.removeFirst()
            }
            guard words.first == "import", words.count > 1 else { return nil }
            let path = Self.kinds.contains(words[1]) && words.count > 2 ? words[2] : words[1]
            return (number, path.split(separator: ".").first.map(String.init) ?? path)
        }
    }

    private static let accessLevels: Set = ["public", "package", "internal", "fileprivate", "private"]
    private static let kinds: Set = [
        "struct", "class", "enum", "protocol", "func", "var", "let", "typealias",
    ]
}
