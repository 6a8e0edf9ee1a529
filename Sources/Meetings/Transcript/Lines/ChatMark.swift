/// How lines of a meeting's chat are told from what was said.
///
/// Zoom saves `From Ada to Everyone: text`, in the language of its user; others put a mark before or behind the name:
/// `[Chat] Ada: text`, `Ada (chat): text`, `💬 Ada: text`.
enum ChatMark {
    /// Who wrote, in what stands before the colon; nil if it is no such line.
    ///
    /// `isSure`: something else shows that it is a chat's, so that the addressee may be anybody. Without that,
    /// `From Monday to Friday:` looks the same.
    static func sender(_ candidate: Substring, isSure: Bool) -> String? {
        guard candidate.utf8.count <= 300 else { return nil }
        let words = candidate.split(whereSeparator: \.isWhitespace)
        guard words.count >= 4, let from = words.first?.lowercased(), let marks = directions[from],
            let to = words.indices.dropFirst(2).first(where: { marks.contains(words[$0].lowercased()) }),
            to < words.count - 1,
            isSure
                || words[(to + 1)...].contains(where: {
                    addressees.contains($0.filter(\.isLetter).lowercased())
                })
        else { return nil }
        return SpeakerName.checked(words[1..<to].joined(separator: " "), isLoose: true)
    }

    /// The name without the mark behind it; nil if it has none.
    static func sender(marked name: String) -> String? {
        guard let last = name.last, last == ")" || last == "]" else { return nil }
        let bare = SpeakerName.withoutAffiliation(name)
        let mark = name[bare.endIndex...].trimmed.dropFirst().dropLast()
        guard !bare.isEmpty, isMark(mark) else { return nil }
        return String(bare)
    }

    /// What follows a mark at the beginning of a line; nil if there is none.
    static func behind(_ line: Substring) -> Substring? {
        // Most lines begin with a letter or a digit.
        guard let byte = line.utf8.first,
            byte == UInt8(ascii: "[") || byte == UInt8(ascii: "(") || byte >= 0x80
        else { return nil }
        // With or without the mark of a picture behind it.
        if byte >= 0xF0, let first = line.first?.unicodeScalars.first, first == "💬" || first == "🗨" {
            return line.dropFirst().trimmed[...]
        }
        guard let first = line.first, let close = brackets[first],
            let end = line.prefix(30).firstIndex(of: close), isMark(line[..<end].dropFirst())
        else { return nil }
        let rest = line[line.index(after: end)...].trimmed
        return rest.isEmpty ? nil : rest.drop { ":：".contains($0) }.trimmed[...]
    }

    /// Whether it is what WhatsApp tells the members of a chat about its encryption, and not what one of them says.
    static func isNotice(_ line: SpokenLine) -> Bool {
        guard line.text.contains("WhatsApp") else { return false }
        let text = line.text.lowercased()
        guard notices.contains(where: text.contains) else { return false }
        // In the name of the group, behind a mark of the direction of writing that nobody types.
        return line.speaker == nil || line.text.hasPrefix("\u{200E}")
            || noticeStems.count(where: text.contains) >= 2
    }

    private static let noticeStems = [
        "messages and calls", "not even", "no one outside", "can read", "nachrichten und anrufe", "niemand",
        "messages et appels", "mensajes y llamadas", "mensagens e ligações", "nadie", "ninguém",
        "ni siquiera",
        "nem mesmo", "сообщения и звонки", "никто", "mesajlar", "aramalar",
    ]

    private static let notices = [
        "end-to-end", "ende-zu-ende", "bout en bout", "extremo a extremo", "de ponta a ponta", "сквозн",
        "uçtan uca", "端到端", "엔드", "エンドツーエンド",
    ]

    /// Whether a message says only that something else was sent.
    static func isLeftOut(_ text: String) -> Bool {
        let bare = String(
            String.UnicodeScalarView(text.unicodeScalars.filter { !SpeakerName.isDirectionMark($0) }))
        return bare.hasPrefix("<") && bare.hasSuffix(">") && !bare.dropFirst().contains("<")
            || text.hasPrefix("\u{200E}") && bare.split(separator: " ").count <= 3
    }

    /// What a line of Zoom's chat says about another message.
    enum Remark {
        /// Somebody liked it.
        case reaction
        /// The lines below answer it.
        case reply
    }

    /// Nil for a message.
    static func remark(_ text: String) -> Remark? {
        guard text.contains(where: { "\"“”„«".contains($0) }) else { return nil }
        // `Removed a 👍 reaction from "Yes"`, and not a "Buy" button from a page
        if text.hasPrefix("Removed a ") {
            return [" from \"", " from “"].contains(where: text.contains) ? .reaction : nil
        }
        if reactions.contains(where: text.hasPrefix) { return .reaction }
        return replies.contains(where: text.hasPrefix) ? .reply : nil
    }

    private static let reactions = [
        "Reacted to ", "Reagierte auf ", "A réagi à ", "Reaccionó a ",
    ]
    private static let replies = ["Replying to ", "Antwort auf ", "En réponse à ", "Respondiendo a "]

    private static let brackets: [Character: Character] = ["[": "]", "(": ")", "【": "】"]

    private static func isMark(_ text: some StringProtocol) -> Bool {
        text.utf8.count <= 40 && words.contains(text.collapsed.lowercased())
    }

    private static let words: Set<String> = [
        "chat", "in chat", "in the chat", "via chat", "chat message", "meeting chat", "im chat", "per chat",
        "dans le chat", "en el chat", "no chat", "nella chat", "in de chat", "chatt", "i chatten", "czat",
        "na czacie",
        "sohbet", "чат", "в чате", "в чаті", "聊天", "聊天消息", "チャット", "채팅", "دردشة", "चैट",
    ]

    /// All, or one of them alone, as Zoom calls the addressees in the languages of its users.
    private static let addressees: Set<String> = [
        "everyone", "everybody", "all", "hosts", "panelists", "direct", "privately", "me", "alle", "allen",
        "direktnachricht", "tous", "monde", "todos", "todas", "tutti", "iedereen", "allemaal", "alla",
        "wszyscy", "wszystkich", "всем", "все", "всех", "всіх", "усіх",
    ]

    /// The senders of the lines that a chat might have, or not: one for each line.
    static func doubtfulSenders(_ lines: [String]) -> [String] {
        lines.compactMap { line in
            guard let space = line.prefix(8).firstIndex(of: " "),
                directions[line[..<space].lowercased()] != nil,
                let colon = line.prefix(120).firstIndex(where: { $0 == ":" || $0 == "：" })
            else { return nil }
            return sender(line[..<colon], isSure: true)
        }
    }

    private static let directions: [String: [String]] = [
        "from": ["to"], "von": ["an"], "de": ["à", "a", "para"], "da": ["a"], "van": ["aan", "naar"],
        "från": ["till"],
        "od": ["do"], "от": ["к", "для", "кому"], "від": ["до"],
    ]
}
