import Foundation
import FoundationXML

/// The text of a Word document (`.docx`), as Teams and Google Meet export transcripts: paragraphs as lines.
final class WordDocument: NSObject, XMLParserDelegate {
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
        guard document.firstRange(of: Array("<!ENTITY".utf8)) == nil else {
            throw TranscriptError(
                .malformed, "\(name) is a Word document that defines entities, which none does")
        }
        let reader = WordDocument()
        let parser = XMLParser(data: Data(document))
        parser.delegate = reader
        guard parser.parse() else {
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

    func parser(
        _ parser: XMLParser, didStartElement element: String, namespaceURI: String?, qualifiedName: String?,
        attributes: [String: String]
    ) {
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

    func parser(_ parser: XMLParser, foundCharacters characters: String) {
        if isText { paragraph += characters }
    }

    func parser(
        _ parser: XMLParser, didEndElement element: String, namespaceURI: String?, qualifiedName: String?
    ) {
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
