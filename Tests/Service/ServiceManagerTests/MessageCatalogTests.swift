import Foundation
import ServiceManager
import TestSupport
import Testing

/// The table of identifiers, the catalog for journalctl, and what the sources log belong together.
@Suite struct MessageCatalogTests {
    private let root = Repository.root

    /// The texts of `systemd/minuted.catalog` by their identifiers.
    private func catalog() throws -> [String: Substring] {
        let text = try String(contentsOf: root.appending(path: "systemd/minuted.catalog"), encoding: .utf8)
        let entries = text.split(separator: "\n-- ").dropFirst().map { entry in
            (String(entry.prefix(32)), entry.dropFirst(32))
        }
        return try #require(
            entries.count == Set(entries.map(\.0)).count ? Dictionary(uniqueKeysWithValues: entries) : nil,
            "an identifier stands there twice")
    }

    /// All sources of the daemon's half that logs, in one.
    private func sources() throws -> String {
        try [
            "Service/Intake", "Service/Pipeline", "Service/LanguageModels", "Service/Control",
            "Service/Daemon",
            "Programs/minuted",
        ].flatMap { target in
            let folder = root.appending(path: "Sources/\(target)")
            let files = try #require(
                FileManager.default.enumerator(at: folder, includingPropertiesForKeys: nil))
            return try files.compactMap { $0 as? URL }.filter { $0.pathExtension == "swift" }
                .map { try String(contentsOf: $0, encoding: .utf8) }
        }.joined()
            // What the log says of itself.
            + String(
                contentsOf: root.appending(path: "Sources/Service/ServiceManager/LogDestination.swift"),
                encoding: .utf8)
    }

    @Test func everyIdentifierIsExplainedOnceAndNoOther() throws {
        let identifiers = MessageCatalog.identifiers.values
        #expect(Set(identifiers).count == identifiers.count)
        #expect(try Set(catalog().keys) == Set(identifiers))
        for (identifier, text) in try catalog() {
            #expect(identifier.allSatisfy { $0.isHexDigit && !$0.isUppercase })
            #expect(text.contains("\nSubject: ") && text.contains("\nDefined-By: minuted\n"))
        }
    }

    @Test func everyExplainedMessageIsLogged() throws {
        let sources = try sources()
        for message in MessageCatalog.identifiers.keys {
            #expect(sources.contains("\"\(message)\""), "nobody logs '\(message)'")
        }
    }

    /// A warning that nobody explains leaves its reader alone.
    @Test func everyWarningIsExplained() throws {
        let sources = try sources()
        let calls = sources.matches(of: /logger\.(?:warning|error|critical)\(\s*"([^"]*)"/)
        #expect(calls.count > 20)
        for call in calls {
            let message = String(call.output.1)
            guard !Self.unexplained.contains(message) else { continue }
            #expect(MessageCatalog.identifier(of: message) != nil, "no explanation of '\(message)'")
        }
    }

    /// They say it all themselves.
    private static let unexplained: Set = [
        "cannot tell which minutes are missing", "cannot look for idle meetings",
        "files whose names are not UTF-8 are passed over", "the spool folder was moved or deleted",
        // Asked for by a test alone.
        "will kill itself",
    ]

    /// Only fields that some record has are put into the explanations.
    @Test func explanationsUseFieldsThatAreLogged() throws {
        let sources = try sources()
        let errors: Set = ["ERROR"]
        for text in try catalog().values {
            for field in text.matches(of: /@MINUTED_([A-Z_]+)@/).map({ String($0.output.1) })
            where !errors.contains(field) {
                let words = field.split(separator: "_").map { $0.lowercased() }
                let key = words[0] + words.dropFirst().map(\.capitalized).joined()
                let isLogged = [key, key.replacing("Id", with: "ID")].contains {
                    sources.contains("\"\($0)\":") || sources.contains("[\"\($0)\"]")
                        || sources.contains("metadataKey: \"\($0)\"")
                }
                #expect(isLogged, "no record has \(field)")
            }
        }
    }
}
