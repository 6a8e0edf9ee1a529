/// Rules of form: each takes a file and says what is wrong with it.
enum FormRules {
    static let lineLimit = 500
    /// Wider than in Swift: a kernel's row of intrinsics is easier to read unbroken.
    static let columnLimit = 120
    static let bytesLimit = 1 << 20
    /// An adapter of rank 8 for a small model, in halves, is 4 MB.
    static let adapterLimit = 5_000_000

    /// A file is read in one sitting.
    static func length(_ file: TreeFile) -> [Complaint] {
        guard file.isCode, !file.isSample else { return [] }
        let count = file.lines.count - (file.text?.hasSuffix("\n") == true ? 1 : 0)
        guard count > lineLimit else { return [] }
        return [Complaint(path: file.path, what: "\(count) lines; at most \(lineLimit)")]
    }

    /// No tabs (but where make wants them), no blanks at a line's end.
    static func blanks(_ file: TreeFile) -> [Complaint] {
        guard file.text != nil, !file.isSample else { return [] }
        return file.lines.flatMap { number, line -> [Complaint] in
            var found: [Complaint] = []
            if line.utf8.contains(UInt8(ascii: "\t")), file.name != "Makefile" {
                found.append(Complaint(path: file.path, line: number, what: "tab"))
            }
            if let last = line.utf8.last, [UInt8(ascii: " "), 9, 13].contains(last) {
                found.append(Complaint(path: file.path, line: number, what: "blank at the end"))
            }
            return found
        }
    }

    /// The formatter keeps Swift's lines short; for the other languages there is only this.
    static func columns(_ file: TreeFile) -> [Complaint] {
        guard ["c", "cpp", "h"].contains(file.fileExtension) else { return [] }
        return file.lines.filter { $0.text.count > columnLimit }
            .map { Complaint(path: file.path, line: $0.number, what: "\($0.text.count) columns") }
    }

    /// Unfinished work, crashes on purpose, and libraries that talk.
    static func words(_ file: TreeFile) -> [Complaint] {
        guard file.isCode || ["yaml", "service", "md"].contains(file.fileExtension), !file.isSample else {
            return []
        }
        var banned = unfinished
        if file.fileExtension == "swift" { banned.append("try" + "!") }
        if let target = file.target, !Programs.names.contains(target), file.fileExtension == "swift" {
            banned.append("print" + "(")
        }
        return file.lines.flatMap { number, line in
            banned.filter { contains(line, word: $0) }
                .map { Complaint(path: file.path, line: number, what: "banned: \($0)") }
        }
    }

    /// Nothing in the tree depends on, or tells of, the machine it was written on.
    static func machinePaths(_ file: TreeFile) -> [Complaint] {
        file.lines.flatMap { number, line in
            (homes + hosts).filter { contains(line, word: $0) }
                .map { Complaint(path: file.path, line: number, what: "belongs to one machine: \($0)") }
        }
    }

    /// The repository stays small, and models stay out of it; tiny random ones are fixtures, and adapters are shipped.
    static func size(_ file: TreeFile) -> [Complaint] {
        var found: [Complaint] = []
        let isAdapter = file.path.hasPrefix("etc/adapters/") && file.fileExtension == "gguf"
        let limit = isAdapter ? adapterLimit : bytesLimit
        if file.byteCount > limit {
            found.append(Complaint(path: file.path, what: "\(file.byteCount) bytes; at most \(limit)"))
        }
        if ["gguf", "safetensors", "pt", "onnx"].contains(file.fileExtension),
            !file.folders.contains("Fixtures"), !isAdapter
        {
            found.append(Complaint(path: file.path, what: "model weights"))
        }
        return found
    }

    /// What may lie at the top, besides hidden files.
    static func topLevel(_ names: [String]) -> [Complaint] {
        // SwiftPM writes Package.resolved; git ignores it.
        let known: Set = [
            "Package.swift", "Package.resolved", "Sources", "Tests", "README.md", "systemd", "etc",
            "examples",
            "Makefile", "LICENSE",
        ]
        return names.filter { !$0.hasPrefix(".") && !known.contains($0) }
            .map { Complaint(path: $0, what: "does not belong at the top") }
    }

    // Put together here, so that this file does not contain what it bans.
    private static let unfinished = ["TO" + "DO", "FIX" + "ME", "X" + "XX"]
    private static let homes = ["/ro" + "ot/", "/wo" + "rk/"]
    private static let hosts = [
        "pypi" + ".org", "pythonhosted" + ".org", "npmjs" + ".org", "proxy.golang" + ".org",
    ]

    /// Whether `word` stands in `line` and is not a part of a longer word.
    private static func contains(_ line: Substring, word: String) -> Bool {
        var rest = line[...]
        while let range = rest.firstRange(of: word) {
            let before =
                range.lowerBound == line.startIndex ? nil : line[line.index(before: range.lowerBound)]
            let after = range.upperBound == line.endIndex ? nil : line[range.upperBound]
            let startsInside = isWord(before) && isWord(word.first) || word.hasPrefix("/") && isWord(before)
            if !startsInside, !(isWord(after) && isWord(word.last)) { return true }
            rest = line[range.upperBound...]
        }
        return false
    }

    private static func isWord(_ character: Character?) -> Bool {
        character.map { $0.isLetter || $0.isNumber || $0 == "_" } ?? false
    }
}
