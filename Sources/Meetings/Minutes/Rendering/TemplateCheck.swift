import Language

/// Finds what is wrong with a template's tags before the first meeting is written with it.
///
/// Mustache shows a name that it does not know as nothing, so a slip of the pen would be an empty place in all minutes.
struct TemplateCheck {
    /// Something wrong, and where.
    struct Complaint: Error, Equatable {
        /// 1-based.
        var line: Int
        var reason: String
    }

    private struct Section {
        var name: String
        var line: Int
        /// Nil for one that shows what is not there.
        var fields: [String: TemplateField]?
    }

    /// Throws the first complaint about `text`, which may name `fields`.
    static func check(_ text: String, fields: [String: TemplateField]) throws(Complaint) {
        var scopes = [Section(name: "", line: 0, fields: fields)]
        var (rest, line) = (text[...], 1)
        while let open = rest.firstRange(of: "{{") {
            line += rest[..<open.lowerBound].count(where: \.isNewline)
            let start = line
            let inner = rest[open.upperBound...]
            guard let close = inner.firstRange(of: "}}") else {
                throw Complaint(line: start, reason: "'{{' is never closed by '}}'")
            }
            let tag = inner[..<close.lowerBound]
            line += tag.count(where: \.isNewline)
            rest = inner[close.upperBound...]
            if tag.hasPrefix("{"), rest.hasPrefix("}") { rest = rest.dropFirst() }
            try take(tag, line: start, scopes: &scopes)
        }
        if scopes.count > 1, let section = scopes.last {
            throw Complaint(
                line: section.line,
                reason: "'\(section.name)' is opened and never closed by '{{/\(section.name)}}'")
        }
    }

    private static func take(_ tag: Substring, line: Int, scopes: inout [Section]) throws(Complaint) {
        guard let mark = tag.first else { throw Complaint(line: line, reason: "a tag without a name") }
        let isMarked = "!#^/{&>$<=%".contains(mark)
        let name = (isMarked ? tag.dropFirst() : tag).trimmingBlanks
        switch mark {
        case "!": return
        case ">", "<", "$", "=", "%":
            throw Complaint(
                line: line,
                reason: "'{{\(mark)' is not available here: a template is one file with names and sections")
        case "/":
            guard scopes.count > 1, let section = scopes.popLast() else {
                throw Complaint(line: line, reason: "'\(name)' is closed and was never opened")
            }
            guard section.name == name else {
                throw Complaint(
                    line: line,
                    reason: "'\(name)' is closed where '\(section.name)' of line \(section.line) is open")
            }
        case "#":
            let field = try resolve(name, line: line, scopes: scopes)
            var fields: [String: TemplateField] = [:]
            if case .scope(let inner) = field { fields = inner }
            scopes.append(Section(name: name, line: line, fields: fields))
        case "^":
            _ = try resolve(name, line: line, scopes: scopes)
            scopes.append(Section(name: name, line: line, fields: nil))
        default:
            switch try resolve(name, line: line, scopes: scopes) {
            case .text: return
            case .flag:
                throw Complaint(
                    line: line,
                    reason: "'\(name)' is yes or no: open it with '{{#\(name)}}' or '{{^\(name)}}'")
            case .scope:
                throw Complaint(line: line, reason: "'\(name)' has parts: open it with '{{#\(name)}}'")
            }
        }
    }

    private static func resolve(
        _ name: String, line: Int, scopes: [Section]
    ) throws(Complaint) -> TemplateField {
        let path = name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
        guard let first = path.first, !first.isEmpty, !path.contains("") else {
            throw Complaint(line: line, reason: "'\(name)' is no name; '{{.}}' is not available here")
        }
        let known = scopes.compactMap(\.fields)
        guard var field = known.reversed().lazy.compactMap({ $0[first] }).first else {
            throw Complaint(line: line, reason: unknown(first, known: known))
        }
        for part in path.dropFirst() {
            guard case .scope(let fields) = field, let next = fields[part] else {
                throw Complaint(line: line, reason: "'\(name)': there is no '\(part)' in it")
            }
            field = next
        }
        return field
    }

    private static func unknown(_ name: String, known: [[String: TemplateField]]) -> String {
        let names = Set(known.flatMap(\.keys)).sorted()
        let near = names.min { (distance($0, name), $0) < (distance($1, name), $1) }
        let innermost = (known.last ?? [:]).keys.sorted().joined(separator: ", ")
        let guess = near.map { distance($0, name) <= 3 ? "; did you mean '\($0)'?" : "" } ?? ""
        return "there is no '\(name)' here\(guess) (here are: \(innermost))"
    }

    private static func distance(_ one: String, _ other: String) -> Int {
        EditDistance.between(Array(one.lowercased()), Array(other.lowercased()))
    }
}
