import Foundation
import Language
import Summaries

/// The layout of `minutes.md` in Mustache, and what it asks of a model.
///
/// A file may begin with a comment that has a line for each of `description` and `asks`:
///
///     {{!
///     description: What a customer wants, complains of and was promised
///     asks: Say what the customer wants and what they were promised.
///     }}
package struct MinutesTemplate: Sendable, Hashable {
    /// Its name: that of the file, without the extension.
    package let name: String
    /// What it shows, for people.
    package let description: String?
    /// A sentence to be added to the request to an instruction-tuned model; nil for none.
    package let asks: String?
    /// The text of the file.
    package let text: String
    private let layout: Template

    /// Reads a template; `source` is its name in error messages, such as the path of the file.
    ///
    /// Throws a ``MinutesError`` with line and reason if a tag is wrong or names what the minutes do not have.
    package init(text: String, name: String, source: String) throws {
        self.name = name
        self.text = text
        do throws(Template.Complaint) {
            let front = try FrontMatter(text)
            (description, asks) = (front.values["description"], front.values["asks"])
            layout = try Template(text, fields: Self.fields)
        } catch {
            throw MinutesError(.template, "\(source):\(error.line): \(error.reason)")
        }
    }

    /// Reads the template in the file at `path`; throws a ``MinutesError`` that says what is wrong.
    package init(path: String) throws {
        let url = URL(filePath: path)
        let data: Data
        do {
            data = try Data(contentsOf: url)
        } catch {
            throw MinutesError(.template, "\(path): cannot be read: \(error.localizedDescription)")
        }
        guard let text = String(validating: data, as: UTF8.self) else {
            throw MinutesError(.template, "\(path): is not UTF-8 text; a template is a text file in Mustache")
        }
        try self.init(text: text, name: url.deletingPathExtension().lastPathComponent, source: path)
    }

    /// The template that is used if no other is named, the same as `etc/templates/standard.mustache`.
    package static let standard: MinutesTemplate = {
        do {
            return try MinutesTemplate(text: standardText, name: "standard", source: "standard")
        } catch {
            preconditionFailure("\(error)")
        }
    }()

    /// Every name that it uses.
    var names: Set<String> { layout.names }

    func render(_ page: MarkdownPage) -> String {
        // Sections that show nothing leave their blank lines behind.
        let text = layout.render(page)
        var result = ""
        result.reserveCapacity(text.utf8.count + 1)
        var isBehindBlank = true
        for line in text.utf8.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false) {
            let isBlank = Self.isBlank(Substring(line))
            if !(isBlank && isBehindBlank) {
                if !isBlank { result += Substring(line) }
                result += "\n"
            }
            isBehindBlank = isBlank
        }
        while result.utf8.last == UInt8(ascii: "\n") { result.unicodeScalars.removeLast() }
        return result + "\n"
    }

    private static func isBlank(_ line: Substring) -> Bool {
        // One visible ASCII character settles it, which is quicker than looking at all characters.
        !line.utf8.contains { (0x21...0x7E).contains($0) } && line.allSatisfy(\.isWhitespace)
    }

    /// Templates are equal if their names and texts are.
    package static func == (one: MinutesTemplate, other: MinutesTemplate) -> Bool {
        (one.name, one.text) == (other.name, other.text)
    }

    /// Hashes name and text.
    package func hash(into hasher: inout Hasher) {
        hasher.combine(name)
        hasher.combine(text)
    }

    /// The names that a template can use.
    static let fields: [String: TemplateField] = {
        guard case .scope(let fields) = TemplateField(of: MarkdownPage.sample.templateValue) else {
            preconditionFailure("a page has properties")
        }
        return fields
    }()
}

/// The `key: value` lines of the comment that a template may begin with.
private struct FrontMatter {
    private(set) var values: [String: String] = [:]
    private static let keys = ["description", "asks"]

    init(_ text: String) throws(Template.Complaint) {
        guard text.hasPrefix("{{!"), let end = text.firstRange(of: "}}") else { return }
        let comment = text[text.index(text.startIndex, offsetBy: 3)..<end.lowerBound]
        for (offset, line) in comment.split(omittingEmptySubsequences: false, whereSeparator: \.isNewline)
            .enumerated()
        {
            let line = line.trimmingBlanks
            guard let colon = line.firstIndex(of: ":") else {
                if line.isEmpty { continue }
                throw .init(line: offset + 1, reason: "'\(line)' is not 'description: …' or 'asks: …'")
            }
            let key = line[..<colon].trimmingBlanks
            guard Self.keys.contains(key) else {
                throw .init(
                    line: offset + 1, reason: "'\(key)' is not one of: \(Self.keys.joined(separator: ", "))")
            }
            let value = line[line.index(after: colon)...].trimmingBlanks
            guard !value.isEmpty, values.updateValue(value, forKey: key) == nil else {
                throw .init(line: offset + 1, reason: "'\(key)' has to have one value")
            }
        }
    }
}
