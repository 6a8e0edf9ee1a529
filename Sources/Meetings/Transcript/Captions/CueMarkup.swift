/// A caption's text without its markup: WebVTT spans and entities, the HTML tags of SubRip.
enum CueMarkup {
    /// The part of a caption in one voice; `text` keeps the line breaks.
    struct Stretch: Equatable {
        /// The speaker that a voice span names.
        var speaker: String?
        var text: String
        /// Somebody else speaks, whoever it is.
        var startsTurn = false
    }

    /// Removes markup; anything that only looks like a tag (`a < b`, `<unknown>`) stays.
    static func stretches(_ payload: String) -> [Stretch] {
        let bytes = Array(payload.utf8)
        var result: [Stretch] = []
        var speaker: String?
        var startsTurn = false
        var text: [UInt8] = []
        func flush() {
            let stretch = Stretch(
                speaker: speaker, text: String(decoding: text, as: UTF8.self), startsTurn: startsTurn)
            if !stretch.text.trimmed.isEmpty { result.append(stretch) }
            (text, startsTurn) = ([], false)
        }
        var index = 0
        while index < bytes.count {
            switch bytes[index] {
            case UInt8(ascii: "<"):
                guard let (tag, next) = tag(in: bytes, at: index) else { break }
                index = next
                switch tag {
                case .voice(let name):
                    flush()
                    (speaker, startsTurn) = (name, name == nil)
                case .voiceEnd:
                    flush()
                    speaker = nil
                case .lineBreak: text.append(UInt8(ascii: "\n"))
                case .style: break
                }
                continue
            case UInt8(ascii: "&"):
                guard let (decoded, next) = entity(in: bytes, at: index) else { break }
                text += Array(decoded.utf8)
                index = next
                continue
            case UInt8(ascii: "{"):
                // SubStation positions that SubRip files carry: {\an8}
                guard index + 1 < bytes.count, bytes[index + 1] == UInt8(ascii: "\\"),
                    let close = bytes[index...].prefix(64).firstIndex(of: UInt8(ascii: "}"))
                else { break }
                index = close + 1
                continue
            default: break
            }
            text.append(bytes[index])
            index += 1
        }
        flush()
        return result
    }

    /// A text without tags, whose blocks and breaks begin lines.
    static func plain(_ html: String) -> String {
        var (text, rest) = ("", html[...])
        while let open = rest.firstIndex(of: "<") {
            guard let close = rest[open...].prefix(2000).firstIndex(of: ">") else { break }
            text += rest[..<open]
            let name = rest[open..<close].dropFirst().drop { $0 == "/" }.prefix { $0.isLetter || $0.isNumber }
                .lowercased()
            if blocks.contains(name) { text += "\n" }
            rest = rest[rest.index(after: close)...]
        }
        return decodingEntities(text + rest)
    }

    private static let blocks: Set<String> = [
        "p", "br", "div", "li", "tr", "h1", "h2", "h3", "h4", "blockquote",
    ]

    private enum Tag {
        case voice(String?)
        case voiceEnd, lineBreak, style
    }

    private static let styleTags: Set<String> = [
        "c", "i", "b", "u", "s", "ruby", "rt", "lang", "font", "span", "em", "strong", "p",
    ]

    private static func tag(in bytes: [UInt8], at start: Int) -> (Tag, next: Int)? {
        guard let close = bytes[(start + 1)...].prefix(400).firstIndex(of: UInt8(ascii: ">")) else {
            return nil
        }
        let inside = String(decoding: bytes[(start + 1)..<close], as: UTF8.self)
        guard !inside.utf8.contains(UInt8(ascii: "<")) else { return nil }
        let isEnd = inside.hasPrefix("/")
        let body = isEnd ? inside.dropFirst() : inside[...]
        let name = body.prefix { $0 != "." && !$0.isWhitespace && $0 != "/" }.lowercased()
        let next = close + 1
        switch name {
        case "v":
            if isEnd { return (.voiceEnd, next) }
            // The annotation follows the classes: <v.loud.first Jane Doe>
            let annotation = body.drop { !$0.isWhitespace }
            let speaker = decodingEntities(annotation).collapsed
            // `<v ->` is a new speaker whom nobody knows.
            return (.voice(speaker.contains { $0.isLetter || $0.isNumber } ? speaker : nil), next)
        case "br": return (.lineBreak, next)
        case _ where styleTags.contains(name): return (.style, next)
        default:
            // Karaoke times: <00:00:01.200>
            return !isEnd && ClockTime(body) != nil ? (.style, next) : nil
        }
    }

    static func decodingEntities(_ text: some StringProtocol) -> String {
        let bytes = Array(text.utf8)
        var result: [UInt8] = []
        var index = 0
        while index < bytes.count {
            if bytes[index] == UInt8(ascii: "&"), let (decoded, next) = entity(in: bytes, at: index) {
                result += Array(decoded.utf8)
                index = next
            } else {
                result.append(bytes[index])
                index += 1
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static let entities: [String: String] = [
        "amp": "&", "lt": "<", "gt": ">", "quot": "\"", "apos": "'", "nbsp": " ", "lrm": "", "rlm": "",
        "hellip": "…", "ndash": "–", "mdash": "—", "rsquo": "’", "lsquo": "‘", "ldquo": "“", "rdquo": "”",
    ]

    private static func entity(in bytes: [UInt8], at start: Int) -> (String, next: Int)? {
        guard let close = bytes[start...].prefix(12).firstIndex(of: UInt8(ascii: ";")) else { return nil }
        let name = String(decoding: bytes[(start + 1)..<close], as: UTF8.self)
        if let known = entities[name] { return (known, close + 1) }
        guard name.hasPrefix("#") else { return nil }
        let digits = name.dropFirst()
        let isHex = digits.first == "x" || digits.first == "X"
        guard let value = isHex ? UInt32(digits.dropFirst(), radix: 16) : UInt32(digits, radix: 10),
            let scalar = Unicode.Scalar(value), value != 0
        else { return nil }
        return (String(scalar), close + 1)
    }
}
