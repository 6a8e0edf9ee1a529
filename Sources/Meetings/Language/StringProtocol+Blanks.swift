extension StringProtocol {
    /// Without blanks at both ends, the first letter in upper case.
    package var asSentenceBeginning: String {
        let text = trimmingBlanks
        return text.prefix(1).uppercased() + text.dropFirst()
    }

    /// Without blanks and line feeds at both ends.
    package var trimmingBlanks: String {
        var rest = self[...]
        while rest.first?.isWhitespace == true { rest = rest.dropFirst() }
        while rest.last?.isWhitespace == true { rest = rest.dropLast() }
        return String(rest)
    }
}
