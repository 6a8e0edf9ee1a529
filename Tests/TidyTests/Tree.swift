import Foundation
import TestSupport

/// A file of this repository as the rules see it.
struct TreeFile: Sendable {
    /// From the repository's root, such as `Sources/Meetings/Minutes/Summaries/LanguageModel.swift`.
    let path: String
    let byteCount: Int
    /// nil if it is not UTF-8 text.
    let text: String?

    init(path: String, text: String) {
        self.path = path
        byteCount = text.utf8.count
        self.text = text
    }

    init(root: URL, path: String) throws {
        self.path = path
        let bytes = try Data(contentsOf: root.appending(path: path))
        byteCount = bytes.count
        text = bytes.contains(0) ? nil : String(validating: bytes, as: UTF8.self)
    }

    var name: String { String(path[(path.lastIndex(of: "/").map(path.index(after:)) ?? path.startIndex)...]) }
    var fileExtension: String { name.contains(".") ? String(name.split(separator: ".").last ?? "") : "" }
    var folders: [String] { path.split(separator: "/").dropLast().map(String.init) }
    /// With `Sources/WING/X/…`: X.
    var target: String? { folders.count >= 3 && folders[0] == "Sources" ? folders[2] : nil }
    var isCode: Bool { ["swift", "c", "cpp", "h", "py", "sh"].contains(fileExtension) }
    /// Recorded or delivered as it is, so the rules of form do not apply.
    var isSample: Bool { folders.contains("Fixtures") || path.hasPrefix("examples/") && !isCode }

    /// Numbered from 1.
    var lines: [(number: Int, text: Substring)] {
        (text ?? "").split(separator: "\n", omittingEmptySubsequences: false).enumerated()
            .map { ($0.offset + 1, $0.element) }
    }
}

/// What a rule found.
struct Complaint: Sendable, Hashable, CustomStringConvertible {
    let path: String
    var line: Int?
    let what: String

    var description: String { "\(path)\(line.map { ":\($0)" } ?? ""): \(what)" }
}

/// The repository this test was compiled from.
enum Tree {
    static let root = Repository.root

    /// Names at the top.
    static func topLevel() throws -> [String] {
        try FileManager.default.contentsOfDirectory(atPath: root.path).sorted()
    }

    /// All files that belong to the repository: no build folders, caches or hidden files but `.ci` and the like.
    static func files() throws -> [TreeFile] {
        try topLevel().flatMap { try files(below: $0) }
    }

    static func file(_ path: String) throws -> TreeFile { try TreeFile(root: root, path: path) }

    private static let notOurs: Set<String> = [
        ".git", ".build", ".models", ".venv", ".swiftpm", "__pycache__",
    ]

    private static func files(below path: String) throws -> [TreeFile] {
        let name = path.split(separator: "/").last.map(String.init) ?? path
        guard !notOurs.contains(name), !name.hasPrefix(".build"), name != "Package.resolved" else {
            return []
        }
        let url = root.appending(path: path)
        let attributes = try FileManager.default.attributesOfItem(atPath: url.path)
        switch attributes[.type] as? FileAttributeType {
        case .typeDirectory:
            let names = try FileManager.default.contentsOfDirectory(atPath: url.path).sorted()
            return try names.flatMap { try files(below: path + "/" + $0) }
        case .typeRegular: return [try TreeFile(root: root, path: path)]
        default: return []
        }
    }
}
