/// The text of a Word document (`.docx`), as Teams and Google Meet export transcripts: paragraphs as lines.
final class WordDocument {
    /// Nil if the bytes are no such document; throws a refusal if it cannot be read.
    static func text(_ bytes: [UInt8], name: String) throws(TranscriptError) -> [UInt8]? {
        guard bytes.starts(with: [0x50, 0x4B, 3, 4]), let archive = try? ZIPArchive(bytes),
            archive.contains(content)
        else {
            return nil
        }
        let document: [UInt8]
        do {
            document = try archive.content(of: content)
        } catch {
            throw TranscriptError(
                .notText, "\(name) is a Word document that cannot be read: \(error.message)")
        }
        let reader = WordDocument()
        guard XMLScanner.scan(document[...], { reader.take($0) }) == nil else {
            throw TranscriptError(
                .malformed, "\(name) is a Word document whose text is damaged; export it again")
        }
        return Array(reader.text.utf8)
    }

    private static let content = "word/document.xml"

    private var text = ""
    private var paragraph = ""
    private var isText = false
    private var isHeading = false
    /// How deep in tables; the cells of a row make one line.
    private var rows = 0

    private func take(_ event: XMLScanner.Event) {
        switch event {
        case .start(let element, let attributes, _): start(element, attributes)
        case .text(let characters): if isText { paragraph += characters }
        case .end(let element): end(element)
        }
    }

    private func start(_ element: String, _ attributes: [String: String]) {
        switch element {
        case "w:p": isHeading = false
        case "w:pStyle":
            let style = attributes["w:val"]?.lowercased() ?? ""
            isHeading = style.hasPrefix("heading") || style.hasPrefix("title") || style.hasPrefix("subtitle")
        case "w:t": isText = true
        case "w:tab": paragraph += "\t"
        case "w:br", "w:cr": paragraph += "\n"
        case "w:tr": rows += 1
        default: break
        }
    }

    private func end(_ element: String) {
        switch element {
        case "w:t": isText = false
        case "w:p":
            // A heading is followed by a blank line, so that it is told from what was said.
            text += paragraph + (rows > 0 ? " " : isHeading ? "\n\n" : "\n")
            paragraph = ""
        case "w:tc" where rows > 0: text += "\t"
        case "w:tr" where rows > 0:
            rows -= 1
            text += "\n"
        default: break
        }
    }
}
