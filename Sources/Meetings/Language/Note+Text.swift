import Synchronization

extension Note: CustomStringConvertible {
    /// The note in English, for the journal and the operator.
    package var description: String { text(in: .english) }

    /// The note in a language; in English if there are no labels for it.
    package func text(in language: LanguageCode) -> String {
        // Shown as they are, whatever the language.
        if kind == .written, case .text(let sentence)? = arguments.first { return sentence }
        return NoteWords.of(language).text(of: self)
    }
}

/// The patterns of a language's notes, from its file of labels.
private final class NoteWords: Sendable {
    private let language: LanguageCode
    private let patterns: [Note.Kind: Message]

    private static let all = Mutex<[LanguageCode: NoteWords]>([:])

    /// Those of a language, read at the first call; the English ones if it has no file.
    static func of(_ language: LanguageCode) -> NoteWords {
        all.withLock { all in
            if let known = all[language] { return known }
            let words =
                LanguageFile.labels(of: language) == nil
                ? NoteWords(.english) : NoteWords(language)
            all[language] = words
            return words
        }
    }

    private init(_ language: LanguageCode) {
        self.language = language
        let lines = LanguageFile.lines(of: LanguageFile.labels(of: language) ?? "")
        patterns = Dictionary(
            uniqueKeysWithValues: Note.Kind.allCases.compactMap { kind in
                guard let label = kind.label else { return nil }
                guard let pattern = lines[label], let message = Message(pattern, language: language) else {
                    preconditionFailure("the labels of \(language) lack '\(label)', or it is no pattern")
                }
                return (kind, message)
            })
    }

    func text(of note: Note) -> String {
        let arguments = note.arguments.map { argument -> Message.Argument in
            switch argument {
            case .text(let text): .text(text)
            case .number(let number): .number(number)
            case .note(let note): .text(note.text(in: language))
            }
        }
        return patterns[note.kind]?.filled(arguments) ?? ""
    }
}

extension Note.Kind {
    /// The label that says it; nil for what is shown as it stands.
    package var label: String? {
        switch self {
        case .written: nil
        // As any label with what belongs to it.
        case .ofSource: "labelled"
        default: rawValue
        }
    }
}
