import CLanguageData

/// The files of a language that are compiled in.
package enum LanguageFile {
    /// Its file of labels, of which minutes are made; nil if it has none.
    package static func labels(of language: LanguageCode) -> String? {
        cdata_labels(language.rawValue).map { String(cString: $0) }
    }
}
