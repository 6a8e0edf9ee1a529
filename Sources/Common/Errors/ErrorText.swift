import Foundation

/// Errors of Foundation and of Swift's decoders in words, since their own descriptions show internal structure.
package enum ErrorText {
    /// What went wrong, for people.
    package static func of(_ error: any Error) -> String {
        switch error {
        case let error as DecodingError: words(for: error)
        case is CocoaError, is POSIXError, is EncodingError: error.localizedDescription
        default: "\(error)"
        }
    }

    /// What is wrong with a document, and where: `layers.3.rank: a number is needed`.
    ///
    /// - Parameter spelling: returns a key as it is spelled in the file.
    package static func words(
        for error: DecodingError, spelling: (String) -> String = { $0 }
    ) -> String {
        func place(_ path: [any CodingKey]) -> String {
            path.isEmpty
                ? ""
                : path.map { $0.intValue.map(String.init) ?? spelling($0.stringValue) }
                    .joined(separator: ".") + ": "
        }
        return switch error {
        case .keyNotFound(let key, let context):
            "\(place(context.codingPath))'\(spelling(key.stringValue))' is missing"
        case .valueNotFound(let type, let context):
            "\(place(context.codingPath))\(noun(type)) is needed, null found"
        case .typeMismatch(let type, let context): "\(place(context.codingPath))\(noun(type)) is needed"
        case .dataCorrupted(let context): place(context.codingPath) + corruption(context)
        @unknown default: "it cannot be read"
        }
    }

    private static func corruption(_ context: DecodingError.Context) -> String {
        context.codingPath.isEmpty ? "it is not valid JSON" : "this value is not possible"
    }

    private static func noun(_ type: Any.Type) -> String {
        switch type {
        case is any BinaryInteger.Type: "a whole number"
        case is any BinaryFloatingPoint.Type: "a number"
        case is String.Type: "a text"
        case is Bool.Type: "true or false"
        case is [Any].Type: "a list"
        default: "\(type)".hasPrefix("Array") ? "a list" : "an object"
        }
    }
}
