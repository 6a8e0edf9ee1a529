import CLanguageData

/// The files of a language that are compiled in.
package enum LanguageFile {
    /// Its file of labels, of which minutes are made; nil if it has none.
    package static func labels(of language: LanguageCode) -> String? {
        cdata_labels(language.rawValue).map { String(cString: $0) }
    }

    /// The patterns of a file of labels, by their keys.
    package static func lines(of text: String) -> [String: String] {
        var lines: [String: String] = [:]
        var last: String?
        for line in text.split(separator: "\n") where !line.hasPrefix("#") {
            // Blanks alone are no part of it: French quotation marks have a no-break space inside.
            if line.hasPrefix("  "), let last {
                lines[last]?.append(" " + line.drop { $0 == " " })
            } else if let equals = line.firstRange(of: " = ") {
                let key = String(line[..<equals.lowerBound])
                lines[key] = String(line[equals.upperBound...])
                last = key
            }
        }
        return lines
    }
}
