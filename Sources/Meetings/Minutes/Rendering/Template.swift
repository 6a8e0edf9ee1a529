import Language

/// A layout in Mustache: text with names, and sections that are shown for each entry of a list or only if there is a
/// value.
///
/// It supports the part of Mustache that minutes need: `{{name}}`, `{{name.part}}`, `{{.}}`, `{{#name}}…{{/name}}`,
/// `{{^name}}…{{/name}}` and `{{! comment }}`. Nothing is escaped here: values arrive escaped for their format. A
/// line that holds only the tag of a section or a comment is removed.
struct Template: Sendable {
    /// An error in the text of a template.
    struct Complaint: Error, Equatable {
        /// The line of the error, 1-based.
        var line: Int
        var reason: String
    }

    private indirect enum Part: Sendable {
        case text(String)
        case value(path: [String])
        case section(path: [String], isInverted: Bool, parts: [Part])
    }

    /// A section whose end has not been read yet.
    private struct Section {
        var name: String
        var line: Int
        /// The names that it adds; nil if it adds no scope.
        var fields: [String: TemplateField]?
        var isInverted = false
        var parts: [Part] = []
    }

    /// Every name that it uses, including those after dots.
    let names: Set<String>
    private let parts: [Part]

    /// Reads `text`, which may use the names in `fields`; throws the first error in it.
    ///
    /// If `fields` is nil, names are not checked and `{{.}}` is allowed; a name without a value is then a bug.
    init(_ text: String, fields: [String: TemplateField]?) throws(Complaint) {
        var reader = TemplateReader(text)
        var sections = [Section(name: "", line: 0, fields: fields)]
        var names: Set<String> = []
        while let tag = try reader.next() {
            if !tag.before.isEmpty { sections[sections.endIndex - 1].parts.append(.text(tag.before)) }
            switch tag.mark {
            case "!": continue
            case ">", "<", "$", "=", "%":
                throw Complaint(
                    line: tag.line,
                    reason:
                        "'{{\(tag.mark)' is not available here: a template is one file with names and sections"
                )
            case "/":
                guard sections.count > 1, let section = sections.popLast() else {
                    throw Complaint(
                        line: tag.line, reason: "'\(tag.name)' is closed and was never opened")
                }
                guard section.name == tag.name else {
                    throw Complaint(
                        line: tag.line,
                        reason:
                            "'\(tag.name)' is closed where '\(section.name)' of line \(section.line) is open")
                }
                sections[sections.endIndex - 1].parts.append(
                    .section(
                        path: Self.path(section.name), isInverted: section.isInverted, parts: section.parts))
            case "#", "^":
                var section = Section(name: tag.name, line: tag.line, isInverted: tag.mark == "^")
                if let field = try Self.field(tag, in: sections), !section.isInverted {
                    section.fields = if case .scope(let inner) = field { inner } else { [:] }
                }
                sections.append(section)
                names.formUnion(Self.path(tag.name))
            default:
                try Self.checkIsText(tag, in: sections)
                sections[sections.endIndex - 1].parts.append(.value(path: Self.path(tag.name)))
                names.formUnion(Self.path(tag.name))
            }
        }
        if sections.count > 1, let section = sections.last {
            throw Complaint(
                line: section.line,
                reason: "'\(section.name)' is opened and never closed by '{{/\(section.name)}}'")
        }
        parts = sections.flatMap(\.parts) + [.text(reader.rest)]
        self.names = names
    }

    // MARK: - Names

    private static func path(_ name: String) -> [String] {
        name == "." ? [name] : name.split(separator: ".", omittingEmptySubsequences: false).map(String.init)
    }

    /// The field that a tag names; nil if names are not checked.
    private static func field(
        _ tag: TemplateReader.Tag, in sections: [Section]
    ) throws(Complaint) -> TemplateField? {
        guard sections.first?.fields != nil else { return nil }
        let path = path(tag.name)
        guard let first = path.first, !first.isEmpty, first != ".", !path.contains("") else {
            throw Complaint(line: tag.line, reason: "'\(tag.name)' is no name; '{{.}}' is not available here")
        }
        let known = sections.compactMap(\.fields)
        guard var field = known.reversed().lazy.compactMap({ $0[first] }).first else {
            throw Complaint(line: tag.line, reason: unknown(first, known: known))
        }
        for part in path.dropFirst() {
            guard case .scope(let fields) = field, let next = fields[part] else {
                throw Complaint(line: tag.line, reason: "'\(tag.name)': there is no '\(part)' in it")
            }
            field = next
        }
        return field
    }

    private static func checkIsText(
        _ tag: TemplateReader.Tag, in sections: [Section]
    ) throws(Complaint) {
        if tag.name.isEmpty { throw Complaint(line: tag.line, reason: "a tag without a name") }
        switch try field(tag, in: sections) {
        case nil, .text: return
        case .flag:
            throw Complaint(
                line: tag.line,
                reason:
                    "'\(tag.name)' is yes or no: open it with '{{#\(tag.name)}}' or '{{^\(tag.name)}}'")
        case .scope:
            throw Complaint(
                line: tag.line, reason: "'\(tag.name)' has parts: open it with '{{#\(tag.name)}}'")
        }
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

    // MARK: - Rendering

    /// The text of the layout with the values of `page`.
    func render(_ page: some TemplateScope) -> String {
        var scopes = [page.templateValue]
        var text = ""
        Self.add(parts, of: &scopes, to: &text)
        return text
    }

    private static func add(_ parts: [Part], of scopes: inout [TemplateValue], to text: inout String) {
        for part in parts {
            switch part {
            case .text(let fixed): text += fixed
            case .value(let path):
                if case .text(let shown) = value(at: path, in: scopes) { text += shown }
            case .section(let path, let isInverted, let parts):
                let value = value(at: path, in: scopes)
                guard value.isThere != isInverted else { continue }
                switch value {
                case .list(let values) where !isInverted:
                    for value in values { add(parts, of: value, in: &scopes, to: &text) }
                case .text, .scope: add(parts, of: value, in: &scopes, to: &text)
                default: add(parts, of: &scopes, to: &text)
                }
            }
        }
    }

    private static func add(
        _ parts: [Part], of value: TemplateValue, in scopes: inout [TemplateValue], to text: inout String
    ) {
        scopes.append(value)
        add(parts, of: &scopes, to: &text)
        scopes.removeLast()
    }

    /// The value of a name in the innermost scope that has it.
    private static func value(at path: [String], in scopes: [TemplateValue]) -> TemplateValue {
        if path == ["."] { return scopes[scopes.endIndex - 1] }
        for scope in scopes.reversed() {
            guard var value = scope[path[0]] else { continue }
            for name in path.dropFirst() {
                guard let next = value[name] else {
                    preconditionFailure("a template names '\(name)' in '\(path[0])', which is not there")
                }
                value = next
            }
            return value
        }
        preconditionFailure("a template names '\(path[0])', which is not there")
    }
}
