import Foundation

/// Helpers with which the readers access files and folders; they throw errors that name the path.
enum CorpusFile {
    static func isFolder(_ path: String) throws(CorporaError) -> Bool {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isFolder) else {
            throw CorporaError(.unreadable, "\(path): there is no such file or folder")
        }
        return isFolder.boolValue
    }

    /// The names in a folder, except hidden ones, sorted.
    static func names(in folder: String) throws(CorporaError) -> [String] {
        do {
            return try FileManager.default.contentsOfDirectory(atPath: folder).filter { !$0.hasPrefix(".") }
                .sorted()
        } catch {
            throw CorporaError(.unreadable, "\(folder): cannot be listed: \(error.localizedDescription)")
        }
    }

    static func bytes(_ path: String) throws(CorporaError) -> Data {
        guard let data = FileManager.default.contents(atPath: path) else {
            throw CorporaError(.unreadable, "\(path): cannot be read")
        }
        return data
    }

    static func text(_ path: String) throws(CorporaError) -> String {
        guard let text = String(validating: try bytes(path), as: UTF8.self) else {
            throw CorporaError(.malformed, "\(path): is not UTF-8; save it as UTF-8")
        }
        return text
    }

    /// The name of a file without its extension: `Bed003` for `folder/Bed003.json`.
    static func stem(_ path: String) -> String {
        let name = path.split(separator: "/").last ?? ""
        return String(name.lastIndex(of: ".").map { name[..<$0] } ?? name)
    }

    /// Decodes JSON; the error names `place` and the key that is missing or wrong.
    static func decode<Value: Decodable>(_ type: Value.Type, from data: Data, place: String)
        throws(CorporaError)
        -> Value
    {
        do {
            return try JSONDecoder().decode(type, from: data)
        } catch let error as DecodingError {
            throw CorporaError(.malformed, "\(place): \(reason(error))")
        } catch {
            throw CorporaError(.malformed, "\(place): \(error.localizedDescription)")
        }
    }

    private static func reason(_ error: DecodingError) -> String {
        func path(_ context: DecodingError.Context) -> String {
            context.codingPath.map(\.stringValue).joined(separator: ".")
        }
        switch error {
        case .keyNotFound(let key, let context):
            return
                "the key \"\(key.stringValue)\" is missing\(path(context).isEmpty ? "" : " in \(path(context))")"
        case .typeMismatch(_, let context), .valueNotFound(_, let context):
            return "\(path(context)) has a value of another type than wanted"
        case .dataCorrupted(let context):
            return path(context).isEmpty ? "is not JSON" : "\(path(context)): \(context.debugDescription)"
        @unknown default: return "is not JSON of the wanted kind"
        }
    }
}

extension StringProtocol {
    /// The text without white space at its ends.
    var trimmed: String {
        String(self.drop(while: \.isWhitespace).reversed().drop(while: \.isWhitespace).reversed())
    }

    /// The text with each run of white space replaced by one blank, and none at its ends.
    package var collapsed: String { split(whereSeparator: \.isWhitespace).joined(separator: " ") }
}
